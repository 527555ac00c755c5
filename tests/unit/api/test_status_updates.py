"""What a write to the status endpoint may change of the metadata: for most kinds anything, for some less."""

from __future__ import annotations

import pytest

from kajitori.api.scheme import builtin

OLD = {"labels": {"a": "old"}, "annotations": {"a": "old"}, "finalizers": ["old"], "ownerReferences": [{"uid": "old"}]}
NEW = {"labels": {"a": "new"}, "annotations": {"a": "new"}, "finalizers": ["new"], "ownerReferences": [{"uid": "new"}]}


@pytest.mark.parametrize(
    ("group", "version", "plural", "kept"),
    [
        ("apps", "v1", "replicasets", set()),
        ("", "v1", "nodes", set()),
        ("apps", "v1", "deployments", {"labels"}),
        ("", "v1", "pods", {"ownerReferences"}),
        ("apiextensions.k8s.io", "v1", "customresourcedefinitions", set()),
        ("apiregistration.k8s.io", "v1", "apiservices", {"labels", "annotations", "ownerReferences"}),
        ("storage.k8s.io", "v1", "volumeattachments", set(OLD)),
        ("flowcontrol.apiserver.k8s.io", "v1", "flowschemas", set(OLD)),
    ],
)
def test_the_status_endpoint_leaves_metadata_alone_as_upstream_does(
    group: str, version: str, plural: str, kept: set[str]
) -> None:
    resource = builtin().by_plural(group, version, plural)
    assert resource is not None
    old = {"metadata": {"name": "x", **OLD}, "spec": {"a": 1}, "status": {"s": 1}}
    new = {"metadata": {"name": "x", **NEW}, "spec": {"a": 2}, "status": {"s": 2}}
    resource.strategy.prepare_for_status_update(new, old)
    assert (new["spec"], new["status"]) == ({"a": 1}, {"s": 2})
    assert {key for key in OLD if new["metadata"][key] == OLD[key]} == kept
