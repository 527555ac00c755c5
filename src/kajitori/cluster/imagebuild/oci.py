"""OCI images and the archive that `ctr images import` reads. May import: orjson only.

image = Image.of(layers=[tar], entrypoint=["/pause"])
archive({"registry.k8s.io/pause:3.10.1": image}) -> bytes of a tar with an OCI layout
"""

import gzip
import hashlib
import io
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "ppc64le": "ppc64le", "s390x": "s390x"}


def architecture() -> str:
    """This machine's architecture in the words of images."""
    machine = platform.machine()
    return ARCHITECTURES.get(machine, machine)


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Image:
    """A manifest and every blob that it names, itself included."""

    manifest_digest: str
    blobs: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(
        cls,
        *,
        layers: Sequence[bytes],
        entrypoint: Sequence[str] = (),
        cmd: Sequence[str] = (),
        env: Sequence[str] = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",),
        user: str = "",
        exposed_ports: Sequence[str] = (),
        labels: Mapping[str, str] | None = None,
        compress: bool = False,
    ) -> "Image":
        """An image of uncompressed layer tars; `compress` stores them gzipped, as a registry would serve them."""
        stored = [gzip.compress(layer, 6, mtime=0) if compress else layer for layer in layers]
        settings: dict[str, Any] = {"Env": list(env), "WorkingDir": "/"}
        if entrypoint:
            settings["Entrypoint"] = list(entrypoint)
        if cmd:
            settings["Cmd"] = list(cmd)
        if labels:
            settings["Labels"] = dict(labels)
        if user:
            settings["User"] = user
        if exposed_ports:
            settings["ExposedPorts"] = {port: {} for port in exposed_ports}
        config = orjson.dumps(
            {
                "architecture": architecture(),
                "os": "linux",
                "config": settings,
                "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
                "history": [{"created_by": "kajitori"} for _ in layers],
            }
        )
        media_type = LAYER + "+gzip" if compress else LAYER
        manifest = orjson.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {"mediaType": CONFIG, "digest": digest(config), "size": len(config)},
                "layers": [{"mediaType": media_type, "digest": digest(blob), "size": len(blob)} for blob in stored],
            }
        )
        blobs = {digest(blob): blob for blob in (*stored, config, manifest)}
        return cls(digest(manifest), blobs)

    @property
    def manifest(self) -> bytes:
        return self.blobs[self.manifest_digest]


def archive(images: Mapping[str, Image]) -> bytes:
    """One tar with every image under its names; images may share blobs."""
    blobs = {name: blob for image in images.values() for name, blob in image.blobs.items()}
    entries = [
        {
            "mediaType": MANIFEST,
            "digest": image.manifest_digest,
            "size": len(image.manifest),
            "annotations": {"io.containerd.image.name": name},
            "platform": {"architecture": architecture(), "os": "linux"},
        }
        for name, image in images.items()
    ]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        _put(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        _put(tar, "index.json", orjson.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}))
        for name in sorted(blobs):
            _put(tar, "blobs/" + name.replace(":", "/"), blobs[name])
    return buffer.getvalue()


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    tar.addfile(info, io.BytesIO(data))
