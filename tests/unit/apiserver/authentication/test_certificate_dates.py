"""Whether a certificate counts is looked at with each request, along its whole chain."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.aiokit.http.message import Headers
from kajitori.apiserver.authentication.build import build_authenticator
from kajitori.apiserver.authentication.dates import CertificateDates, believable, certificates_in
from kajitori.apiserver.authentication.der import certificate_names
from kajitori.apiserver.user import AuthRequest
from kajitori.machinery.certificates import KeyPair, issue, new_ca
from kajitori.machinery.errors import Unauthorized

DAY = 86_400.0
BORN = datetime(2026, 1, 1, tzinfo=UTC)


def der(pair: KeyPair) -> bytes:
    return certificates_in(pair.cert_pem.decode())[0]


def renewed(ca: KeyPair, days: float, now: datetime) -> KeyPair:
    """The same authority, name and key, with other dates."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    old, key = x509.load_pem_x509_certificate(ca.cert_pem), serialization.load_pem_private_key(ca.key_pem, None)
    made = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), old.serial_number + 1)
    made = made.not_valid_before(now).not_valid_after(now + timedelta(days=days))
    signed: Any = made.sign(key, hashes.SHA256())  # type: ignore[arg-type]
    return KeyPair(signed.public_bytes(serialization.Encoding.PEM), ca.key_pem)


class Peer:
    def __init__(self, *chain: KeyPair) -> None:
        self.peer_chain = tuple(der(link) for link in chain)


def request(leaf: KeyPair, *chain: KeyPair, headers: Headers | None = None) -> AuthRequest:
    return AuthRequest(headers or Headers([]), der(leaf), peer=Peer(leaf, *chain))


def check(dates: CertificateDates, asked: AuthRequest) -> str:
    try:
        dates.check(asked)
    except Unauthorized as refused:
        return refused.message
    return ""


def test_a_certificate_may_end_while_its_connection_is_open() -> None:
    clock = FakeClock(start=BORN)
    ca = new_ca("ca", now=BORN)
    dates, asked = CertificateDates(clock), request(issue(ca, "jane", days=1, now=BORN), ca)
    assert check(dates, asked) == ""
    clock.advance(2 * DAY)
    assert check(dates, asked).startswith(
        "x509: certificate has expired or is not yet valid: current time 2026-01-03T00:00:00Z is after 2026-01-0"
    )


def test_a_certificate_may_begin_while_its_connection_is_open() -> None:
    clock = FakeClock(start=BORN)
    ca = new_ca("ca", now=BORN)
    dates, asked = CertificateDates(clock), request(issue(ca, "jane", days=9, now=BORN + timedelta(days=1)), ca)
    assert "is before 2026-01-0" in check(dates, asked)
    clock.advance(2 * DAY)
    assert check(dates, asked) == ""


def test_a_certificate_counts_no_longer_than_its_authority_or_its_renewal() -> None:
    clock = FakeClock(start=BORN)
    ca = new_ca("ca", days=1, now=BORN)
    again = renewed(ca, 10, BORN)
    other = new_ca("ca", days=10, now=BORN)
    believed = [der(ca), der(other)]
    dates, asked = CertificateDates(clock, lambda: believed), request(issue(ca, "jane", days=30, now=BORN), ca)
    assert check(dates, asked) == ""
    clock.advance(2 * DAY)
    assert "has expired" in check(dates, asked)  # the other has its name, but not its key
    believed.append(der(again))
    assert check(dates, asked) == ""
    clock.advance(10 * DAY)
    assert "has expired" in check(dates, asked)


def test_what_stands_between_must_count_too_and_a_better_chain_helps() -> None:
    clock = FakeClock(start=BORN + timedelta(days=2))
    root = new_ca("root", now=BORN)
    middle = new_ca("middle", days=1, now=BORN)
    leaf = issue(middle, "jane", days=30, now=BORN)
    dates = CertificateDates(clock)
    assert "has expired" in check(dates, request(leaf, middle, root))
    assert check(dates, request(leaf, renewed(middle, 30, BORN), root)) == ""


@pytest.mark.parametrize("chain", [(), (new_ca("else", now=BORN),)], ids=["none", "another's"])
def test_without_its_chain_a_certificate_says_nothing(chain: tuple[KeyPair, ...]) -> None:
    leaf = issue(new_ca("ca", now=BORN), "jane", now=BORN)
    asked = AuthRequest(Headers([]), der(leaf), peer=Peer(*chain))
    assert "is not known" in check(CertificateDates(FakeClock(start=BORN)), asked)


def test_neither_user_nor_front_proxy_gets_in_with_an_expired_certificate(make_deps: Any, tmp_path: Any) -> None:
    deps = make_deps(requestheader_client_ca_file=str(tmp_path / "ca.crt"))
    now = deps.clock.now()
    ca = new_ca("proxy-ca", now=now - timedelta(days=9))
    (tmp_path / "ca.crt").write_bytes(ca.cert_pem)
    authenticator = build_authenticator(deps)
    says = Headers([("x-remote-user", "ann")])
    good = issue(ca, "proxy", days=1, now=now)
    assert asyncio.run(authenticator.authenticate(request(good, ca, headers=says))).name == "ann"
    for born in (now - timedelta(days=2), now + timedelta(days=2)):
        bad = issue(ca, "proxy", days=1, now=born)
        with pytest.raises(Unauthorized):
            asyncio.run(authenticator.authenticate(request(bad, ca, headers=says)))
        with pytest.raises(Unauthorized):
            asyncio.run(authenticator.authenticate(request(issue(new_ca("x"), "jane", days=1, now=born))))


def test_of_two_authorities_of_one_name_the_one_that_counts_is_believed() -> None:
    old, new = new_ca("ca", days=1, now=BORN), new_ca("ca", days=9, now=BORN)
    alone = new_ca("alone", days=1, now=BORN)
    late = (BORN + timedelta(days=2)).timestamp()
    known = [der(old), der(new), der(alone)]
    assert believable(known, BORN.timestamp()) == known
    assert believable(known, late) == [der(new), der(alone)]


def test_years_of_the_last_century_are_read() -> None:
    names = certificate_names(der(new_ca("old", days=1, now=datetime(1960, 1, 1, tzinfo=UTC))))
    assert datetime.fromtimestamp(names.not_before, UTC).year in (1959, 1960)
    assert names.not_before < names.not_after < 0
