"""Who owns the replicas that a Scale changes."""

from typing import Any

from kajitori.aiokit.clock import FakeClock
from kajitori.api.scheme import builtin
from kajitori.apiserver.objects.options import WriteOptions
from kajitori.apiserver.objects.ownership import Ownership
from kajitori.apiserver.user import UserInfo

Object = dict[str, Any]


def owners_after_scaling(*fields: Object) -> list[tuple[str, Object]]:
    """A Deployment with these owners, scaled by somebody else: who owns what."""
    entries = [
        {"manager": f"m{at}", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": one}
        for at, one in enumerate(fields)
    ]
    old: Object = {"metadata": {"name": "x", "managedFields": entries}, "spec": {"replicas": 1}}
    new: Object = {"metadata": dict(old["metadata"]), "spec": {"replicas": 2}}
    resource = builtin().by_plural("apps", "v1", "deployments")
    assert resource is not None
    options = WriteOptions(UserInfo("jane"), field_manager="scaler")
    Ownership(FakeClock()).updated(resource, new, old, options, "scale")
    return [(entry["manager"], entry["fieldsV1"]) for entry in new["metadata"]["managedFields"]]


def test_replicas_change_hands() -> None:
    found = sorted(owners_after_scaling({"f:spec": {"f:replicas": {}, "f:paused": {}}}))
    assert found == [("m0", {"f:spec": {"f:paused": {}}}), ("scaler", {"f:spec": {"f:replicas": {}}})]


def test_replicas_of_nobody_stay_nobodys() -> None:
    owner: Object = {"f:spec": {"f:paused": {}}}
    assert owners_after_scaling(owner, {"f:metadata": {}}) == [("m0", owner), ("m1", {"f:metadata": {}})]
