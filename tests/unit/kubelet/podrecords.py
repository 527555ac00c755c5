"""Pods and records for tests of the kubelet's pure parts."""

from __future__ import annotations

from typing import Any

from kajitori.api import schema
from kajitori.api.core import v1
from kajitori.kubelet.runtime.records import ContainerRecord, PodRecord, SandboxRecord


def make_pod(containers: Any = ("a",), *, init: Any = (), meta: Any = None, status: Any = None, **spec: Any) -> v1.Pod:
    def as_dict(item: Any) -> dict[str, Any]:
        return {"name": item, "image": "img:1"} if isinstance(item, str) else {"image": "img:1", **item}

    wire = {
        "metadata": {"name": "p", "namespace": "ns", "uid": "u1", "generation": 1, **(meta or {})},
        "spec": {"containers": [*map(as_dict, containers)], "initContainers": [*map(as_dict, init)], **spec},
        "status": status or {},
    }
    return schema.from_wire(v1.Pod, wire)


def container(name: str, state: Any = "running", *, id: str = "", exit_code: int = 0, **more: Any) -> ContainerRecord:  # noqa: A002
    return ContainerRecord(
        **{
            "id": id or f"{name}-0",
            "sandbox_id": "s0",
            "name": name,
            "restart_count": 0,
            "state": state,
            "image": "img:1",
            "image_id": "sha256:1",
            "created_at": 1,
            "started_at": 10**9,
            "finished_at": 2 * 10**9 if state == "exited" else 0,
            "exit_code": exit_code,
            **more,
        }
    )


def sandbox(*, id: str = "s0", attempt: int = 0, ready: bool = True, ips: Any = ("10.0.0.2",)) -> SandboxRecord:  # noqa: A002
    return SandboxRecord(id=id, attempt=attempt, ready=ready, created_at=1, ips=tuple(ips))


def record(*containers: ContainerRecord, sandboxes: Any = None) -> PodRecord:
    return PodRecord("u1", "ns", "p", [sandbox()] if sandboxes is None else list(sandboxes), list(containers))
