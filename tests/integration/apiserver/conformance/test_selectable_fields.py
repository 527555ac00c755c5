"""Field selectors of custom resources: each version selects by its own fields, whatever version is stored."""

import pytest
from tests.integration.apiserver.customresources.conversionserver import Webhook

pytestmark = pytest.mark.integration
TEXT = {"type": "string"}
V1 = {"type": "object", "properties": {"hostPort": TEXT}}
V2 = {"type": "object", "properties": {"host": TEXT, "port": TEXT}}


def convert(obj, wanted):
    """v1 has `hostPort` as "host:port", v2 has both apart."""
    made = {**obj, "apiVersion": wanted}
    if wanted.endswith("/v2") and "hostPort" in made:
        made["host"], _, made["port"] = made.pop("hostPort").partition(":")
    elif wanted.endswith("/v1") and "host" in made:
        made["hostPort"] = f"{made.pop('host')}:{made.pop('port', '')}"
    return made


@pytest.fixture
def paths(define, tmp_path):
    """The collection of a kind with two versions, in each of them."""
    webhook = Webhook(tmp_path, convert)
    client = {"url": webhook.url, "caBundle": webhook.ca_bundle}
    conversion = {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": client}}
    fields = {
        "v1": {"selectableFields": [{"jsonPath": ".hostPort"}]},
        "v2": {"selectableFields": [{"jsonPath": ".host"}, {"jsonPath": ".port"}]},
    }
    made = define("Address", spec={"conversion": conversion}, extra=fields, v1=V1, v2=V2)
    group, plural = made["spec"]["group"], made["spec"]["names"]["plural"]
    yield {version: f"/apis/{group}/{version}/{plural}" for version in ("v1", "v2")}
    webhook.close()


def names(answer):
    return {item["metadata"]["name"] for item in answer.ok()["items"]}


def test_lists_and_watches_follow_the_fields_of_their_version(api, paths):
    v1, v2 = paths["v1"], paths["v2"]
    version, kind = v2.split("/", 2)[2].rsplit("/", 1)[0], "Address"
    with (
        api.watch(v2, fieldSelector="host=host1") as by_host,
        api.watch(v2, fieldSelector="host=host1,port=80") as by_both,
        api.watch(v1, fieldSelector="hostPort=host1:80") as by_v1,
    ):
        for name, fields in (
            ("a", {"host": "host1", "port": "80"}),
            ("b", {"host": "host1", "port": "8080"}),
            ("c", {"host": "host2"}),
        ):
            api.post(v2, {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}).ok()
        assert names(api.get(v2, fieldSelector="host=host1")) == {"a", "b"}
        assert names(api.get(v2, fieldSelector="host!=host1")) == {"c"}
        assert names(api.get(v2, fieldSelector="host=host1,port=80")) == {"a"}
        assert names(api.get(v1, fieldSelector="hostPort=host1:80")) == {"a"}
        assert names(api.get(v1, fieldSelector="hostPort=host1:8080")) == {"b"}
        api.get(v1, fieldSelector="host=host1").fails(400, "BadRequest")
        assert by_host.names(2) == [("ADDED", "a"), ("ADDED", "b")]
        assert by_both.names(1) == by_v1.names(1) == [("ADDED", "a")]
        api.delete(v2, {"gracePeriodSeconds": 0}, fieldSelector="host=host1,port=80").ok()
        moved = api.get(v2 + "/b").ok()
        api.put(v2 + "/b", {**moved, "host": "host2"}).ok()
        assert names(api.get(v2, fieldSelector="host=host1")) == set()
        assert names(api.get(v2, fieldSelector="host=host2")) == {"b", "c"}
        assert by_host.names(2) == [("DELETED", "a"), ("DELETED", "b")]
        assert by_both.names(1) == [("DELETED", "a")]
        [(event, gone)] = by_v1.take(1)
        assert (event, gone["hostPort"], gone["apiVersion"]) == ("DELETED", "host1:80", version.replace("v2", "v1"))


def test_a_list_goes_on_over_its_snapshot_in_the_version_that_was_asked(api, paths):
    v2 = paths["v2"]
    version = v2.split("/", 2)[2].rsplit("/", 1)[0]
    for name in ("a", "b", "c"):
        body = {"apiVersion": version, "kind": "Address", "metadata": {"name": name}, "host": "host1", "port": "80"}
        api.post(v2, body).ok()
    for more in ({}, {"fieldSelector": "host=host1"}):
        first = api.get(v2, limit=1, **more).ok()
        changed = api.get(v2 + "/b").ok()
        api.put(v2 + "/b", {**changed, "port": str(int(changed["port"]) + 1)}).ok()
        rest = api.get(v2, limit=9, **{**more, "continue": first["metadata"]["continue"]}).ok()
        found = [(item["metadata"]["name"], item["host"], item["port"]) for item in first["items"] + rest["items"]]
        assert found == [("a", "host1", "80"), ("b", "host1", changed["port"]), ("c", "host1", "80")]
