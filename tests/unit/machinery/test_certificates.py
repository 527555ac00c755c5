"""Certificates verify against their authority and say what they are for."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kajitori.machinery import certificates

CA = certificates.new_ca("kubernetes")


def load(pem):
    return x509.load_pem_x509_certificate(pem)


def test_server_certificate_carries_names_and_verifies():
    pair = certificates.issue(CA, "kube-apiserver", sans=["localhost", "10.96.0.1", "localhost"], usages=["server"])
    found = load(pair.cert_pem)
    found.verify_directly_issued_by(load(CA.cert_pem))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["10.96.0.1"]
    assert b"BEGIN PRIVATE KEY" in pair.key_pem


def test_client_certificate_names_user_and_groups():
    found = load(certificates.issue(CA, "admin", organizations=["system:masters"]).cert_pem)
    subject = found.subject
    assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "admin"
    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "system:masters"
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_request_is_signed_with_its_own_names():
    request, _key = certificates.new_request("system:node:n", organizations=["system:nodes"], sans=["n", "10.0.0.2"])
    pem = certificates.sign_request(CA, request, usages=["server"], days=1)
    load(pem).verify_directly_issued_by(load(CA.cert_pem))
    assert certificates.expiry(pem) < datetime.now(UTC) + timedelta(days=2)


def test_key_does_not_show_in_a_repr():
    assert "PRIVATE" not in repr(CA)


def test_service_account_keys_come_as_a_pair():
    private, public = certificates.new_key_pair("ecdsa")
    assert b"PRIVATE KEY" in private
    assert b"PUBLIC KEY" in public
