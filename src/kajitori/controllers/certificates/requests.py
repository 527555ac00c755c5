"""What a certificate signing request is, and whether it fits its signer. Pure; the texts are upstream's.

May import: cryptography, lazily.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

CLIENT = "kubernetes.io/kube-apiserver-client"
KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
KUBELET_SERVING = "kubernetes.io/kubelet-serving"
LEGACY = "kubernetes.io/legacy-unknown"
SIGNERS = (CLIENT, KUBELET_CLIENT, KUBELET_SERVING, LEGACY)
_NODES, _NODE_PREFIX = "system:nodes", "system:node:"


class Unfit(ValueError):
    """The request cannot be signed by its signer; the text becomes its Failed condition."""


@dataclass(frozen=True)
class Asked:
    """The parts of a PKCS#10 request that matter here."""

    common_name: str
    organizations: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()


def read(pem: bytes) -> Asked:
    """Raises ValueError: not a request, or not signed by its own key."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    request = x509.load_pem_x509_csr(pem)
    if not request.is_signature_valid:
        raise ValueError("x509: the request's signature is invalid")
    names = alternative_names(request)

    def of(kind: Any) -> tuple[str, ...]:
        return tuple(str(value) for value in names.get_values_for_type(kind)) if names is not None else ()

    def subject(oid: Any) -> tuple[str, ...]:
        return tuple(str(attribute.value) for attribute in request.subject.get_attributes_for_oid(oid))

    return Asked(
        common_name=next(iter(reversed(subject(NameOID.COMMON_NAME))), ""),
        organizations=subject(NameOID.ORGANIZATION_NAME),
        dns_names=of(x509.DNSName),
        ips=of(x509.IPAddress),
        emails=of(x509.RFC822Name),
        uris=of(x509.UniformResourceIdentifier),
    )


def alternative_names(request: Any) -> Any:
    """The subjectAltName extension of a request or certificate; None when there is none."""
    from cryptography import x509

    try:
        return request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def check(signer: str, asked: Asked, usages: Sequence[str]) -> None:
    """Raises Unfit when this signer does not sign this."""
    if signer == CLIENT:
        _check_client_usages(usages)
    elif signer == KUBELET_CLIENT:
        check_kubelet_client(asked, usages)
    elif signer == KUBELET_SERVING:
        _check_kubelet_serving(asked, usages)


def is_kubelet_client(asked: Asked, usages: Sequence[str]) -> bool:
    """Whether `check_kubelet_client` finds nothing wrong."""
    try:
        check_kubelet_client(asked, usages)
    except Unfit:
        return False
    return True


def check_kubelet_client(asked: Asked, usages: Sequence[str]) -> None:
    """Raises `Unfit` unless this asks for kubernetes.io/kube-apiserver-client-kubelet as that signer wants it."""
    _check_node_organization(asked)
    if asked.dns_names:
        raise Unfit("DNS subjectAltNames are not allowed")
    if asked.emails:
        raise Unfit("Email subjectAltNames are not allowed")
    if asked.ips:
        raise Unfit("IP subjectAltNames are not allowed")
    if asked.uris:
        raise Unfit("URI subjectAltNames are not allowed")
    _check_node_name(asked)
    _check_usages(usages, "client auth")


def _check_kubelet_serving(asked: Asked, usages: Sequence[str]) -> None:
    _check_node_organization(asked)
    if not asked.dns_names and not asked.ips:
        raise Unfit("DNS or IP subjectAltName is required")
    if asked.emails:
        raise Unfit("Email subjectAltNames are not allowed")
    if asked.uris:
        raise Unfit("URI subjectAltNames are not allowed")
    _check_usages(usages, "server auth")
    _check_node_name(asked)


def _check_node_organization(asked: Asked) -> None:
    if asked.organizations != (_NODES,):
        raise Unfit("subject organization is not system:nodes")


def _check_node_name(asked: Asked) -> None:
    if not asked.common_name.startswith(_NODE_PREFIX):
        raise Unfit("subject common name does not begin with system:node:")


def _check_usages(usages: Iterable[str], wanted: str) -> None:
    """Key encipherment is of use to RSA keys only, so it may be left out."""
    required = {"digital signature", "key encipherment", wanted}
    given = set(usages)
    if given not in (required, required - {"key encipherment"}):
        raise Unfit(f"usages did not match [{' '.join(sorted(required))}]")


def _check_client_usages(usages: Iterable[str]) -> None:
    given = list(usages)
    for usage in given:
        if usage not in ("digital signature", "key encipherment", "client auth"):
            raise Unfit(f"invalid usage for client certificate: {usage}")
    if "client auth" not in given:
        raise Unfit("missing required usage for client certificate: client auth")
