import pytest

from kajitori.api import schema
from kajitori.api.core.v1 import Endpoints, Service
from kajitori.api.discovery.v1 import EndpointSlice
from kajitori.machinery.errors import NotFound

pytestmark = pytest.mark.integration


def _service(ns, name, **spec):
    wire = {"metadata": {"name": name, "namespace": ns, "labels": {"team": "a"}}, "spec": spec}
    return schema.from_wire(Service, wire)


def test_a_service_gets_endpoints_and_a_slice_that_follow_readiness(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("svc")
        await s.deploy(ns, "web", 2)
        ports = [{"name": "http", "port": 80, "targetPort": 8080}]
        await s.client.create(_service(ns, "web", selector={"app": "web"}, ports=ports))

        async def two():
            return len(await s.pods(ns)) == 2

        await s.until(two)
        one, other = await s.pods(ns)
        await s.say_ready(one, "10.244.0.1")
        await s.say_ready(other, "10.244.0.2", ready="False")

        async def published():
            slices = (await s.client.list(EndpointSlice, ns)).items
            return len(slices) == 1 and len(slices[0].endpoints) == 2 and slices[0]

        item = await s.until(published)
        assert item.metadata.labels["kubernetes.io/service-name"] == "web"
        assert item.metadata.labels["endpointslice.kubernetes.io/managed-by"] == "endpointslice-controller.k8s.io"
        assert (item.ports[0].name, item.ports[0].port, item.ports[0].protocol) == ("http", 8080, "TCP")
        by_ip = {e.addresses[0]: e for e in item.endpoints}
        assert (by_ip["10.244.0.1"].conditions.ready, by_ip["10.244.0.2"].conditions.ready) == (True, False)
        assert by_ip["10.244.0.1"].target_ref.name == one.metadata.name

        async def older():
            try:
                found = await s.client.get(Endpoints, "web", ns)
            except NotFound:
                return False
            return found.subsets and found.subsets[0].not_ready_addresses and found

        endpoints = await s.until(older)
        (subset,) = endpoints.subsets
        assert [a.ip for a in subset.addresses] == ["10.244.0.1"]
        assert [a.ip for a in subset.not_ready_addresses] == ["10.244.0.2"]
        await s.say_ready(other, "10.244.0.2")

        async def both():
            (item,) = (await s.client.list(EndpointSlice, ns)).items
            return all(e.conditions.ready for e in item.endpoints)

        await s.until(both)
        await s.client.delete(Service, "web", ns)

        async def gone():
            left = [*(await s.client.list(EndpointSlice, ns)), *(await s.client.list(Endpoints, ns))]
            return not left

        await s.until(gone)

    play(scenario)


def test_a_service_without_pods_has_one_empty_slice(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("lonely")
        await s.client.create(_service(ns, "web", selector={"app": "none"}, ports=[{"port": 80}]))

        async def empty():
            slices = (await s.client.list(EndpointSlice, ns)).items
            return len(slices) == 1 and not slices[0].endpoints

        await s.until(empty)

    play(scenario)


def test_endpoints_written_by_hand_are_mirrored(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("manual")
        await s.client.create(_service(ns, "db", ports=[{"port": 5432}]))
        wire = {
            "metadata": {"name": "db", "namespace": ns},
            "subsets": [{"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 5432}]}],
        }
        made = await s.client.create(schema.from_wire(Endpoints, wire))

        async def mirrored():
            slices = (await s.client.list(EndpointSlice, ns)).items
            return len(slices) == 1 and slices[0]

        item = await s.until(mirrored)
        assert item.metadata.labels["endpointslice.kubernetes.io/managed-by"] == (
            "endpointslicemirroring-controller.k8s.io"
        )
        assert item.endpoints[0].addresses == ["192.0.2.1"]
        assert item.metadata.owner_references[0].uid == made.metadata.uid
        await s.client.delete(Endpoints, "db", ns)

        async def gone():
            return not (await s.client.list(EndpointSlice, ns)).items

        await s.until(gone)

    play(scenario)
