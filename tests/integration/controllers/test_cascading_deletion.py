import pytest

from kajitori.api import schema
from kajitori.api.apps.v1 import Deployment, ReplicaSet
from kajitori.api.core.v1 import ConfigMap, Namespace, Pod
from kajitori.machinery.errors import NotFound

pytestmark = pytest.mark.integration


async def _is_gone(s, kind, name, namespace=None) -> bool:
    try:
        await s.client.get(kind, name, namespace)
    except NotFound:
        return True
    return False


@pytest.mark.parametrize("policy", ["Background", "Foreground"])
def test_deleting_a_deployment_takes_everything_below_it(play, policy) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("cascade")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 3)
            await s.rolled_out(ns, "web")
        order = []
        for kind in (Deployment, ReplicaSet, Pod):
            name = kind.KIND
            s.manager.context.informers.of(kind).add_handler(on_delete=lambda o, name=name: order.append(name))
        await s.client.delete(Deployment, "web", ns, propagation_policy=policy)

        async def empty():
            return not [*(await s.pods(ns)), *(await s.replicasets(ns)), *(await s.client.list(Deployment, ns))]

        await s.until(empty)
        if policy == "Foreground":

            async def all_heard():
                return len(order) == 5

            await s.until(all_heard)
            assert order == ["Pod", "Pod", "Pod", "ReplicaSet", "Deployment"]

    play(scenario)


def test_an_object_whose_owner_never_was_is_deleted_and_one_with_another_owner_is_not(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("adrift")

        def config_map(name, *uids):
            refs = [{"apiVersion": "v1", "kind": "ConfigMap", "name": n, "uid": uid} for n, uid in uids]
            return schema.from_wire(ConfigMap, {"metadata": {"name": name, "namespace": ns, "ownerReferences": refs}})

        owner = await s.client.create(config_map("owner"))
        nobody = ("nobody", "11111111-1111-1111-1111-111111111111")
        await s.client.create(config_map("kept", nobody, ("owner", owner.metadata.uid)))
        await s.client.create(config_map("lost", nobody))

        async def settled():
            kept = await s.client.get(ConfigMap, "kept", ns)
            return await _is_gone(s, ConfigMap, "lost", ns) and len(kept.metadata.owner_references) == 1

        await s.until(settled)
        await s.client.delete(ConfigMap, "owner", ns)

        async def gone():
            return await _is_gone(s, ConfigMap, "kept", ns)

        await s.until(gone)

    play(scenario)


def test_a_deleted_namespace_is_emptied_and_goes(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("doomed")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 2)
            await s.rolled_out(ns, "web")
        await s.client.delete(Namespace, ns)

        async def gone():
            return await _is_gone(s, Namespace, ns)

        await s.until(gone)
        assert not await s.pods(ns)

    play(scenario)


def test_what_holds_a_namespace_is_told_in_its_conditions(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("held")
        wire = {"metadata": {"name": "c", "namespace": ns, "finalizers": ["example.com/hold"]}}
        await s.client.create(schema.from_wire(ConfigMap, wire))
        await s.client.delete(Namespace, ns)

        async def told():
            namespace = await s.client.get(Namespace, ns)
            found = {c.type: c.message for c in namespace.status.conditions if c.status == "True"}
            return len(found) == 2 and found

        found = await s.until(told)
        assert found == {
            "NamespaceContentRemaining": "Some resources are remaining: configmaps. has 1 resource instances",
            "NamespaceFinalizersRemaining": (
                "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"
            ),
        }
        await s.client.patch(ConfigMap, "c", {"metadata": {"finalizers": None}}, namespace=ns, patch_type="merge")

        async def gone():
            return await _is_gone(s, Namespace, ns)

        await s.until(gone)

    play(scenario)


def test_pods_leave_a_namespace_before_anything_else_does(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("order")
        await s.client.create(schema.from_wire(ConfigMap, {"metadata": {"name": "needed", "namespace": ns}}))
        metadata = {"name": "slow", "namespace": ns, "finalizers": ["example.com/hold"]}
        spec = {"containers": [{"name": "c", "image": "i"}]}
        await s.client.create(schema.from_wire(Pod, {"metadata": metadata, "spec": spec}))
        await s.client.delete(Namespace, ns)

        async def told():
            namespace = await s.client.get(Namespace, ns)
            messages = [c.message for c in namespace.status.conditions if c.type == "NamespaceContentRemaining"]
            return messages == ["Some resources are remaining: pods. has 1 resource instances"]

        await s.until(told)
        assert (await s.client.get(ConfigMap, "needed", ns)).metadata.deletion_timestamp is None
        await s.client.patch(Pod, "slow", {"metadata": {"finalizers": None}}, namespace=ns, patch_type="merge")

        async def gone():
            return await _is_gone(s, Namespace, ns)

        await s.until(gone)

    play(scenario)


def test_aggregated_cluster_roles_hold_the_rules_of_their_parts(play) -> None:
    async def scenario(s) -> None:
        from kajitori.api.rbac.v1 import ClusterRole

        async def filled():
            return (await s.client.get(ClusterRole, "view")).rules

        await s.until(filled)
        rule = {"apiGroups": ["example.com"], "resources": ["crumbs"], "verbs": ["get"]}
        labels = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
        wire = {"metadata": {"name": "crumbs", "labels": labels}, "rules": [rule]}
        await s.client.create(schema.from_wire(ClusterRole, wire))

        async def includes(wanted=True):
            rules = (await s.client.get(ClusterRole, "view")).rules
            return any(r.resources == ["crumbs"] for r in rules) is wanted

        await s.until(includes)
        await s.client.delete(ClusterRole, "crumbs")
        await s.until(lambda: includes(False))

    play(scenario)


def test_default_service_account_and_root_ca_come_back(play) -> None:
    async def scenario(s) -> None:
        from kajitori.api.core.v1 import ServiceAccount

        ns = await s.namespace("born")

        async def published():
            try:
                return (await s.client.get(ConfigMap, "kube-root-ca.crt", ns)).data == {"ca.crt": "-----CA-----\n"}
            except NotFound:
                return False

        await s.until(published)
        await s.client.delete(ServiceAccount, "default", ns)
        await s.client.patch(ConfigMap, "kube-root-ca.crt", {"data": {"ca.crt": "forged"}}, namespace=ns)
        await s.until(published)

        async def back():
            return not await _is_gone(s, ServiceAccount, "default", ns)

        await s.until(back)

    play(scenario)
