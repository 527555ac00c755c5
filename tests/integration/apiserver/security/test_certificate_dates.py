"""Client certificates outside their dates never get in: 401, as upstream, unless a token says who asks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
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


def intermediate(ca: KeyPair, now: datetime, days: float) -> KeyPair:
    """An authority that the server's own vouches for."""
    issuer, key = x509.load_pem_x509_certificate(ca.cert_pem), ec.generate_private_key(ec.SECP256R1())
    signer: Any = serialization.load_pem_private_key(ca.key_pem, None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "middle")])
    made = x509.CertificateBuilder(issuer.subject, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(minutes=5)).not_valid_after(now + timedelta(days=days))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return KeyPair(
        made.sign(signer, hashes.SHA256()).public_bytes(pem),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
    )


@pytest.mark.parametrize(("days", "status"), [(1.0, 201), (HOUR, 401)], ids=["good", "expired"])
def test_what_vouches_for_a_certificate_must_count_too(
    server: Any, ca: KeyPair, tmp_path: Path, days: float, status: int
) -> None:
    middle = intermediate(ca, datetime.now(UTC) - timedelta(hours=2), days)
    pair = issue(middle, "jane", days=1)
    answer = Api(server, cert=files(tmp_path, pair, middle))(*WHO)
    assert answer.status == status
