"""The cgroup tree of Pods, on a folder that behaves as the kernel's does: version 2, and version 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.kubelet.podrecords import make_pod

from kajitori.kubelet import cgroups
from kajitori.kubelet.cgroups import Cgroups

CONTROLLERS = "cpuset cpu io memory pids"


@pytest.fixture
def unified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mounted cgroup2: folders have the controllers that their parent passes on."""
    root = tmp_path / "cgroup"
    mkdir = Path.mkdir

    def born(folder: Path, *args: Any, **options: Any) -> None:
        missing = [p for p in (folder, *folder.parents) if root in p.parents and not p.exists()]
        mkdir(folder, *args, **options)
        for level in reversed(missing):
            (level / "cgroup.controllers").write_text((level.parent / "cgroup.subtree_control").read_text())
            (level / "cgroup.subtree_control").write_text("")
            (level / "cgroup.procs").write_text("")

    def write(file: Path, value: str) -> None:
        if file.name == "cgroup.subtree_control":
            offered = (file.parent / "cgroup.controllers").read_text().split()
            assert value.removeprefix("+") in offered, "the kernel refuses what it does not offer here"
            value = " ".join([*file.read_text().split(), value.removeprefix("+")])
            for child in file.parent.glob("*/cgroup.controllers"):
                child.write_text(value)
        elif not file.name.startswith("cgroup."):
            controller = file.name.partition(".")[0]
            assert controller in (file.parent / "cgroup.controllers").read_text().split(), f"no {file.name} here"
        file.write_text(value)

    mkdir(root)
    (root / "cgroup.controllers").write_text(CONTROLLERS)
    (root / "cgroup.subtree_control").write_text("")
    monkeypatch.setattr(Path, "mkdir", born)
    monkeypatch.setattr(cgroups, "_write", write)
    return root


def limited(**resources: Any) -> Any:
    return make_pod([{"name": "a", "resources": resources}])


def test_version_2_passes_controllers_down_to_the_pods(unified: Path) -> None:
    tree = Cgroups("/", {"unified": unified})
    assert tree.is_v2
    tree.prepare_node()
    path = tree.prepare_pod(
        limited(requests={"cpu": "500m", "memory": "64Mi"}, limits={"cpu": "1500m", "memory": "128Mi"})
    )
    assert path == "/kubepods/burstable/podu1"
    folder = unified / path.lstrip("/")
    assert set((folder / "cgroup.controllers").read_text().split()) == set(CONTROLLERS.split())
    assert (folder / "cpu.max").read_text() == "150000 100000"
    assert (folder / "memory.max").read_text() == str(128 << 20)
    assert (folder / "cpu.weight").read_text() == "20"  # of 512 shares
    assert (unified / "kubepods/besteffort/cpu.weight").read_text() == "1"


def test_version_2_without_limits_sets_none(unified: Path) -> None:
    tree = Cgroups("/", {"unified": unified})
    tree.prepare_node()
    folder = unified / tree.prepare_pod(make_pod()).lstrip("/")
    assert folder.parent.name == "besteffort"
    assert not (folder / "memory.max").exists()
    assert (folder / "cpu.max").read_text() == "max 100000"


def test_a_root_of_its_own_is_above_kubepods(unified: Path) -> None:
    tree = Cgroups("/node-1/", {"unified": unified})
    tree.prepare_node()
    assert (unified / "node-1/kubepods/burstable").is_dir()
    assert tree.prepare_pod(make_pod()) == "/node-1/kubepods/besteffort/podu1"
    assert tree.pod_uids() == {"u1"}


def test_version_1_writes_each_value_into_its_own_hierarchy(tmp_path: Path) -> None:
    mounts = {name: tmp_path / name for name in ("cpu", "memory", "pids")}
    tree = Cgroups("/", {**mounts, "unified": tmp_path / "unified"})
    assert not tree.is_v2
    tree.prepare_node()
    path = tree.prepare_pod(limited(limits={"cpu": "1", "memory": "64Mi"})).lstrip("/")
    assert path == "kubepods/podu1", "limits alone are requests too: Guaranteed"
    assert (mounts["cpu"] / path / "cpu.shares").read_text() == "1024"
    assert (mounts["cpu"] / path / "cpu.cfs_quota_us").read_text() == "100000"
    assert (mounts["memory"] / path / "memory.limit_in_bytes").read_text() == str(64 << 20)
    assert (mounts["pids"] / path).is_dir()
    assert not (tmp_path / "unified").exists()
