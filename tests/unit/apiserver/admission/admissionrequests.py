"""What the tests of admission plugins ask: a request as the server would make it, run through the whole chain."""

from __future__ import annotations

import asyncio
from typing import Any

from kajitori.api.scheme import builtin
from kajitori.apiserver.admission import build_admission
from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.apiserver.user import UserInfo

Object = dict[str, Any]

USER = UserInfo("jane", groups=("system:authenticated",))

NODE = UserInfo("system:node:n1", groups=("system:nodes", "system:authenticated"))

GROUPS = {
    "leases": "coordination.k8s.io",
    "priorityclasses": "scheduling.k8s.io",
    "ingresses": "networking.k8s.io",
    "deployments": "apps",
    "resourceslices": "resource.k8s.io",
}


def request(
    operation: str, plural: str, obj: Object | None, old: Object | None = None, **over: Any
) -> AdmissionRequest:
    resource = builtin().by_plural(GROUPS.get(plural, ""), "v1", plural)
    assert resource is not None
    metadata = (obj or old or {}).get("metadata") or {}
    options: dict[str, Any] = {
        "operation": operation,
        "resource": resource,
        "subresource": "",
        "namespace": metadata.get("namespace", ""),
        "name": metadata.get("name", ""),
        "object": obj,
        "old_object": old,
        "user": USER,
        **over,
    }
    return AdmissionRequest(**options)


def run(deps: Any, made: AdmissionRequest) -> Object | None:
    async def both() -> None:
        chain = build_admission(deps)
        await chain.admit(made)
        await chain.validate(made)

    asyncio.run(both())
    return made.object


def pod(**spec: Any) -> Object:
    containers = spec.pop("containers", [{"name": "c", "image": "i"}])
    return {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"containers": containers, **spec}}
