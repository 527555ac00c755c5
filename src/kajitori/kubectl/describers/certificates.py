"""Certificate signing requests: who asks, for which subject. May import: kubectl.describers, cryptography (lazily)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, meta, moment, spec, status
from kajitori.machinery.labels import format_labels
from kajitori.machinery.times import human_duration

if TYPE_CHECKING:
    from cryptography.x509 import CertificateSigningRequest


async def describe_request(page: Page, obj: Wire, cluster: Cluster) -> None:
    from cryptography import x509

    page.row(0, "Name:", meta(obj, "name"))
    page.row(0, "Labels:", format_labels(meta(obj, "labels", {})))
    page.row(0, "Annotations:", format_labels(meta(obj, "annotations", {})))
    page.row(0, "CreationTimestamp:", moment(meta(obj, "creationTimestamp")))
    page.row(0, "Requesting User:", spec(obj, "username"))
    if spec(obj, "signerName"):
        page.row(0, "Signer:", spec(obj, "signerName"))
    if spec(obj, "expirationSeconds", default=None) is not None:
        page.row(0, "Requested Duration:", human_duration(spec(obj, "expirationSeconds")))
    page.row(0, "Status:", state_of(obj))
    request = x509.load_pem_x509_csr(base64.b64decode(spec(obj, "request")))
    _subject(page, request)
    _alternative_names(page, request)
    await write_events(page, obj, cluster)


def state_of(obj: Wire) -> str:
    """``Approved,Issued``."""
    types = {one.get("type") for one in status(obj, "conditions", default=[])}
    text = "Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"
    return text + (",Failed" if "Failed" in types else "") + (",Issued" if status(obj, "certificate") else "")


def _subject(page: Page, request: CertificateSigningRequest) -> None:
    from cryptography.x509.oid import NameOID

    def values(oid: object) -> list[str]:
        return [str(one.value) for one in request.subject if one.oid == oid]

    page.row(0, "Subject:")
    page.row(0, "", "Common Name:", "".join(values(NameOID.COMMON_NAME)[-1:]))
    page.row(0, "", "Serial Number:", "".join(values(NameOID.SERIAL_NUMBER)[-1:]))
    for title, oid in (
        ("Organization", NameOID.ORGANIZATION_NAME),
        ("Organizational Unit", NameOID.ORGANIZATIONAL_UNIT_NAME),
        ("Country", NameOID.COUNTRY_NAME),
        ("Locality", NameOID.LOCALITY_NAME),
        ("Province", NameOID.STATE_OR_PROVINCE_NAME),
        ("StreetAddress", NameOID.STREET_ADDRESS),
        ("PostalCode", NameOID.POSTAL_CODE),
    ):
        _several(page, title, values(oid))


def _several(page: Page, title: str, values: list[str]) -> None:
    if values:
        page.write(0, f"\t{title}:\t" + "\n\t\t".join(values) + "\n")


def _alternative_names(page: Page, request: CertificateSigningRequest) -> None:
    from cryptography import x509

    try:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    page.row(0, "Subject Alternative Names:")
    for title, kind in (
        ("DNS Names", x509.DNSName),
        ("Email Addresses", x509.RFC822Name),
        ("URIs", x509.UniformResourceIdentifier),
        ("IP Addresses", x509.IPAddress),
    ):
        _several(page, title, [str(one) for one in names.get_values_for_type(kind)])
