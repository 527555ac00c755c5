"""Certificate signing requests: what fits which signer, what is signed, what goes; bootstrap token signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from kajitori.api import schema
from kajitori.api.certificates.v1 import CertificateSigningRequest
from kajitori.api.core.v1 import Secret
from kajitori.controllers.certificates import bootstraptokens, cleaner, requests
from kajitori.controllers.certificates.approving import review_of, ways_to_approve
from kajitori.controllers.certificates.authority import Authority, lifetime, lifetime_s
from kajitori.controllers.certificates.requests import Asked, Unfit
from kajitori.controllers.certificates.signing import authorities
from kajitori.controllers.controller import Options
from kajitori.machinery import certificates

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NODE = Asked("system:node:worker", ("system:nodes",))
CLIENT_USAGES = ("digital signature", "key encipherment", "client auth")
SERVER_USAGES = ("digital signature", "server auth")


@pytest.mark.parametrize(
    ("signer", "asked", "usages", "why"),
    [
        (requests.KUBELET_CLIENT, NODE, CLIENT_USAGES, ""),
        (requests.KUBELET_CLIENT, NODE, CLIENT_USAGES[::2], ""),
        (requests.KUBELET_CLIENT, Asked("system:node:w", ("ops",)), CLIENT_USAGES, "organization is not system:nodes"),
        (
            requests.KUBELET_CLIENT,
            Asked("worker", ("system:nodes",)),
            CLIENT_USAGES,
            "does not begin with system:node:",
        ),
        (requests.KUBELET_CLIENT, NODE, SERVER_USAGES, "usages did not match [client auth digital signature"),
        (
            requests.KUBELET_CLIENT,
            Asked("system:node:w", ("system:nodes",), dns_names=("w",)),
            CLIENT_USAGES,
            "DNS subjectAltNames are not allowed",
        ),
        (requests.KUBELET_SERVING, Asked("system:node:w", ("system:nodes",), ips=("10.0.0.1",)), SERVER_USAGES, ""),
        (requests.KUBELET_SERVING, NODE, SERVER_USAGES, "DNS or IP subjectAltName is required"),
        (requests.CLIENT, Asked("ann"), ("client auth",), ""),
        (requests.CLIENT, Asked("ann"), ("server auth",), "invalid usage for client certificate: server auth"),
        (requests.CLIENT, Asked("ann"), ("digital signature",), "missing required usage for client certificate"),
        (requests.LEGACY, Asked("anything"), ("any",), ""),
    ],
)
def test_signers_take_what_upstreams_take(signer: str, asked: Asked, usages: Any, why: str) -> None:
    if not why:
        requests.check(signer, asked, usages)
        return
    with pytest.raises(Unfit) as caught:
        requests.check(signer, asked, usages)
    assert why in str(caught.value)


def csr(request: bytes, signer: str = requests.KUBELET_CLIENT, **more: Any) -> CertificateSigningRequest:
    spec = {
        "request": base64.b64encode(request).decode(),
        "signerName": signer,
        "usages": list(CLIENT_USAGES),
        "username": more.pop("username", "system:bootstrap:abcdef"),
        "groups": ["system:bootstrappers"],
    }
    metadata = {"name": "csr", "creationTimestamp": "2026-01-01T11:00:00Z"}
    return schema.from_wire(CertificateSigningRequest, {"metadata": metadata, "spec": spec, "status": more})


def test_node_renews_as_itself_and_joins_as_a_bootstrapper() -> None:
    request, _ = certificates.new_request("system:node:worker", organizations=["system:nodes"])
    assert [way for way, _ in ways_to_approve(csr(request))] == ["nodeclient"]
    own = csr(request, username="system:node:worker")
    assert [way for way, _ in ways_to_approve(own)] == ["selfnodeclient", "nodeclient"]
    assert ways_to_approve(csr(request, requests.CLIENT)) == []
    review = review_of(own, "selfnodeclient")
    assert review["resourceAttributes"]["subresource"] == "selfnodeclient"
    assert (review["user"], review["groups"]) == ("system:node:worker", ["system:bootstrappers"])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    ca = certificates.new_ca("kubernetes", now=NOW)
    (tmp_path / "ca.crt").write_bytes(ca.cert_pem)
    (tmp_path / "ca.key").write_bytes(ca.key_pem)
    return Authority(str(tmp_path / "ca.crt"), str(tmp_path / "ca.key"), 86400.0)


def test_certificate_has_the_requests_subject_and_names_and_the_asked_usages(authority: Authority) -> None:
    request, _ = certificates.new_request("system:node:w", organizations=["system:nodes"], sans=["w", "10.0.0.1"])
    certificate = x509.load_pem_x509_certificate(authority.sign(request, SERVER_USAGES, 3600, NOW))
    assert certificate.subject.rfc4514_string() == "CN=system:node:w,O=system:nodes"
    extensions = certificate.extensions
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_encipherment, usage.key_cert_sign) == (True, False, False)
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["w"]
    assert certificate.not_valid_before_utc == NOW - timedelta(minutes=5)
    assert certificate.not_valid_after_utc == NOW + timedelta(hours=1)
    ca = x509.load_pem_x509_certificate(Path(authority.cert_file).read_bytes())
    certificate.verify_directly_issued_by(ca)


def test_request_that_wants_to_be_an_authority_does_not_become_one(authority: Authority) -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    certificate = x509.load_pem_x509_certificate(authority.sign(pem, ("client auth",), None, NOW))
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_unknown_usages_are_refused(authority: Authority) -> None:
    request, _ = certificates.new_request("x")
    with pytest.raises(Unfit, match="unrecognized usage values"):
        authority.sign(request, ("make coffee",), None, NOW)


def test_request_signed_by_another_key_is_refused() -> None:
    request, _ = certificates.new_request("x")
    der = bytearray(base64.b64decode(b"".join(request.splitlines()[1:-1])))
    der[-1] ^= 1
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE REQUEST-----\n"
    with pytest.raises(ValueError):
        requests.read(pem)


@pytest.mark.parametrize(("asked", "given"), [(None, 86400.0), (60, 600.0), (3600, 3600.0), (10**9, 86400.0)])
def test_lifetime_is_as_asked_within_bounds(asked: int | None, given: float) -> None:
    assert lifetime_s(asked, 86400.0) == given


def test_certificate_never_outlives_its_authority() -> None:
    assert lifetime(86400 * 365, NOW, NOW + timedelta(days=1))[1] == NOW + timedelta(days=1)
    start, end = lifetime(86400, NOW, NOW + timedelta(days=9))
    assert end - start == timedelta(days=1)


def test_own_files_of_a_signer_go_before_those_for_all() -> None:
    found = authorities(Options(signing_files={"": ("a", "b"), "kubelet-serving": ("c", "d")}))
    assert found[requests.KUBELET_SERVING].cert_file == "c"
    assert found[requests.CLIENT].cert_file == "a"
    assert authorities(Options(signing_files={"kubelet-serving": ("c", "d")})).keys() == {requests.KUBELET_SERVING}


@pytest.mark.parametrize(
    ("conditions", "hours"), [([], 24), (["Approved"], 1), (["Denied"], 1), (["Approved", "Failed"], 1)]
)
def test_requests_go_when_nobody_needs_them(conditions: list[str], hours: int) -> None:
    said = [{"type": c, "status": "True", "lastUpdateTime": "2026-01-01T11:00:00Z"} for c in conditions]
    found = cleaner.ends(csr(b"", conditions=said))
    assert found == datetime(2026, 1, 1, 11, tzinfo=UTC) + timedelta(hours=hours)


def token(**fields: str) -> Secret:
    data = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true", **fields}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    metadata = {"name": "bootstrap-token-abcdef", "namespace": "kube-system"}
    return schema.from_wire(Secret, {"metadata": metadata, "type": bootstraptokens.TOKEN_TYPE, "data": encoded})


def test_tokens_sign_while_they_may() -> None:
    assert bootstraptokens.signing_tokens([token()], NOW) == {"abcdef": "0123456789abcdef"}
    assert bootstraptokens.signing_tokens([token(expiration="2026-01-01T11:00:00Z")], NOW) == {}
    assert bootstraptokens.signing_tokens([token(**{"usage-bootstrap-signing": "false"})], NOW) == {}


def test_cluster_info_is_signed_by_a_detached_jws() -> None:
    head, middle, mac = bootstraptokens.signature("content", "abcdef", "secret").split(".")
    assert base64.urlsafe_b64decode(head + "==") == b'{"alg":"HS256","kid":"abcdef"}'
    assert middle == ""
    wanted = hmac.new(b"secret", f"{head}.Y29udGVudA".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(mac + "=") == wanted
