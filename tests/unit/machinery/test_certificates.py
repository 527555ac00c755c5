"""Certificates verify against their authority and say what they are for."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import serialization
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


def test_request_carries_its_names_and_is_signed_with_its_key():
    pem, key = certificates.new_request("system:node:n", organizations=["system:nodes"], sans=["n", "10.0.0.2"])
    request = x509.load_pem_x509_csr(pem)
    assert request.is_signature_valid
    assert request.public_key() == serialization.load_pem_private_key(key, None).public_key()
    assert request.subject.rfc4514_string() == "CN=system:node:n,O=system:nodes"
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["n"]
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("10.0.0.2")]


def test_a_certificate_lasts_as_many_days_as_it_was_issued_for():
    pem = certificates.issue(CA, "admin", days=2).cert_pem
    left = certificates.expiry(pem) - datetime.now(UTC)
    assert timedelta(days=1) < left <= timedelta(days=2)


def test_key_does_not_show_in_a_repr():
    assert "PRIVATE" not in repr(CA)


def test_service_account_keys_come_as_a_pair():
    private, public = certificates.new_key_pair("ecdsa")
    assert b"PRIVATE KEY" in private
    assert b"PUBLIC KEY" in public
