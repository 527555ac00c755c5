"""The official Python client: typed reads and writes, watches, paging, errors."""

import threading

import kubernetes
import pytest
from kubernetes.client.exceptions import ApiException

pytestmark = pytest.mark.integration


@pytest.fixture(scope="session")
def core(control_plane):
    client = kubernetes.config.new_client_from_config(str(control_plane.kubeconfig))
    yield kubernetes.client.CoreV1Api(client)
    client.close()


def config_map(name: str, **labels: str) -> kubernetes.client.V1ConfigMap:
    meta = kubernetes.client.V1ObjectMeta(name=name, labels=labels or None)
    return kubernetes.client.V1ConfigMap(metadata=meta, data={"a": "b"})


def test_objects_round_trip(core, namespace):
    made = core.create_namespaced_config_map(namespace, config_map("x"))
    read = core.read_namespaced_config_map("x", namespace)
    assert read.to_dict() == made.to_dict()
    assert read.metadata.uid


def test_errors_carry_the_status(core, namespace):
    with pytest.raises(ApiException) as missing:
        core.read_namespaced_config_map("none", namespace)
    assert missing.value.status == 404
    assert '"reason":"NotFound"' in missing.value.body
    core.create_namespaced_config_map(namespace, config_map("x"))
    with pytest.raises(ApiException) as again:
        core.create_namespaced_config_map(namespace, config_map("x"))
    assert again.value.status == 409
    assert '"reason":"AlreadyExists"' in again.value.body


def test_pages_show_one_snapshot(core, namespace):
    for number in range(5):
        core.create_namespaced_config_map(namespace, config_map(f"c{number}"))
    first = core.list_namespaced_config_map(namespace, limit=2)
    assert [item.metadata.name for item in first.items] == ["c0", "c1"]
    assert first.metadata.remaining_item_count == 3
    core.delete_namespaced_config_map("c3", namespace)
    core.create_namespaced_config_map(namespace, config_map("c9"))
    second = core.list_namespaced_config_map(namespace, limit=9, _continue=first.metadata._continue)
    assert [item.metadata.name for item in second.items] == ["c2", "c3", "c4"]
    assert second.metadata.resource_version == first.metadata.resource_version


def test_a_watch_from_a_version_sees_every_later_event_once(core, namespace):
    start = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.create_namespaced_config_map(namespace, config_map("x"))
    seen: list[tuple[str, str]] = []

    def follow() -> None:
        watch = kubernetes.watch.Watch()
        stream = watch.stream(core.list_namespaced_config_map, namespace, resource_version=start, timeout_seconds=20)
        for event in stream:
            seen.append((event["type"], event["object"].metadata.name))
            if event["type"] == "DELETED":
                watch.stop()

    thread = threading.Thread(target=follow)
    thread.start()
    core.patch_namespaced_config_map("x", namespace, {"data": {"a": "c"}})
    core.delete_namespaced_config_map("x", namespace)
    thread.join(30)
    assert seen == [("ADDED", "x"), ("MODIFIED", "x"), ("DELETED", "x")]


def test_leaving_a_selector_is_a_deletion_and_entering_it_an_addition(core, namespace):
    core.create_namespaced_config_map(namespace, config_map("x"))
    start = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.patch_namespaced_config_map("x", namespace, {"metadata": {"labels": {"pick": "me"}}})
    core.patch_namespaced_config_map("x", namespace, {"data": {"a": "c"}})
    core.patch_namespaced_config_map("x", namespace, {"metadata": {"labels": {"pick": None}}})
    watch = kubernetes.watch.Watch()
    stream = watch.stream(
        core.list_namespaced_config_map,
        namespace,
        resource_version=start,
        label_selector="pick=me",
        timeout_seconds=1,
    )
    assert [event["type"] for event in stream] == ["ADDED", "MODIFIED", "DELETED"]


def test_generated_names_are_unique(core, namespace):
    body = kubernetes.client.V1ConfigMap(metadata=kubernetes.client.V1ObjectMeta(generate_name="made-"))
    names = {core.create_namespaced_config_map(namespace, body).metadata.name for _ in range(5)}
    assert len(names) == 5
    assert all(name.startswith("made-") and len(name) == 10 for name in names)


def test_delete_collection_takes_what_is_selected(core, namespace):
    core.create_namespaced_config_map(namespace, config_map("a", pick="me"))
    core.create_namespaced_config_map(namespace, config_map("b"))
    core.delete_collection_namespaced_config_map(namespace, label_selector="pick=me")
    assert [item.metadata.name for item in core.list_namespaced_config_map(namespace).items] == ["b"]
