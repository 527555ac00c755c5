"""What is registered: every kind is complete enough to be served, listed, printed and selected."""

from datetime import UTC, datetime

import pytest

from kajitori.api.registration import Resource
from kajitori.api.scheme import builtin

SCHEME = builtin()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RESOURCES = list(SCHEME.resources())


def resource(api_version: str, plural: str) -> Resource:
    group, _, version = api_version.rpartition("/")
    found = SCHEME.by_plural(group, version, plural)
    assert found is not None, f"{plural} is not registered"
    return found


@pytest.mark.parametrize("one", RESOURCES, ids=repr)
def test_every_kind_prints_a_row_as_wide_as_its_columns(one: Resource) -> None:
    assert len(one.strategy.row({"metadata": {"name": "x"}}, NOW)) == len(one.columns)


@pytest.mark.parametrize("one", RESOURCES, ids=repr)
def test_every_kind_has_a_schema_with_metadata_or_is_a_review(one: Resource) -> None:
    assert one.schema is not None
    assert one.verbs


@pytest.mark.parametrize(
    ("api_version", "plural", "short", "namespaced"),
    [
        ("v1", "pods", "po", True),
        ("v1", "services", "svc", True),
        ("v1", "nodes", "no", False),
        ("v1", "endpoints", "ep", True),
        ("apps/v1", "deployments", "deploy", True),
        ("apps/v1", "daemonsets", "ds", True),
        ("batch/v1", "cronjobs", "cj", True),
        ("autoscaling/v2", "horizontalpodautoscalers", "hpa", True),
        ("networking.k8s.io/v1", "networkpolicies", "netpol", True),
        ("storage.k8s.io/v1", "storageclasses", "sc", False),
        ("scheduling.k8s.io/v1", "priorityclasses", "pc", False),
        ("apiextensions.k8s.io/v1", "customresourcedefinitions", "crd", False),
    ],
)
def test_short_names_and_scopes_are_upstreams(api_version: str, plural: str, short: str, namespaced: bool) -> None:
    one = resource(api_version, plural)
    assert short in one.short_names
    assert one.namespaced is namespaced


def test_the_all_category_is_the_one_users_know() -> None:
    members = {one.plural for one in RESOURCES if "all" in one.categories}
    assert members == {
        "pods",
        "services",
        "replicationcontrollers",
        "daemonsets",
        "deployments",
        "replicasets",
        "statefulsets",
        "jobs",
        "cronjobs",
        "horizontalpodautoscalers",
    }


def test_a_kind_with_two_versions_is_stored_in_one() -> None:
    assert resource("autoscaling/v1", "horizontalpodautoscalers").storage_version == "v2"
    assert resource("autoscaling/v1", "horizontalpodautoscalers").key("a", "b") == resource(
        "autoscaling/v2", "horizontalpodautoscalers"
    ).key("a", "b")
    assert resource("events.k8s.io/v1", "events").key("a", "b") == resource("v1", "events").key("a", "b")


def test_selectable_fields_give_defaults_for_what_is_absent() -> None:
    fields = resource("v1", "pods").selectable_fields({"metadata": {"name": "a", "namespace": "b"}, "spec": {}})
    assert fields["metadata.name"] == "a"
    assert fields["spec.nodeName"] == ""
    assert fields["spec.hostNetwork"] == "false"
