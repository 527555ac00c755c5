"""Client certificates outside their dates never get in: 401, as upstream, unless a token says who asks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.apiserver.plainhttps import Api

from kajitori.machinery.certificates import KeyPair, issue, new_ca

pytestmark = pytest.mark.integration
WHO = "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}
HOUR = 1 / 24


def files(folder: Path, pair: KeyPair, *chain: KeyPair) -> tuple[str, str]:
    certificate, key = folder / "client.crt", folder / "client.key"
    certificate.write_bytes(b"".join(one.cert_pem for one in (pair, *chain)))
    key.write_bytes(pair.key_pem)
    return str(certificate), str(key)


@pytest.fixture
def ca(server: Any) -> KeyPair:
    return KeyPair(server.ca_file.read_bytes(), (server.ca_file.parent / "ca.key").read_bytes())


@pytest.mark.parametrize(
    ("born", "status"),
    [(timedelta(), 201), (timedelta(hours=-2), 401), (timedelta(hours=2), 401)],
    ids=["good", "expired", "not yet valid"],
)
def test_a_certificate_counts_between_its_dates(
    server: Any, ca: KeyPair, tmp_path: Path, born: timedelta, status: int
) -> None:
    pair = issue(ca, "jane", organizations=["system:masters"], days=HOUR, now=datetime.now(UTC) + born)
    jane = Api(server, cert=files(tmp_path, pair))
    answer = jane(*WHO)
    assert answer.status == status
    if status == 401:
        assert (answer.json["reason"], answer.json["message"]) == ("Unauthorized", "Unauthorized")
        assert jane("GET", "/version").status == 401  # it is no anonymous request
        assert jane("GET", "/api/v1/namespaces").status == 401
    else:
        assert answer.json["status"]["userInfo"]["username"] == "jane"


def test_a_token_counts_beside_an_expired_certificate(server: Any, ca: KeyPair, tmp_path: Path) -> None:
    pair = issue(ca, "jane", days=HOUR, now=datetime.now(UTC) - timedelta(hours=2))
    both = Api(server, token=server.admin_token, cert=files(tmp_path, pair))
    assert both(*WHO).json["status"]["userInfo"]["username"] == "admin"


def test_a_certificate_of_an_unknown_authority_is_not_even_heard(server: Any, tmp_path: Path) -> None:
    stranger = issue(new_ca("kubernetes"), "jane", organizations=["system:masters"])
    with pytest.raises(OSError):
        Api(server, cert=files(tmp_path, stranger))("GET", "/version")
