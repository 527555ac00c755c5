"""Layers and images: the same content gives the same bytes, and every blob is where its digest says."""

import gzip
import hashlib
import io
import json
import tarfile

from kajitori.cluster.imagebuild.layer import Layer
from kajitori.cluster.imagebuild.oci import Image, archive
from kajitori.cluster.imagebuild.system import SYSTEM_IMAGES, system_image, system_layer


def make_layer() -> bytes:
    layer = Layer()
    layer.file("a/b/c.txt", b"hello", 0o600)
    layer.symlink("bin", "usr/bin")
    layer.directory("tmp", 0o1777)
    return layer.finish()


def test_parents_come_before_what_they_hold() -> None:
    with tarfile.open(fileobj=io.BytesIO(make_layer())) as tar:
        assert tar.getnames() == ["a", "a/b", "a/b/c.txt", "bin", "tmp"]
        assert tar.getmember("a/b/c.txt").mode == 0o600
        assert tar.getmember("bin").linkname == "usr/bin"


def test_the_same_content_has_the_same_digest() -> None:
    first = Image.of(layers=[make_layer()], entrypoint=["/x"], compress=True)
    assert first.manifest_digest == Image.of(layers=[make_layer()], entrypoint=["/x"], compress=True).manifest_digest
    assert first.manifest_digest != Image.of(layers=[make_layer()], entrypoint=["/y"], compress=True).manifest_digest


def test_every_blob_is_named_by_its_content() -> None:
    image = Image.of(layers=[make_layer()], compress=True)
    assert all(name == "sha256:" + hashlib.sha256(blob).hexdigest() for name, blob in image.blobs.items())


def test_the_configuration_names_the_uncompressed_layer() -> None:
    layer = make_layer()
    image = Image.of(layers=[layer], compress=True)
    manifest = json.loads(image.manifest)
    config = json.loads(image.blobs[manifest["config"]["digest"]])
    assert config["rootfs"]["diff_ids"] == ["sha256:" + hashlib.sha256(layer).hexdigest()]
    assert gzip.decompress(image.blobs[manifest["layers"][0]["digest"]]) == layer


def test_an_archive_holds_shared_blobs_once() -> None:
    image = Image.of(layers=[make_layer()])
    data = archive({"example.org/a:1": image, "example.org/b:2": image})
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        names = tar.getnames()
        index = json.load(tar.extractfile("index.json"))  # type: ignore[arg-type]
    assert len(names) == len(set(names)) == 2 + len(image.blobs)
    assert [m["annotations"]["io.containerd.image.name"] for m in index["manifests"]] == [
        "example.org/a:1",
        "example.org/b:2",
    ]


def test_system_images_share_their_few_bytes_and_are_still_told_apart() -> None:
    layer = system_layer()
    images = [system_image(name, layer) for name in SYSTEM_IMAGES]
    assert len(layer) < 40_000
    assert len({image.manifest_digest for image in images}) == len(SYSTEM_IMAGES)
