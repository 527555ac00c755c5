import pytest

from kajitori.api import schema
from kajitori.api.apps.v1 import Deployment, ReplicaSet
from kajitori.api.core.v1 import Pod, ReplicationController

pytestmark = pytest.mark.integration


def test_a_deployment_becomes_pods_and_its_status_and_events_say_so(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("one")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 3)
            d = await s.rolled_out(ns, "web")
        (rs,) = await s.replicasets(ns)
        assert rs.metadata.name == f"web-{rs.metadata.labels['pod-template-hash']}"
        assert rs.metadata.annotations["deployment.kubernetes.io/revision"] == "1"
        assert d.metadata.annotations["deployment.kubernetes.io/revision"] == "1"
        pods = await s.pods(ns)
        assert {pod.metadata.owner_references[0].uid for pod in pods} == {rs.metadata.uid}
        assert all(pod.metadata.name.startswith(f"{rs.metadata.name}-") for pod in pods)

        async def told():
            return await s.events(ns, "ScalingReplicaSet"), await s.events(ns, "SuccessfulCreate")

        async def all_told():
            scaling, created = await told()
            return len(scaling) == 1 and len(created) == 3

        await s.until(all_told)
        scaling, created = await told()
        assert scaling == [f"Scaled up replica set {rs.metadata.name} from 0 to 3"]
        assert sorted(created) == sorted(f"Created pod: {pod.metadata.name}" for pod in pods)

        async def settled():
            d = await s.client.get(Deployment, "web", ns)
            return {c.type: (c.status, c.reason, c.message) for c in d.status.conditions} == {
                "Available": ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
                "Progressing": (
                    "True",
                    "NewReplicaSetAvailable",
                    f'ReplicaSet "{rs.metadata.name}" has successfully progressed.',
                ),
            }

        await s.until(settled)

    play(scenario)


def test_a_settled_deployment_is_left_alone(play) -> None:
    """No write is repeated: a controller that wakes itself would burn the processor of an idle cluster."""

    async def scenario(s) -> None:
        ns = await s.namespace("calm")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 2)
            await s.rolled_out(ns, "web")

        async def versions():
            objects = [*(await s.replicasets(ns)), await s.client.get(Deployment, "web", ns), *(await s.pods(ns))]
            return {o.metadata.uid: o.metadata.resource_version for o in objects}

        async def stable():
            before = await versions()
            await s.manager.context.clock.sleep(0.3)
            return before == await versions()

        await s.until(stable)

        def adds():
            return {c.name: c.queue.adds_total for c in s.manager.controllers}

        async def quiet():  # what the roll-out set in motion ends; a controller that wakes itself never does
            before = adds()
            await s.manager.context.clock.sleep(0.5)
            return before == adds()

        await s.until(quiet)

    play(scenario)


def test_a_new_template_rolls_and_undoing_rolls_back_to_the_old_set(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("roll")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 4)
            await s.rolled_out(ns, "web")
            (first,) = await s.replicasets(ns)
            await s.set_image(ns, "web", "v2")
            await s.rolled_out(ns, "web")
            sets = {rs.metadata.name: rs for rs in await s.replicasets(ns)}
            assert len(sets) == 2
            assert sets[first.metadata.name].spec.replicas == 0
            await s.set_image(ns, "web", "v1")  # what `kubectl rollout undo` does
            d = await s.rolled_out(ns, "web")
        again = {rs.metadata.name: rs for rs in await s.replicasets(ns)}
        assert again.keys() == sets.keys()
        assert again[first.metadata.name].spec.replicas == 4
        assert again[first.metadata.name].metadata.annotations["deployment.kubernetes.io/revision"] == "3"
        assert again[first.metadata.name].metadata.annotations["deployment.kubernetes.io/revision-history"] == "1"
        assert d.metadata.annotations["deployment.kubernetes.io/revision"] == "3"

    play(scenario)


def test_a_rollout_never_asks_for_more_than_its_surge_nor_undercuts_its_minimum(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("bounds")
        asked, readies = [], []
        async with s.straw_kubelet(ns):
            rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}
            await s.deploy(ns, "web", 5, strategy=rolling)
            await s.rolled_out(ns, "web")
            pods = s.manager.context.informers.of(Pod)
            sets = s.manager.context.informers.of(ReplicaSet)

            def look(*_) -> None:
                mine = [p for p in pods.lister.in_namespace(ns) if p.metadata.deletion_timestamp is None]
                asked.append(sum(rs.spec.replicas for rs in sets.lister.in_namespace(ns)))
                readies.append(sum(p.status.phase == "Running" for p in mine))

            handlers = [pods.add_handler(look, look, look), sets.add_handler(look, look, look)]
            await s.set_image(ns, "web", "v2")
            await s.rolled_out(ns, "web")
            pods.remove_handler(handlers[0])
            sets.remove_handler(handlers[1])
        assert max(asked) == 6
        assert min(readies) >= 4

    play(scenario)


def test_a_broken_image_stops_the_rollout_with_the_old_pods_serving(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("broken")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 4, progressDeadlineSeconds=1)
            await s.rolled_out(ns, "web")
        await s.set_image(ns, "web", "nope")

        async def stuck():
            d = await s.client.get(Deployment, "web", ns)
            found = [c for c in d.status.conditions if c.type == "Progressing"]
            return found and found[0].reason == "ProgressDeadlineExceeded" and d

        d = await s.until(stuck)
        (progressing,) = [c for c in d.status.conditions if c.type == "Progressing"]
        assert progressing.status == "False"
        assert progressing.message.endswith("has timed out progressing.")
        assert (d.status.available_replicas, d.status.updated_replicas, d.status.replicas) == (3, 2, 5)

    play(scenario)


def test_scaling_up_and_down(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("scale")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 1)
            await s.rolled_out(ns, "web")
            for size in (4, 2, 0, 1):
                await s.client.patch(Deployment, "web", {"spec": {"replicas": size}}, namespace=ns)
                await s.rolled_out(ns, "web")

                async def as_many(size=size):
                    return len(await s.pods(ns)) == size

                await s.until(as_many)
        (rs,) = await s.replicasets(ns)
        assert rs.metadata.annotations["deployment.kubernetes.io/desired-replicas"] == "1"
        told = await s.events(ns, "ScalingReplicaSet")
        assert f"Scaled down replica set {rs.metadata.name} from 4 to 2" in told

    play(scenario)


def test_recreate_takes_all_old_pods_away_before_it_makes_new_ones(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("recreate")
        images = set()
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 2, strategy={"type": "Recreate"})
            await s.rolled_out(ns, "web")
            pods = s.manager.context.informers.of(Pod)

            def look(*_) -> None:
                found = {p.spec.containers[0].image for p in pods.lister.in_namespace(ns)}
                images.add(frozenset(found))

            handler = pods.add_handler(look, look, look)
            await s.set_image(ns, "web", "v2")
            await s.rolled_out(ns, "web")
            pods.remove_handler(handler)
        assert frozenset({"v1", "v2"}) not in images
        assert frozenset({"v2"}) in images

    play(scenario)


def test_a_paused_deployment_does_not_roll_but_scales(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("pause")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 1)
            await s.rolled_out(ns, "web")
            await s.client.patch(Deployment, "web", {"spec": {"paused": True}}, namespace=ns)
            await s.set_image(ns, "web", "v2")
            await s.client.patch(Deployment, "web", {"spec": {"replicas": 2}}, namespace=ns)

            async def scaled():
                return [rs.spec.replicas for rs in await s.replicasets(ns)] == [2]

            await s.until(scaled)
            await s.client.patch(Deployment, "web", {"spec": {"paused": False}}, namespace=ns)
            await s.rolled_out(ns, "web")
        assert len(await s.replicasets(ns)) == 2

    play(scenario)


def test_old_replicasets_beyond_the_history_limit_are_deleted(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("history")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 1, revisionHistoryLimit=1)
            for image in ("v2", "v3", "v4"):
                await s.rolled_out(ns, "web")
                await s.set_image(ns, "web", image)
            await s.rolled_out(ns, "web")

            async def few():
                return len(await s.replicasets(ns)) == 2

            await s.until(few)

    play(scenario)


def test_a_deleted_pod_is_replaced_and_an_orphan_is_adopted(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("replace")
        async with s.straw_kubelet(ns):
            await s.deploy(ns, "web", 2)
            await s.rolled_out(ns, "web")
            victim, other = await s.pods(ns)
            await s.client.delete(Pod, victim.metadata.name, ns, grace_period_s=0)

            async def replaced():
                names = {pod.metadata.name for pod in await s.pods(ns)}
                return len(names) == 2 and victim.metadata.name not in names

            await s.until(replaced)
            patch = {"metadata": {"labels": {"app": "quarantine", "pod-template-hash": None}}}
            await s.client.patch(Pod, other.metadata.name, patch, namespace=ns)

            async def released():
                pods = {pod.metadata.name: pod for pod in await s.pods(ns)}
                return len(pods) == 3 and not pods[other.metadata.name].metadata.owner_references

            await s.until(released)
            await s.client.delete(Deployment, "web", ns, propagation_policy="Orphan")

            async def orphaned():
                sets = await s.replicasets(ns)
                return sets and not any(rs.metadata.owner_references for rs in sets)

            await s.until(orphaned)
            (rs,) = await s.replicasets(ns)
            await s.deploy(ns, "web", 2)
            d = await s.rolled_out(ns, "web")
        (adopted,) = await s.client.list(ReplicaSet, ns)
        assert adopted.metadata.uid == rs.metadata.uid
        assert adopted.metadata.owner_references[0].uid == d.metadata.uid

    play(scenario)


def test_a_replication_controller_keeps_its_pods_alive_adopts_releases_and_shrinks(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("rc")
        labels = {"app": "old"}
        containers = [{"name": "c", "image": "i"}]
        orphan = {"metadata": {"name": "orphan", "labels": labels}, "spec": {"containers": containers}}
        await s.client.create(schema.from_wire(Pod, orphan), namespace=ns)
        template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
        wire = {"metadata": {"name": "old"}, "spec": {"replicas": 3, "selector": labels, "template": template}}
        made = await s.client.create(schema.from_wire(ReplicationController, wire), namespace=ns)

        async def owned() -> list[Pod]:
            pods = await s.pods(ns)
            return [p for p in pods if any(ref.uid == made.metadata.uid for ref in p.metadata.owner_references)]

        async def ready(count: int) -> bool:
            status = (await s.client.get(ReplicationController, "old", ns)).status
            return (status.replicas, status.ready_replicas or 0, len(await owned())) == (count, count, count)

        async with s.straw_kubelet(ns):
            await s.until(lambda: ready(3))
            assert "orphan" in {pod.metadata.name for pod in await owned()}
            await s.client.patch(Pod, "orphan", {"metadata": {"labels": {"app": "free"}}}, namespace=ns)

            async def replaced() -> bool:
                return len(await owned()) == 3 and "orphan" not in {pod.metadata.name for pod in await owned()}

            await s.until(replaced)
            await s.client.patch(ReplicationController, "old", {"spec": {"replicas": 1}}, namespace=ns)
            await s.until(lambda: ready(1))

    play(scenario)
