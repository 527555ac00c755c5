"""A server of ours with an extension API server behind it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.apiserver.aggregation.extensionserver import Aggregated, ExtensionServer

from kajitori.machinery import certificates
from kajitori.testing import ControlPlane


@pytest.fixture
def aggregated(tmp_path: Path) -> Iterator[Aggregated]:
    ca = certificates.new_ca("front-proxy-ca")
    client = certificates.issue(ca, "front-proxy-client")
    (tmp_path / "proxy.crt").write_bytes(client.cert_pem)
    (tmp_path / "proxy.key").write_bytes(client.key_pem)
    extension = ExtensionServer(tmp_path, ca.cert_pem)
    with (
        contextlib.closing(extension),
        ControlPlane(
            proxy_client_cert_file=str(tmp_path / "proxy.crt"), proxy_client_key_file=str(tmp_path / "proxy.key")
        ) as control_plane,
    ):
        yield Aggregated(control_plane, extension)
