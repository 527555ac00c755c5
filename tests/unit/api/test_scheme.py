"""The registry of resources."""

import pytest

from kajitori.api import scheme
from kajitori.api.registration import Resource
from kajitori.api.scheme import Scheme
from kajitori.api.strategy import SpecStatusStrategy

DEPLOYMENTS = Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True)


def test_resource_fills_in_what_follows_from_its_names():
    assert (DEPLOYMENTS.singular, DEPLOYMENTS.list_kind) == ("deployment", "DeploymentList")
    assert (DEPLOYMENTS.group_version, DEPLOYMENTS.group_resource) == ("apps/v1", "deployments.apps")
    assert DEPLOYMENTS.api_path("ns", "x", "status") == "/apis/apps/v1/namespaces/ns/deployments/x/status"
    assert DEPLOYMENTS.key("ns", "x") == "/registry/deployments/ns/x"
    assert "spec" in DEPLOYMENTS.schema.properties


@pytest.mark.parametrize(
    ("group", "plural", "kind", "prefix"),
    [
        ("", "services", "Service", "/registry/services/specs/"),
        ("", "nodes", "Node", "/registry/minions/"),
        ("rbac.authorization.k8s.io", "roles", "Role", "/registry/roles/"),
        ("apiregistration.k8s.io", "apiservices", "APIService", "/registry/apiregistration.k8s.io/apiservices/"),
    ],
)
def test_keys_are_upstreams(group, plural, kind, prefix):
    resource = Resource(group=group, version="v1", plural=plural, kind=kind, namespaced=False)
    assert resource.storage_prefix == prefix


def test_scheme_finds_by_plural_kind_and_object_and_forgets():
    registry = Scheme([DEPLOYMENTS])
    assert registry.by_plural("apps", "v1", "deployments") is DEPLOYMENTS
    assert registry.for_object({"apiVersion": "apps/v1", "kind": "Deployment"}) is DEPLOYMENTS
    registry.remove("apps", "v1", "deployments")
    assert (len(registry), registry.groups()) == (0, [])


def test_spec_change_bumps_the_generation_and_status_is_kept():
    strategy = SpecStatusStrategy()
    old = {"metadata": {"generation": 2}, "spec": {"a": 1}, "status": {"s": 1}}
    new = {"metadata": {}, "spec": {"a": 2}, "status": {"s": 2}}
    strategy.prepare_for_update(new, old)
    assert new == {"metadata": {"generation": 3}, "spec": {"a": 2}, "status": {"s": 1}}


def test_every_group_contributes_resources_with_a_schema():
    found = list(scheme.builtin().resources())
    assert {r.group for r in found} >= {"", "apps", "batch", "rbac.authorization.k8s.io", "discovery.k8s.io"}
    for resource in found:
        assert resource.schema.properties, resource
        for subresource in resource.subresources.values():
            if subresource.kind.endswith("Options"):
                continue  # connections (exec, proxy …) carry their options in the query, not in an object
            assert subresource.schema(resource).properties, resource
