from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from kajitori.aiokit.clock import RealClock
from kajitori.kubelet.sources.files import InvalidManifest, StaticPods, parse_manifest, read_manifests

MANIFEST = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: a, image: "nginx:1"}]
"""


def parse(text: str, path: str = "/m/web.yaml", node: str = "n1"):  # type: ignore[no-untyped-def]
    return parse_manifest(text, path=path, node_name=node, seen="2026-01-02T03:04:05Z")


def test_static_pod_has_the_nodes_name_and_a_hash_as_uid() -> None:
    pod = parse(MANIFEST)
    assert (pod.metadata.name, pod.metadata.namespace, pod.spec.node_name) == ("web-n1", "default", "n1")
    assert pod.metadata.annotations["kubernetes.io/config.hash"] == pod.metadata.uid
    assert pod.metadata.annotations["kubernetes.io/config.source"] == "file"
    assert pod.spec.containers[0].image_pull_policy == "IfNotPresent"
    assert pod.spec.tolerations[0].effect == "NoExecute"


def test_uid_follows_content_file_and_node_only() -> None:
    uid = parse(MANIFEST).metadata.uid
    assert parse(MANIFEST + "\n# a comment\n").metadata.uid == uid
    assert parse(MANIFEST.replace("nginx:1", "nginx:2")).metadata.uid != uid
    assert parse(MANIFEST, path="/m/other.yaml").metadata.uid != uid
    assert parse(MANIFEST, node="n2").metadata.uid != uid


@pytest.mark.parametrize("text", ["", "kind: [", "kind: Service\napiVersion: v1", "kind: Pod\napiVersion: v1"])
def test_what_is_no_pod_is_refused(text: str) -> None:
    with pytest.raises(InvalidManifest):
        parse(text)


def test_bad_and_hidden_files_do_not_hide_good_ones(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MANIFEST)
    (tmp_path / "b.yaml").write_text("kind: [")
    (tmp_path / ".c.yaml").write_text(MANIFEST)
    assert [p.metadata.name for p in read_manifests(tmp_path, node_name="n1", seen="x").values()] == ["web-n1"]


def test_changes_of_the_directory_are_seen_at_once(tmp_path: Path) -> None:
    async def main() -> list[str]:
        told: list[str] = []
        news = asyncio.Event()

        def note(text: str) -> None:
            told.append(text)
            news.set()

        source = StaticPods(
            str(tmp_path),
            node_name="n1",
            clock=RealClock(),
            on_set=lambda p: note(f"set {p.spec.containers[0].image}"),
            on_remove=lambda p: note(f"remove {p.spec.containers[0].image}"),
            on_synced=lambda: note("synced"),
        )
        task = asyncio.ensure_future(source.run())

        async def until(count: int) -> None:
            async with asyncio.timeout(5):
                while len(told) < count:
                    news.clear()
                    await news.wait()

        await until(1)
        wire = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "w"}}
        for number, image in enumerate(("x:1", "x:2")):
            draft = tmp_path.parent / "draft"
            draft.write_text(json.dumps({**wire, "spec": {"containers": [{"name": "a", "image": image}]}}))
            draft.rename(tmp_path / "w.json")
            await until(2 + 2 * number)
        (tmp_path / "w.json").unlink()
        await until(5)
        task.cancel()
        return told

    assert asyncio.run(main()) == ["synced", "set x:1", "remove x:1", "set x:2", "remove x:2"]
