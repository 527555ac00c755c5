"""The kubelet's client certificate: when it is asked for, where it is kept, when it is renewed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kajitori.client.config import RestConfig
from kajitori.kubelet import clientcertificate
from kajitori.machinery import certificates

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def pair(days: int) -> bytes:
    made = certificates.issue(certificates.new_ca("ca", now=NOW), "system:node:n1", days=days, now=NOW)
    return made.cert_pem + made.key_pem


def test_kubeconfig_is_made_when_missing_and_again_when_its_certificate_ends(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubelet.conf"
    assert clientcertificate.needed(kubeconfig, NOW)
    current = clientcertificate.store(tmp_path / "pki", pair(days=10), NOW)
    kubeconfig.write_text(clientcertificate.document(RestConfig(server="https://x", ca_data=b"ca"), current))
    assert not clientcertificate.needed(kubeconfig, NOW + timedelta(days=9))
    assert clientcertificate.needed(kubeconfig, NOW + timedelta(days=11))
    current.unlink()
    assert clientcertificate.needed(kubeconfig, NOW)


def test_kubeconfig_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubelet.conf"
    kubeconfig.write_text(clientcertificate.document(RestConfig(server="https://x"), tmp_path / "mine.pem"))
    assert not clientcertificate.needed(kubeconfig, NOW)


def test_current_certificate_is_a_link_that_moves(tmp_path: Path) -> None:
    first = clientcertificate.store(tmp_path, b"one", NOW)
    second = clientcertificate.store(tmp_path, b"two", NOW + timedelta(days=1))
    assert first == second
    assert first.is_symlink()
    assert first.read_bytes() == b"two"
    assert (tmp_path / "kubelet-client-2026-01-01-00-00-00.pem").read_bytes() == b"one"


@pytest.mark.parametrize(("chance", "day"), [(0.0, 70), (1.0, 90)])
def test_renewal_is_spread_over_a_fifth_of_the_life(chance: float, day: int) -> None:
    found = clientcertificate.deadline(pair(days=100), chance)
    assert abs(found - (NOW + timedelta(days=day))) < timedelta(hours=1)


def test_refusals_end_the_wait() -> None:
    assert clientcertificate.outcome({}) == b""
    issued = {"status": {"certificate": base64.b64encode(b"pem").decode()}}
    assert clientcertificate.outcome(issued) == b"pem"
    with pytest.raises(clientcertificate.Refused, match="denied: no"):
        clientcertificate.outcome({"status": {"conditions": [{"type": "Denied", "message": "no"}]}})
