"""Secrets in the store's file, from the first start without encryption to the last key's end."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
WORD = "swordfish-with-a-long-tail"


def write(path: Path, *providers: Any) -> str:
    resources = [{"resources": ["secrets", "configmaps"], "providers": list(providers)}]
    document = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": resources}
    path.write_text(yaml.safe_dump(document))
    return str(path)


def key(kind: str, letter: bytes) -> dict[str, Any]:
    secret = base64.b64encode(letter * 32).decode()
    return {kind: {"keys": [{"name": f"key-{letter.decode()}", "secret": secret}]}}


def stored(directory: Path) -> bytes:
    return b"".join(p.read_bytes() for p in directory.rglob("*") if p.is_file() and "pki" not in p.parts)


def test_secrets_are_unreadable_in_the_file_and_keys_rotate(tmp_path: Path, kubectl_for) -> None:
    data, config = tmp_path / "data", tmp_path / "encryption.yaml"
    encoded = base64.b64encode(WORD.encode())

    def running(*providers: Any) -> ControlPlane:
        path = write(config, *providers)
        return ControlPlane(storage="sqlite", data_dir=data, encryption_provider_config=path)

    with running(key("secretbox", b"a"), {"identity": {}}) as server:
        kubectl_for(server).ok("create", "secret", "generic", "token", f"--from-literal=word={WORD}")
        kubectl_for(server).ok("create", "configmap", "settings", f"--from-literal=word={WORD}")
        raw = stored(data)
        assert b"k8s:enc:secretbox:v1:key-a:" in raw
        assert encoded not in raw
        assert WORD.encode() not in raw
    with running(key("aesgcm", b"b"), key("secretbox", b"a")) as server:
        kubectl = kubectl_for(server)
        assert kubectl.json("get", "secret", "token")["data"]["word"].encode() == encoded
        for kind in ("secrets", "configmaps"):
            whole = kubectl.ok("get", kind, "-A", "-o", "json")
            kubectl.ok("replace", "-f", "-", stdin=whole)
    with running(key("aesgcm", b"b")) as server:  # the old key is gone, everything has been written anew
        assert kubectl_for(server).json("get", "secret", "token")["data"]["word"].encode() == encoded
        assert b"k8s:enc:aesgcm:v1:key-b:" in stored(data)
    with pytest.raises(RuntimeError) as caught, running(key("aesgcm", b"c")):
        pass
    assert "unable to transform key" in repr(caught.value.__cause__)
