"""A client certificate that ends while its connection is open does not count any more."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.kubelet.interfaces import ServerConfig
from kajitori.kubelet.server.auth import Gate


@pytest.mark.parametrize(("ends", "status"), [("Jan  3 00:00:00 2026 GMT", None), ("Jan  1 00:00:00 2026 GMT", 401)])
def test_a_certificate_counts_until_it_ends(ends: str, status: int | None) -> None:
    gate = Gate(ServerConfig(always_allow=True), None, "node", FakeClock())  # on 2 January 2026
    request: Any = SimpleNamespace(
        peer_certificate={"notAfter": ends, "subject": ((("commonName", "jane"),),)}, path="/pods", method="GET"
    )
    refusal = asyncio.run(gate.admit(request))
    assert (refusal.status if refusal else None) == status
