"""Who exceeds a limit on local disk space."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.unit.kubelet.podrecords import make_pod

from kajitori.kubelet.interfaces import ContainerUsage
from kajitori.kubelet.node.localstorage import LocalStorage, disk_usage, exceeded, has_limits

MIB = 1 << 20


def pod(*limits: str, size: str = "") -> Any:
    containers = [
        {"name": f"c{n}", **({"resources": {"limits": {"ephemeral-storage": limit}}} if limit else {})}
        for n, limit in enumerate(limits or ("",))
    ]
    return make_pod(containers, volumes=[{"name": "room", "emptyDir": {"sizeLimit": size} if size else {}}])


@pytest.mark.parametrize(
    ("given", "volumes", "layers", "logs", "message"),
    [
        (pod(size="1Mi"), {"room": 2 * MIB}, {}, {}, 'Usage of EmptyDir volume "room" exceeds the limit "1Mi". '),
        (pod(size="1Mi"), {"room": MIB}, {}, {}, ""),
        (pod(), {"room": 99 * MIB}, {"c0": 99 * MIB}, {}, ""),
        (
            pod("2Mi", ""),
            {},
            {"c0": MIB},
            {"c0": 2 * MIB},
            'Container c0 exceeded its local ephemeral storage limit "2Mi". ',
        ),
        (
            pod("2Mi", "3Mi"),
            {"room": 4 * MIB},
            {"c1": 2 * MIB},
            {},
            "Pod ephemeral local storage usage exceeds the total limit of containers 5Mi. ",
        ),
    ],
)
def test_limits(given: Any, volumes: Any, layers: Any, logs: Any, message: str) -> None:
    assert exceeded(given, volumes, layers, logs) == message


def test_only_pods_with_limits_are_measured() -> None:
    assert not has_limits(pod())
    assert has_limits(pod(size="1Gi"))
    assert has_limits(pod("1Gi"))


def test_usage_is_what_the_disk_holds(tmp_path: Path) -> None:
    (tmp_path / "room/deep").mkdir(parents=True)
    (tmp_path / "room/deep/data").write_bytes(b"x" * 3 * MIB)
    (tmp_path / "room/again").hardlink_to(tmp_path / "room/deep/data")
    with (tmp_path / "room/holes").open("wb") as sparse:
        sparse.truncate(1 << 30)
    assert 3 * MIB <= disk_usage(tmp_path / "room") < 4 * MIB


def test_the_greedy_are_named_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "u1/volumes/kubernetes.io~empty-dir/room"
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(b"x" * 2 * MIB)

    async def usage() -> dict[str, ContainerUsage]:
        return {"id": ContainerUsage(name="c0", timestamp_ns=0, cpu_ns=0, working_set_bytes=0)}

    storage = LocalStorage(
        pods=lambda: [pod(size="1Mi"), pod()],
        usage=usage,
        owner_of=lambda _: "u1",
        pod_dir=lambda uid: str(tmp_path / uid),
        log_dir=lambda _: str(tmp_path / "logs"),
    )
    found = asyncio.run(storage.greedy())
    assert [why for _, why in found] == ['Usage of EmptyDir volume "room" exceeds the limit "1Mi". ']
