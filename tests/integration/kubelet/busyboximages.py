"""Images made of Debian's static binaries, so that nothing is downloaded: a pause and a busybox, and what makes others."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

PAUSE = "registry.k8s.io/pause:3.10.1"
BUSYBOX = "docker.io/library/busybox:1.36"


def layer(files: Mapping[str, tuple[bytes, int]], links: Mapping[str, str]) -> bytes:
    """A file system layer: path → (content, mode), path → where it links to."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in sorted({str(p) for f in (*files, *links) for p in Path(f).parents if str(p) != "."}):
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(info)
        for name, (data, mode) in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            tar.addfile(info, io.BytesIO(data))
        for name, target in links.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return out.getvalue()


def oci_archive(ref: str, archive: bytes, config: Mapping[str, object]) -> bytes:
    """A one-layer OCI image as ``ctr images import`` reads it."""
    blobs: dict[str, bytes] = {}

    def put(data: bytes) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"digest": f"sha256:{digest}", "size": len(data)}

    diff = put(archive)
    image = {
        "architecture": "amd64",
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [diff["digest"]]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **put(json.dumps(image).encode())},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **diff}],
    }
    entry = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        **put(json.dumps(manifest).encode()),
        "annotations": {"io.containerd.image.name": ref, "org.opencontainers.image.ref.name": ref},
    }
    files = {name: (data, 0o644) for name, data in blobs.items()}
    files["oci-layout"] = (b'{"imageLayoutVersion":"1.0.0"}', 0o644)
    files["index.json"] = (json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode(), 0o644)
    return layer(files, {})


def pause_image() -> bytes:
    binary = Path("/usr/bin/catatonit").read_bytes()
    return oci_archive(PAUSE, layer({"pause": (binary, 0o755)}, {}), {"Entrypoint": ["/pause", "-P"], "User": "65535"})


def busybox_image() -> bytes:
    applets = [
        "sh",
        "sleep",
        "cat",
        "echo",
        "ls",
        "id",
        "env",
        "hostname",
        "wget",
        "nc",
        "kill",
        "ps",
        "touch",
        "rm",
        "true",
        "false",
        "test",
        "date",
        "mkdir",
        "grep",
        "head",
    ]
    files = layer(
        {
            "bin/busybox": (Path("/bin/busybox").read_bytes(), 0o755),
            "etc/passwd": (b"root:x:0:0:root:/root:/bin/sh\n", 0o644),
            "tmp/.keep": (b"", 0o644),
        },
        {f"bin/{a}": "busybox" for a in applets},
    )
    return oci_archive(BUSYBOX, files, {"Cmd": ["sh"], "Env": ["PATH=/bin"]})
