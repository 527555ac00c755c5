"""What a CertificateSigningRequest may hold and how it may change: by its owner, by approvers, by its signer.

The spec never changes. `approval` writes conditions alone, `status` the certificate and conditions but the decisions.
Pure. May import: api.checks, machinery.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from kajitori.api.checks import Errors
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, forbidden, invalid, not_supported, required, too_long

Object = dict[str, Any]
DECISIONS = ("Approved", "Denied")
_FINAL = ("Approved", "Denied", "Failed")
"""Conditions that, once there, stay and are True."""
MIN_LIFETIME_S = 600
_MAX_DOMAIN = 253
_MAX_SIGNER_NAME = 2 * 253 + 63 + 2
USAGES = (
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
)
_CONDITIONS = Path("status", "conditions")
_CERTIFICATE = Path("status", "certificate")


def validate(obj: Object) -> Errors:
    """A request by itself."""
    spec, path = obj.get("spec") or {}, Path("spec")
    errors: Errors = []
    unreadable = _request_fault(spec.get("request") or "")
    if unreadable:
        errors.append(invalid(path.child("request"), spec.get("request") or "", unreadable))
    errors += _usages(path.child("usages"), spec.get("usages") or [])
    errors += _signer_name(path.child("signerName"), spec.get("signerName") or "")
    lifetime = spec.get("expirationSeconds")
    if lifetime is not None and lifetime < MIN_LIFETIME_S:
        message = f"may not specify a duration less than {MIN_LIFETIME_S} seconds (10 minutes)"
        errors.append(invalid(path.child("expirationSeconds"), lifetime, message))
    return errors


def keep_spec(obj: Object, old: Object) -> None:
    """Updates of the request change its metadata alone."""
    obj["spec"] = old.get("spec") or {}


def keep_decisions(obj: Object, old: Object) -> None:
    """The signer's update: a decision that is there stays as it is."""
    conditions = _conditions(obj)
    for kind in DECISIONS:
        places = [i for i, condition in enumerate(conditions) if condition.get("type") == kind]
        kept = _of_type(old, kind)
        if len(places) == len(kept):
            for place, condition in zip(places, kept, strict=True):
                conditions[place] = condition


def keep_all_but_conditions(obj: Object, old: Object) -> None:
    """The approver's update: conditions and metadata, nothing else."""
    conditions = _conditions(obj)
    keep_spec(obj, old)
    obj["status"] = {key: value for key, value in (old.get("status") or {}).items() if key != "conditions"}
    if conditions:
        obj["status"]["conditions"] = conditions


def validate_status(obj: Object, old: Object) -> Errors:
    """A signer may add the certificate, once, and other conditions; decisions are `approval`'s."""
    errors = validate_conditions(obj, old)
    for kind in DECISIONS:
        before, after = _of_type(old, kind), _of_type(obj, kind)
        if len(after) > len(before):
            errors.append(forbidden(_CONDITIONS, f'updates may not add a condition of type "{kind}"'))
        elif len(after) == len(before) and after != before:
            errors.append(forbidden(_CONDITIONS, f'updates may not modify a condition of type "{kind}"'))
    issued, before_issued = ((one.get("status") or {}).get("certificate") for one in (obj, old))
    if issued != before_issued and before_issued:
        errors.append(forbidden(_CERTIFICATE, "updates may not modify existing certificate content"))
    fault = _certificate_fault(issued) if issued and issued != before_issued else ""
    if fault:
        errors.append(invalid(_CERTIFICATE, "<certificate data>", fault))
    return errors


def validate_conditions(obj: Object, old: Object) -> Errors:
    """What holds whoever writes them."""
    errors: Errors = []
    seen: set[str] = set()
    for index, condition in enumerate(_conditions(obj)):
        path, kind, status = _CONDITIONS.index(index), condition.get("type") or "", condition.get("status") or ""
        allowed = ("True",) if kind in _FINAL else ("False", "True", "Unknown")
        if not kind:
            errors.append(required(path.child("type")))
        if not status:
            errors.append(required(path.child("status")))
        elif status not in allowed:
            errors.append(not_supported(path.child("status"), status, allowed))
        if kind in DECISIONS and seen.intersection(DECISIONS) - {kind} and not _is_undecided_mix(old):
            message = "Approved and Denied conditions are mutually exclusive"
            errors.append(invalid(path.child("type"), kind, message))
        if kind in seen:
            errors.append(duplicate(path.child("type"), kind))
        seen.add(kind)
    for kind in _FINAL:
        if len(_of_type(obj, kind)) < len(_of_type(old, kind)):
            errors.append(forbidden(_CONDITIONS, f'updates may not remove a condition of type "{kind}"'))
    return errors


def _is_undecided_mix(old: Object) -> bool:
    return all(_of_type(old, kind) for kind in DECISIONS)


def stamp(obj: Object, old: Object, now: str) -> None:
    """Times that were left out: of the update, and of the last change of a condition's status."""
    before = _conditions(old)
    for condition in _conditions(obj):
        if not condition.get("lastUpdateTime"):
            condition["lastUpdateTime"] = now
        if not condition.get("lastTransitionTime"):
            same = [old for old in before if all(old.get(key) == condition.get(key) for key in ("type", "status"))]
            condition["lastTransitionTime"] = next(filter(None, (old.get("lastTransitionTime") for old in same)), now)


def _conditions(obj: Object) -> list[Object]:
    status = obj.get("status") or {}
    found: list[Object] = status.get("conditions") or []
    return found


def _of_type(obj: Object, kind: str) -> list[Object]:
    return [condition for condition in _conditions(obj) if condition.get("type") == kind]


def _usages(path: Path, usages: list[str]) -> Errors:
    if not usages:
        return [required(path)]
    errors: Errors = [
        not_supported(path.index(index), usage, USAGES) for index, usage in enumerate(usages) if usage not in USAGES
    ]
    errors += [duplicate(path.index(index), usage) for index, usage in enumerate(usages) if usage in usages[:index]]
    return errors


def _signer_name(path: Path, name: str) -> Errors:
    """`a domain/a name of labels`."""
    if not name:
        return [required(path)]
    if name == "kubernetes.io/legacy-unknown":
        return [invalid(path, name, "the legacy signerName is not allowed via this API version")]
    segments = name.split("/")
    if len(segments) != 2:
        message = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [invalid(path, name, message)]
    domain, rest = segments
    errors: Errors = [too_long(path, domain, _MAX_DOMAIN)] if len(domain) > _MAX_DOMAIN else []
    errors += _first_bad_label(path, domain, names.is_dns1123_label)
    if "." not in domain:
        errors.append(invalid(path, domain, "should be a domain with at least two segments separated by dots"))
    errors += _first_bad_label(path, rest, names.is_dns1123_subdomain)
    if len(name) > _MAX_SIGNER_NAME:
        errors.append(too_long(path, name, _MAX_SIGNER_NAME))
    return errors


def _first_bad_label(path: Path, segment: str, check: Any) -> Errors:
    for label in segment.split("."):
        wrong = check(label)
        if wrong:
            return [invalid(path, segment, f'validating label "{label}": {message}') for message in wrong]
    return []


def _request_fault(encoded: str) -> str:
    """What is wrong with spec.request; empty if nothing is."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    pem = _bytes(encoded)
    if b"-----BEGIN CERTIFICATE REQUEST-----" not in pem:
        return "PEM block type must be CERTIFICATE REQUEST"
    try:
        request = x509.load_pem_x509_csr(pem)
        if not request.is_signature_valid:
            return _FORGED.get(type(request.public_key()).__name__, "x509: verification failure")
    except (ValueError, UnsupportedAlgorithm) as error:
        return str(error)
    return ""


_FORGED = {
    "ECPublicKey": "x509: ECDSA verification failure",
    "RSAPublicKey": "crypto/rsa: verification error",
    "Ed25519PublicKey": "x509: Ed25519 verification failure",
}


def _certificate_fault(encoded: str) -> str:
    from cryptography import x509

    pem = _bytes(encoded)
    for kind in (line.strip() for line in pem.split(b"\n") if line.startswith(b"-----BEGIN ")):
        if kind != b"-----BEGIN CERTIFICATE-----":
            found = kind.decode(errors="replace").removeprefix("-----BEGIN ").removesuffix("-----")
            return f'only CERTIFICATE PEM blocks are allowed, found "{found}"'
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        return "must contain at least one CERTIFICATE PEM block"
    try:
        x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        return str(error)
    return ""


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return b""
