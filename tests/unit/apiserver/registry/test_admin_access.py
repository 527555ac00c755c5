"""Administrators' access to devices: only where the namespace's label gives it."""

import asyncio
from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.hooks import WriteContext
from kajitori.apiserver.registry.resourceclaims import LABEL, ClaimHooks
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Invalid

Object = dict[str, Any]
REFUSED = f"Forbidden: admin access to devices requires the `{LABEL}: true` label on the containing namespace"
DEVICES = {"requests": [{"name": "a"}, {"name": "b", "exactly": {"deviceClassName": "c", "adminAccess": True}}]}


def context(plural: str, subresource: str = "") -> WriteContext:
    resource = builtin().by_plural("resource.k8s.io", "v1", plural)
    assert resource is not None
    return WriteContext(resource, UserInfo("jane"), "n", "x", subresource=subresource)


def claim(*granted: bool) -> Object:
    results = [{"request": "b", "driver": "a.b", "pool": "p", "device": "d", "adminAccess": one} for one in granted]
    status = {"allocation": {"devices": {"results": results}}} if granted else {}
    return {"metadata": {"name": "x", "namespace": "n", "uid": "u"}, "spec": {"devices": DEVICES}, "status": status}


@pytest.fixture
def hooks(make_deps: Any) -> ClaimHooks:
    deps = make_deps()
    deps.reader.put("", "namespaces", {"metadata": {"name": "n", "labels": {LABEL: "True"}}})
    return ClaimHooks(deps)


def give(hooks: ClaimHooks) -> None:
    found = hooks._reader.get("", "namespaces", "", "n")
    assert found is not None
    found["metadata"]["labels"][LABEL] = "true"


@pytest.mark.parametrize("plural", ["resourceclaims", "resourceclaimtemplates"])
def test_who_asks_for_it_is_refused_with_all_else_that_is_wrong(hooks: ClaimHooks, plural: str) -> None:
    obj = claim()
    if plural == "resourceclaimtemplates":
        obj["spec"] = {"spec": obj["spec"]}
    with pytest.raises(Invalid) as refused:
        asyncio.run(hooks.before_create(context(plural), obj))
    causes = [f"{cause['field']}: {cause['message']}" for cause in refused.value.details["causes"]]  # type: ignore[index]
    assert causes[0] == f"spec.devices.requests[1].adminAccess: {REFUSED}"
    assert any("exactly one of `exactly`" in cause for cause in causes[1:])
    give(hooks)
    asyncio.run(hooks.before_create(context(plural), obj))


def test_it_is_granted_only_there_and_stays_where_it_was_granted(hooks: ClaimHooks) -> None:
    with pytest.raises(Invalid, match=r"results\[1\]\.adminAccess: Forbidden: admin access"):
        asyncio.run(hooks.before_update(context("resourceclaims", "status"), claim(False, True), claim()))
    for new, old in ((claim(False), claim()), (claim(True), claim(True))):
        asyncio.run(hooks.before_update(context("resourceclaims", "status"), new, old))
    give(hooks)
    asyncio.run(hooks.before_update(context("resourceclaims", "status"), claim(True), claim()))
