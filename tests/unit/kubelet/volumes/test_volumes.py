import asyncio
import base64
import os
import stat
from pathlib import Path

import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.api import schema
from kajitori.api.core.v1 import ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod, Secret
from kajitori.kubelet.interfaces import ConfigError, VolumeError
from kajitori.kubelet.volumes import VolumeManager, writer
from kajitori.machinery.errors import NotFound, ServiceUnavailable
from kajitori.machinery.times import format_time

KINDS = {"ConfigMap": ConfigMap, "Secret": Secret}


class Source:
    """Objects that the test sets; followers hear of every `put` and `drop`."""

    def __init__(self, clock):
        self.clock, self.objects, self.followed, self.tokens_made = clock, {}, {}, []
        self.token_error = None

    def put(self, kind, name, **fields):
        wire = {"metadata": {"name": name, "namespace": "ns"}, **fields}
        self.objects[kind, "ns", name] = schema.from_wire(KINDS[kind], wire)
        self._tell(kind, name)

    def drop(self, kind, name):
        del self.objects[kind, "ns", name]
        self._tell(kind, name)

    def _tell(self, kind, name):
        if changed := self.followed.get((kind, "ns", name)):
            changed((kind, "ns", name))

    async def get(self, kind, namespace, name):
        if (kind, namespace, name) not in self.objects:
            raise NotFound.of("", kind, name)
        return self.objects[kind, namespace, name]

    async def claim(self, namespace, name):
        return await self.get("claim", namespace, name)

    async def volume(self, name):
        return await self.get("volume", "", name)

    async def token(self, namespace, account, spec):
        if self.token_error:
            raise self.token_error
        self.tokens_made.append((namespace, account, spec))
        expires = self.clock.now().timestamp() + spec["expirationSeconds"]
        stamp = format_time(type(self.clock.now()).fromtimestamp(expires, tz=self.clock.now().tzinfo))
        return {"token": f"token-{len(self.tokens_made)}", "expirationTimestamp": stamp}

    def follow(self, reference, changed):
        self.followed[reference] = changed

    def unfollow(self, reference, changed):
        del self.followed[reference]


class Mounter:
    """Remembers mounts instead of making them; a bind becomes a symbolic link to what it shows."""

    def __init__(self):
        self.mounts = {}

    def tmpfs(self, target, options):
        self.mounts[str(target)] = options

    def bind(self, source, target):
        self.mounts[str(target)] = str(Path(source).readlink())

    def unmount(self, target):
        del self.mounts[target]

    def below(self, folder):
        return [point for point in reversed(self.mounts) if point.startswith(f"{folder}/")]


class Bed:
    def __init__(self, root):
        self.clock = FakeClock()
        self.source, self.mounter, self.root = Source(self.clock), Mounter(), root
        self.manager = VolumeManager(
            root_dir=root, source=self.source, node_name="node-1", clock=self.clock, mounter=self.mounter,
            allocatable={"cpu": "4"},
        )  # fmt: skip

    def run(self, story):
        async def main():
            running = asyncio.ensure_future(self.manager.run())
            try:
                await story()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        asyncio.run(main())

    async def settle(self, seconds=0.0):
        await self.clock.run_for(seconds)
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
def bed(tmp_path):
    return Bed(tmp_path)


def pod(*volumes, spec=None, **metadata):
    wire = {
        "metadata": {"name": "p", "namespace": "ns", "uid": "uid-1", **metadata},
        "spec": {"containers": [{"name": "c"}], "serviceAccountName": "sa", "volumes": list(volumes), **(spec or {})},
        "status": {"podIP": "10.0.0.5"},
    }
    return schema.from_wire(Pod, wire)


def mount(bed, *volumes, spec=None, **metadata):
    paths = {}

    async def story():
        paths.update(await bed.manager.mount(pod(*volumes, spec=spec, **metadata)))

    bed.run(story)
    return {name: Path(path) for name, path in paths.items()}


def files(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.iterdir() if not p.name.startswith("..")}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def failure(bed, *volumes):
    with pytest.raises(VolumeError) as caught:
        mount(bed, *volumes)
    return str(caught.value)


# The atomic writer


def test_writer_shows_names_through_data_and_swaps_them_at_once(tmp_path):
    assert writer.write(tmp_path, {"a": writer.File(b"1"), "dir/b": writer.File(b"2", 0o600)})
    assert str((tmp_path / "a").readlink()) == "..data/a"
    assert (tmp_path / "dir" / "b").read_bytes() == b"2"
    assert mode(tmp_path / "dir" / "b") == 0o600
    before = (tmp_path / "..data").readlink()
    assert not writer.write(tmp_path, {"a": writer.File(b"1"), "dir/b": writer.File(b"2", 0o600)})
    assert (tmp_path / "..data").readlink() == before
    assert writer.write(tmp_path, {"c": writer.File(b"3")})
    assert files(tmp_path) == {"c": "3"}
    assert not (tmp_path / before).exists()


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "..data", "..x/y", ""])
def test_writer_refuses_paths_that_leave_the_volume(tmp_path, path):
    with pytest.raises(writer.InvalidPath):
        writer.write(tmp_path, {path: writer.File(b"")})
    assert list(tmp_path.iterdir()) == []


# Files


def test_config_map_volume_has_its_keys_as_files(bed):
    bed.source.put("ConfigMap", "m", data={"a": "1"}, binaryData={"b": base64.b64encode(b"2").decode()})
    (folder,) = mount(bed, {"name": "v", "configMap": {"name": "m"}}).values()
    assert folder == bed.root / "pods/uid-1/volumes/kubernetes.io~configmap/v"
    assert files(folder) == {"a": "1", "b": "2"}
    assert mode(folder / "a") == 0o644


def test_items_choose_keys_paths_and_modes(bed):
    bed.source.put("ConfigMap", "m", data={"a": "1", "b": "2"})
    items = [{"key": "a", "path": "x/y", "mode": 0o400}]
    (folder,) = mount(bed, {"name": "v", "configMap": {"name": "m", "items": items, "defaultMode": 0o640}}).values()
    assert (folder / "x/y").read_text() == "1"
    assert mode(folder / "x/y") == 0o400
    assert not (folder / "b").exists()


def test_secret_volume_lives_in_memory_and_is_decoded(bed):
    bed.source.put("Secret", "s", data={"password": base64.b64encode(b"hunter2").decode()})
    (folder,) = mount(bed, {"name": "v", "secret": {"secretName": "s", "defaultMode": 0o400}}).values()
    assert str(folder) in bed.mounter.mounts
    assert files(folder) == {"password": "hunter2"}
    assert mode(folder / "password") == 0o400


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"configMap": {"name": "y"}}, 'configmap "y" not found'),
        ({"secret": {"secretName": "y"}}, 'secret "y" not found'),
        ({"configMap": {"name": "m", "items": [{"key": "k", "path": "p"}]}},
         "configmap references non-existent config key: k"),
        ({"secret": {"secretName": "s", "items": [{"key": "k", "path": "p"}]}},
         "references non-existent secret key: k"),
        ({"projected": {"sources": [{"configMap": {"name": "y"}}]}}, 'configmap "y" not found'),
    ],
)  # fmt: skip
def test_missing_objects_and_keys_fail_in_the_words_of_kubernetes(bed, volume, message):
    bed.source.put("ConfigMap", "m", data={"a": "1"})
    bed.source.put("Secret", "s")
    assert failure(bed, {"name": "x", **volume}) == f'MountVolume.SetUp failed for volume "x" : {message}'


def test_optional_sources_may_be_missing(bed):
    bed.source.put("ConfigMap", "m", data={"a": "1"})
    volumes = [
        {"name": "v1", "configMap": {"name": "y", "optional": True}},
        {"name": "v2", "secret": {"secretName": "y", "optional": True}},
        {"name": "v3", "configMap": {"name": "m", "optional": True, "items": [{"key": "k", "path": "p"}]}},
    ]
    assert [files(folder) for folder in mount(bed, *volumes).values()] == [{}, {}, {}]


def test_downward_api_volume_shows_the_pod_itself(bed):
    items = [
        {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
        {"path": "cpu", "resourceFieldRef": {"containerName": "c", "resource": "limits.cpu", "divisor": "1m"}},
        {"path": "one", "fieldRef": {"fieldPath": "metadata.labels['b']"}},
    ]
    volume = {"name": "v", "downwardAPI": {"items": items}}
    (folder,) = mount(bed, volume, labels={"b": 'say "2"', "a": "1"}).values()
    assert files(folder) == {"labels": 'a="1"\nb="say \\"2\\""', "cpu": "4000", "one": 'say "2"'}
    mount(bed, volume, labels={"a": "2", "b": "3"})
    assert (folder / "labels").read_text() == 'a="2"\nb="3"'


TOKEN = {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}
KUBE_API_ACCESS = {
    "name": "kube-api-access",
    "projected": {
        "defaultMode": 0o644,
        "sources": [
            TOKEN,
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
        ],
    },
}


def test_projected_volume_joins_token_certificate_and_namespace(bed):
    bed.source.put("ConfigMap", "kube-root-ca.crt", data={"ca.crt": "CA"})
    (folder,) = mount(bed, KUBE_API_ACCESS).values()
    assert files(folder) == {"token": "token-1", "ca.crt": "CA", "namespace": "ns"}
    namespace, account, spec = bed.source.tokens_made[0]
    assert (namespace, account, spec["expirationSeconds"]) == ("ns", "sa", 3607)
    assert spec["boundObjectRef"] == {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "uid-1"}


def test_token_is_readable_by_the_one_user_of_the_pod_only(bed):
    user = {"securityContext": {"runAsUser": 4242}}
    (folder,) = mount(bed, {"name": "v", "projected": {"sources": [TOKEN]}}, spec=user).values()
    assert mode(folder / "token") == 0o600
    if os.geteuid() == 0:
        assert (folder / "token").stat().st_uid == 4242


def test_token_is_renewed_after_four_fifths_of_its_life(bed):
    async def story():
        paths = await bed.manager.mount(pod({"name": "v", "projected": {"sources": [TOKEN]}}))
        token = Path(paths["v"]) / "token"
        await bed.settle(3607 * 0.75)
        assert token.read_text() == "token-1"
        await bed.settle(3607 * 0.06)
        assert token.read_text() == "token-2"
        bed.source.token_error = ServiceUnavailable("down")
        await bed.settle(3607 * 0.85)
        assert token.read_text() == "token-2"
        bed.source.token_error = None
        await bed.settle(61)
        assert token.read_text() == "token-3"

    bed.run(story)


def test_changes_of_a_config_map_reach_running_pods_and_deletion_takes_nothing_away(bed):
    bed.source.put("ConfigMap", "m", data={"a": "1"})

    async def story():
        paths = await bed.manager.mount(pod({"name": "v", "configMap": {"name": "m"}}))
        bed.source.put("ConfigMap", "m", data={"a": "2", "b": "3"})
        await bed.settle()
        assert files(Path(paths["v"])) == {"a": "2", "b": "3"}
        bed.source.drop("ConfigMap", "m")
        await bed.settle(100)
        assert files(Path(paths["v"])) == {"a": "2", "b": "3"}
        bed.source.put("ConfigMap", "m", data={"c": "4"})
        await bed.settle()
        assert files(Path(paths["v"])) == {"c": "4"}
        await bed.manager.unmount("uid-1")
        assert bed.source.followed == {}

    bed.run(story)


def test_fs_group_owns_the_files_and_may_read_them(bed):
    if os.geteuid() != 0:
        pytest.skip("changing owners needs root")
    bed.source.put("ConfigMap", "m", data={"a": "1"})
    volumes = {"name": "v", "configMap": {"name": "m", "defaultMode": 0o400}}, {"name": "e", "emptyDir": {}}
    paths = mount(bed, *volumes, spec={"securityContext": {"fsGroup": 777}})
    assert (paths["v"] / "a").stat().st_gid == 777
    assert mode(paths["v"] / "a") == 0o440
    assert paths["e"].stat().st_gid == 777
    assert mode(paths["e"]) == 0o2777


# Folders


def test_empty_dir_is_open_to_all_and_survives_a_second_mount(bed):
    (folder,) = mount(bed, {"name": "v", "emptyDir": {}}).values()
    assert mode(folder) == 0o777
    (folder / "kept").touch()
    mount(bed, {"name": "v", "emptyDir": {}})
    assert (folder / "kept").exists()


def test_empty_dir_in_memory_has_its_size_limit(bed):
    (folder,) = mount(bed, {"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}).values()
    assert bed.mounter.mounts == {str(folder): "mode=1777,size=1048576"}


def test_a_git_repository_is_refused_as_by_default_in_v1_34(bed):
    with pytest.raises(VolumeError, match="git-repo volume plugin has been disabled"):
        mount(bed, {"name": "v", "gitRepo": {"repository": "https://git.example/r"}})


def test_empty_dir_in_huge_pages_is_refused(bed):
    with pytest.raises(VolumeError, match="there is no resource request for huge pages"):
        mount(bed, {"name": "v", "emptyDir": {"medium": "HugePages-2Mi"}})


def test_empty_dir_in_memory_is_no_bigger_than_its_pods_memory(bed):
    memory = {"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}
    (folder,) = mount(bed, memory, spec={"resources": {"limits": {"memory": "2Mi"}}}).values()
    assert bed.mounter.mounts == {str(folder): "mode=1777,size=2097152"}


HOST_PATHS = [
    ("Directory", "dir", None),
    ("Directory", "file", "hostPath type check failed: {} is not a directory"),
    ("Directory", "none", "hostPath type check failed: {} is not a directory"),
    ("File", "file", None),
    ("File", "dir", "hostPath type check failed: {} is not a file"),
    ("Socket", "file", "hostPath type check failed: {} is not a socket file"),
    ("CharDevice", "file", "hostPath type check failed: {} is not a character device"),
    ("BlockDevice", "file", "hostPath type check failed: {} is not a block device"),
    ("DirectoryOrCreate", "new/dir", None),
    ("FileOrCreate", "newfile", None),
    ("FileOrCreate", "none/newfile", "open {}: no such file or directory"),
    ("", "none", None),
]


@pytest.mark.parametrize(("kind", "name", "why"), HOST_PATHS)
def test_host_path_types(bed, tmp_path, kind, name, why):
    (tmp_path / "dir").mkdir()
    (tmp_path / "file").touch()
    path = str(tmp_path / name)
    volume = {"name": "x", "hostPath": {"path": path, "type": kind}}
    if why is None:
        assert mount(bed, volume) == {"x": Path(path)}
        assert not kind or Path(path).exists()
    else:
        assert failure(bed, volume) == f'MountVolume.SetUp failed for volume "x" : {why.format(path)}'


def test_claims_lead_to_the_folder_of_their_volume(bed, tmp_path):
    (tmp_path / "data").mkdir()
    claim = {"metadata": {"name": "c"}, "spec": {"volumeName": "pv"}, "status": {"phase": "Bound"}}
    volume = {"metadata": {"name": "pv"}, "spec": {"hostPath": {"path": str(tmp_path / "data")}}}
    bed.source.objects["claim", "ns", "c"] = schema.from_wire(PersistentVolumeClaim, claim)
    bed.source.objects["volume", "", "pv"] = schema.from_wire(PersistentVolume, volume)
    assert mount(bed, {"name": "v", "persistentVolumeClaim": {"claimName": "c"}}) == {"v": tmp_path / "data"}
    pending = schema.from_wire(PersistentVolumeClaim, {"metadata": {"name": "c"}, "status": {"phase": "Pending"}})
    bed.source.objects["claim", "ns", "c"] = pending
    assert failure(bed, {"name": "v", "persistentVolumeClaim": {"claimName": "c"}}).endswith(
        "failed to process volumes=[v]: error processing PVC ns/c: PVC is not bound"
    )


# subPath


def sub_path(bed, volume, path):
    wire = {"name": "c", "volumeMounts": [{"name": "v", "mountPath": "/x", "subPath": path}]}
    owner = pod(spec={"containers": [wire]})
    return asyncio.run(bed.manager.sub_path(owner, owner.spec.containers[0], 0, str(volume), path))


def test_sub_path_binds_what_is_there_and_makes_what_is_not(bed, tmp_path):
    volume = tmp_path / "vol"
    volume.mkdir()
    (volume / "file").touch()
    target = sub_path(bed, volume, "file")
    assert target == str(tmp_path / "pods/uid-1/volume-subpaths/v/c/0")
    assert bed.mounter.mounts[target] == str(volume / "file")
    assert Path(target).is_file()
    bed.mounter.mounts.clear()
    Path(target).unlink()
    assert bed.mounter.mounts[sub_path(bed, volume, "a/b")] == str(volume / "a/b")
    assert (volume / "a/b").is_dir()


def test_sub_path_of_a_config_map_follows_its_own_links(bed):
    bed.source.put("ConfigMap", "m", data={"key": "value"})
    (folder,) = mount(bed, {"name": "v", "configMap": {"name": "m"}}).values()
    target = sub_path(bed, folder, "key")
    assert Path(bed.mounter.mounts[target]).read_text() == "value"


@pytest.mark.parametrize("path", ["../x", "/etc", "out", "out/passwd", "a/../../x"])
def test_sub_path_never_leaves_the_volume(bed, tmp_path, path):
    volume = tmp_path / "vol"
    volume.mkdir()
    (volume / "out").symlink_to("/etc")
    with pytest.raises(ConfigError) as caught:
        sub_path(bed, volume, path)
    assert str(caught.value) == 'failed to prepare subPath for volumeMount "v" of container "c"'
    assert bed.mounter.mounts == {}


def test_changed_labels_reach_downward_api_volumes(bed):
    items = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
    volume = {"name": "v", "downwardAPI": {"items": items}}

    async def story():
        bed.manager.update(pod(volume, labels={"a": "0"}))  # not mounted: nothing to do
        paths = await bed.manager.mount(pod(volume, labels={"a": "1"}))
        bed.manager.update(pod(volume, labels={"a": "2"}))
        await bed.settle()
        assert (Path(paths["v"]) / "labels").read_text() == 'a="2"'

    bed.run(story)


# The end


def test_unmount_leaves_nothing_and_needs_no_pod(bed):
    bed.source.put("Secret", "s", data={})
    paths = mount(bed, {"name": "v", "secret": {"secretName": "s"}}, {"name": "e", "emptyDir": {}})
    (paths["e"] / "file").touch()
    again = VolumeManager(root_dir=bed.root, source=bed.source, clock=bed.clock, mounter=bed.mounter)
    assert again.orphans(set()) == ["uid-1"]
    assert again.orphans({"uid-1"}) == []
    asyncio.run(again.unmount("uid-1"))
    asyncio.run(again.unmount("uid-1"))
    assert bed.mounter.mounts == {}
    assert not (bed.root / "pods/uid-1/volumes").exists()


def test_a_directory_without_volumes_is_an_orphan_too(bed):
    (bed.root / "pods/uid-9/containers").mkdir(parents=True)
    assert bed.manager.orphans({"uid-1"}) == ["uid-9"]


def test_nothing_is_removed_while_something_is_still_mounted(bed):
    bed.source.put("Secret", "s", data={"a": ""})
    (folder,) = mount(bed, {"name": "v", "secret": {"secretName": "s"}}).values()
    bed.mounter.unmount = lambda target: None
    with pytest.raises(OSError, match="still mounted"):
        asyncio.run(bed.manager.unmount("uid-1"))
    assert (folder / "a").exists()
