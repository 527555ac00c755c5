"""Versions converted by a webhook."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.apiserver.customresources.conversionserver import Webhook

from .conftest import instance

pytestmark = pytest.mark.integration
Object = dict[str, Any]


def convert(obj: Object, wanted: str) -> Object:
    """v1 has `spec.host` as "name:port"; v2 has `spec.name` and `spec.port`."""
    spec = dict(obj.get("spec") or {})
    if wanted == "example.com/v2" and "host" in spec:
        name, _, port = spec.pop("host").partition(":")
        spec |= {"name": name, "port": port}
    elif wanted == "example.com/v1" and "name" in spec:
        spec["host"] = f"{spec.pop('name')}:{spec.pop('port', '')}"
    return {**obj, "apiVersion": wanted, "spec": spec}


@pytest.fixture
def webhook(tmp_path: Path) -> Iterator[Webhook]:
    made = Webhook(tmp_path, convert)
    yield made
    made.close()


def schema(**fields: str) -> Object:
    properties = {name: {"type": kind} for name, kind in fields.items()}
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}


@pytest.fixture
def hosts(crd: Any, webhook: Webhook) -> Object:
    versions = [
        {"name": "v1", "schema": schema(host="string"), "subresources": {"status": {}}},
        {"name": "v2", "schema": schema(name="string", port="string"), "subresources": {"status": {}}},
    ]
    conversion = {
        "strategy": "Webhook",
        "webhook": {
            "conversionReviewVersions": ["v1"],
            "clientConfig": {"url": webhook.url, "caBundle": webhook.ca_bundle},
        },
    }
    return crd("hosts", "Host", versions, conversion=conversion)


V1, V2 = "hosts.v1.example.com", "hosts.v2.example.com"


def test_an_object_is_read_and_written_in_either_version(kubectl, hosts, webhook):
    kubectl.ok("create", "-f", "-", stdin=instance("Host", "one", spec={"host": "a:80"}))
    assert webhook.asked == []
    found = kubectl.json("get", V2, "one")
    assert (found["apiVersion"], found["spec"]) == ("example.com/v2", {"name": "a", "port": "80"})
    kubectl.ok("create", "-f", "-", stdin=instance("Host", "two", "v2", spec={"name": "b", "port": "81"}))
    assert kubectl.json("get", V1, "two")["spec"] == {"host": "b:81"}
    kubectl.ok("patch", V2, "one", "--type=merge", "-p", '{"spec":{"port":"99"}}')
    assert kubectl.json("get", V1, "one")["spec"] == {"host": "a:99"}
    specs = [item["spec"] for item in kubectl.json("get", V2)["items"]]
    assert specs == [{"name": "a", "port": "99"}, {"name": "b", "port": "81"}]


def forgetful(obj: Object, wanted: str) -> Object:
    """Ports are lost on the way to v1; v2 has a label more."""
    if wanted == "example.com/v1":
        return convert({**obj, "spec": {**obj["spec"], "port": ""}}, wanted)
    metadata = {**obj["metadata"], "labels": {"by": "webhook"}}
    return {**convert(obj, wanted), "metadata": metadata}


def test_a_write_is_answered_as_the_webhook_converts_it_back(kubectl, hosts, webhook):
    webhook.answer = forgetful
    sent = instance("Host", "one", "v2", spec={"name": "b", "port": "81"})

    def answer(*arguments, stdin=None):
        webhook.asked.clear()
        found = json.loads(kubectl.ok(*arguments, "-o", "json", stdin=stdin))
        return found["spec"], found["metadata"]["labels"], [r["desiredAPIVersion"][-2:] for r in webhook.asked]

    kept = {"name": "b", "port": ""}, {"by": "webhook"}
    assert answer("create", "-f", "-", "--dry-run=server", stdin=sent) == (*kept, ["v1", "v2"])
    assert answer("create", "-f", "-", stdin=sent) == (*kept, ["v1", "v2"])
    assert answer("get", V2, "one") == (*kept, [])  # what was converted back is remembered
    patch = "--type=merge", "-p", '{"spec":{"port":"82"}}'
    assert answer("patch", V2, "one", *patch, "--dry-run=server") == (*kept, ["v1", "v2"])
    assert answer("patch", V2, "one", *patch)[:2] == kept
    before = kubectl.json("get", V2, "one")["metadata"]["resourceVersion"]
    assert answer("patch", V2, "one", *patch, "--subresource=status")[:2] == kept
    assert kubectl.json("get", V2, "one")["metadata"]["resourceVersion"] == before  # nothing of it is stored
    assert answer("apply", "-f", "-", "--server-side", "--force-conflicts", stdin=sent)[:2] == kept


def test_a_write_that_cannot_be_converted_back_fails_though_it_is_stored(kubectl, hosts, webhook):
    webhook.answer = lambda obj, wanted: {**convert(obj, wanted), **({"kind": "X"} if wanted.endswith("v2") else {})}
    sent = instance("Host", "one", "v2", spec={"name": "b", "port": "81"})
    assert "invalid kind (expected Host, received X)" in kubectl.fails("create", "-f", "-", stdin=sent)
    assert kubectl.json("get", V1, "one")["spec"] == {"host": "b:81"}


def test_objects_deleted_in_a_collection_are_shown_in_the_version_that_was_asked(kubectl, hosts):
    kubectl.ok("create", "-f", "-", stdin=instance("Host", "one", spec={"host": "a:80"}))
    path = "/apis/example.com/v2/namespaces/default/hosts"
    (gone,) = json.loads(kubectl.ok("delete", "--raw", path))["items"]
    assert (gone["apiVersion"], gone["spec"]) == ("example.com/v2", {"name": "a", "port": "80"})


def test_the_webhook_may_be_a_service(kubectl, hosts, webhook):
    service = {"namespace": "default", "name": "hook", "path": "/convert", "port": webhook.port}
    config = {"service": service, "caBundle": webhook.ca_bundle}
    hosts["spec"]["conversion"]["webhook"]["clientConfig"] = config
    kubectl.ok("apply", "-f", "-", stdin=hosts)
    kubectl.ok("create", "-f", "-", stdin=instance("Host", "one", spec={"host": "a:80"}))
    error = kubectl.fails("get", V2, "one")
    where = f"https://hook.default.svc:{webhook.port}/convert?timeout=30s"
    assert (
        f'conversion webhook for example.com/v1, Kind=Host failed: Post "{where}": services "hook" not found' in error
    )
    kubectl.ok("create", "service", "externalname", "hook", "--external-name=localhost", "-n", "default")
    try:
        assert kubectl.json("get", V2, "one")["spec"] == {"name": "a", "port": "80"}
    finally:
        kubectl.ok("delete", "service", "hook", "-n", "default")


def test_a_list_is_converted_in_one_call_and_remembered(kubectl, hosts, webhook):
    for name in ("one", "two", "three"):
        kubectl.ok("create", "-f", "-", stdin=instance("Host", name, spec={"host": f"{name}:1"}))
    kubectl.ok("get", V2)
    kubectl.ok("get", V2)
    assert [len(request["objects"]) for request in webhook.asked] == [3]


def test_a_watch_shows_converted_objects(kubectl, hosts, control_plane):
    watch = subprocess.Popen(
        ["curl", "-sS", "-N", "--cacert", str(control_plane.ca_file), "-H", f"Authorization: Bearer {control_plane.admin_token}",
         f"{control_plane.url}/apis/example.com/v2/hosts?watch=1"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        kubectl.ok("create", "-f", "-", stdin=instance("Host", "one", spec={"host": "a:80"}))
        assert watch.stdout is not None
        event = json.loads(watch.stdout.readline())
    finally:
        watch.terminate()
        watch.wait()
    assert (event["type"], event["object"]["apiVersion"], event["object"]["spec"]) == (
        "ADDED",
        "example.com/v2",
        {"name": "a", "port": "80"},
    )


def test_only_labels_and_annotations_of_the_metadata_come_from_the_webhook(kubectl, hosts, webhook):
    kubectl.ok("create", "-f", "-", stdin=instance("Host", "one", spec={"host": "a:80"}))

    def meddle(obj: Object, wanted: str) -> Object:
        made = convert(obj, wanted)
        made["metadata"] = {**obj["metadata"], "labels": {"by": "webhook"}, "finalizers": ["example.com/x"]}
        return made

    webhook.answer = meddle
    metadata = kubectl.json("get", V2, "one")["metadata"]
    assert metadata["labels"] == {"by": "webhook"}
    assert "finalizers" not in metadata


FAULTS: list[tuple[str, Callable[[Object, str], Object], str]] = [
    (
        "name",
        lambda o, v: {**convert(o, v), "metadata": {**o["metadata"], "name": "x"}},
        "returned invalid object: must have the same name: one != x",
    ),
    (
        "kind",
        lambda o, v: {**convert(o, v), "kind": "X"},
        "returned invalid object at index 0: invalid kind (expected Host, received X)",
    ),
    (
        "version",
        lambda o, v: o,
        "returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)",
    ),
    (
        "labels",
        lambda o, v: {**convert(o, v), "metadata": {**o["metadata"], "labels": {"a b": "c"}}},
        'returned invalid metadata: metadata.labels: Invalid value: "a b": name part must consist of',
    ),
]


@pytest.mark.parametrize(("answer", "message"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_webhook_that_changes_the_identity_is_not_believed(kubectl, hosts, webhook, answer, message):
    kubectl.ok("create", "-f", "-", stdin=instance("Host", "one", spec={"host": "a:80"}))
    webhook.answer = answer
    error = kubectl.fails("get", V2, "one")
    assert f"conversion webhook for example.com/v1, Kind=Host {message}" in error


def test_a_failure_of_the_webhook_is_told(kubectl, hosts, webhook):
    kubectl.ok("create", "-f", "-", stdin=instance("Host", "one", spec={"host": "a:80"}))
    webhook.result = {"status": "Failure", "message": "cannot do that"}
    assert "conversion webhook for example.com/v1, Kind=Host failed: cannot do that" in kubectl.fails("get", V2, "one")
    assert kubectl.json("get", V1, "one")["spec"] == {"host": "a:80"}


def test_objects_of_the_old_storage_version_are_converted_and_both_are_noted(kubectl, hosts):
    kubectl.ok("create", "-f", "-", stdin=instance("Host", "one", spec={"host": "a:80"}))
    for version, stored in zip(hosts["spec"]["versions"], (False, True), strict=True):
        version["storage"] = stored
    kubectl.ok("apply", "-f", "-", stdin=hosts)
    assert kubectl.json("get", "crd", "hosts.example.com")["status"]["storedVersions"] == ["v1", "v2"]
    assert kubectl.json("get", V2, "one")["spec"] == {"name": "a", "port": "80"}
    assert kubectl.json("get", V1, "one")["spec"] == {"host": "a:80"}
    kubectl.ok("label", V1, "one", "a=b")
    assert kubectl.json("get", V2, "one")["spec"] == {"name": "a", "port": "80"}
    hosts["spec"]["versions"] = [version for version in hosts["spec"]["versions"] if version["name"] == "v2"]
    hosts["spec"]["conversion"] = {"strategy": "None"}
    assert "v1 was previously a storage version" in kubectl.fails("apply", "-f", "-", stdin=hosts)
