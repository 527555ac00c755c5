"""What is wrong with an EncryptionConfiguration, in upstream's words. Keys never show. Pure.

May import: aiokit.govalues, machinery.fieldpath.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from kajitori.aiokit import govalues
from kajitori.machinery.fieldpath import FieldError, Path, invalid, required

Object = dict[str, Any]
Errors = list[FieldError]
KEY_SIZES = {"aesgcm": (16, 24, 32), "aescbc": (16, 24, 32), "secretbox": (32,)}
PROVIDERS = ("kms", *KEY_SIZES, "identity")
NO_PROVIDER = "provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity"
MORE_PROVIDERS = "more than one provider specified in a single element, should split into different list elements"
OVERLAP = (
    "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed "
    "as they will be masked"
)
STAR = "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources"
EVENTS = (
    "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file"
)
ADDRESSES = ("apiserveripinfo", "serviceipallocations", "servicenodeportallocations")


def validate(document: Object, *, reload: bool = False) -> Errors:
    """Every fault. With `reload`, names of providers of version 1 have to be unique too."""
    root = Path("resources")
    entries = document.get("resources") or ()
    if not entries:
        return [required(root, "at least one resources is required")]
    errors: Errors = []
    names: set[str] = set()
    for index, entry in enumerate(entries):
        at = root.index(index)
        errors += _resources(at.child("resources"), (entry or {}).get("resources") or ())
        errors += _providers(at.child("providers"), (entry or {}).get("providers") or (), names, reload=reload)
    return errors


def _resources(at: Path, names: Sequence[str]) -> Errors:
    errors: Errors = [] if names else [required(at, f"at least one {at} is required")]
    parsed = [group_resource(name) for name in names]
    if len(set(parsed)) < len(parsed):
        errors.append(invalid(at, list(names), "the same resource cannot be specified multiple times"))
    if _overlap(parsed):
        errors.append(invalid(at, list(names), OVERLAP))
    for index, name in enumerate(names):
        if why := _bad_name(name):
            errors.append(invalid(at.index(index), name, why))
    return errors


def group_resource(name: str) -> tuple[str, str]:
    """(group, resource): `deployments.apps` is of `apps`, `secrets` and `*.` of the core group."""
    resource, _, group = name.partition(".")
    return group, resource


def _overlap(parsed: Sequence[tuple[str, str]]) -> bool:
    several = [group for group, _ in parsed]
    for index, (group, resource) in enumerate(parsed):
        if resource == "*" and len(parsed) > 1 and (group == "*" or group in several[:index] + several[index + 1 :]):
            return True
    return False


def _bad_name(name: str) -> str:
    group, resource = group_resource(name)
    if name.lower() != name:
        return "resource name should not contain capital letters"
    if name == "*":
        return STAR
    if name in ADDRESSES:
        return "resources which do not have REST API/s cannot be encrypted"
    if group == "events.k8s.io":
        return EVENTS
    if group == "extensions":
        return "'extensions' group has been removed and cannot be used for encryption"
    return "encrypting the same resource across groups is not supported" if group == "*" != resource else ""


def _providers(at: Path, providers: Sequence[Object], names: set[str], *, reload: bool) -> Errors:
    errors: Errors = [] if providers else [required(at, f"at least one {at} is required")]
    for index, provider in enumerate(providers):
        where = at.index(index)
        given = [kind for kind in PROVIDERS if (provider or {}).get(kind) is not None]
        if len(given) != 1:
            errors.append(invalid(where, sorted(provider or {}), MORE_PROVIDERS if given else NO_PROVIDER))
        if not given:
            continue
        kind = given[0]
        settings = provider[kind] if isinstance(provider[kind], dict) else {}
        if kind == "kms":
            errors += _kms(where.child("kms"), settings, names, reload=reload)
            names.add(settings.get("name") or "")
        elif kind in KEY_SIZES:
            errors += _keys(where.child(kind, "keys"), settings.get("keys") or (), KEY_SIZES[kind])
    return errors


def _keys(at: Path, keys: Sequence[Object], sizes: Sequence[int]) -> Errors:
    errors: Errors = [] if keys else [required(at, "at least one keys is required")]
    for index, key in enumerate(keys):
        where = at.index(index)
        if not key.get("name"):
            errors.append(required(where.child("name"), "name is a mandatory field for a key"))
        if not key.get("secret"):
            errors.append(required(where.child("secret"), "secret is a mandatory field for a key"))
        elif why := _bad_secret(key["secret"], sizes):
            errors.append(invalid(where.child("secret"), "REDACTED", why))
    return errors


def _bad_secret(secret: Any, sizes: Sequence[int]) -> str:
    try:
        size = len(base64.b64decode(secret, validate=True))
    except (binascii.Error, ValueError, TypeError):
        return "secrets must be base64 encoded"
    shown = " ".join(map(str, sizes))
    return "" if size in sizes else f"secret is not of the expected length, got {size}, expected one of [{shown}]"


def _kms(at: Path, settings: Object, names: set[str], *, reload: bool) -> Errors:
    errors: Errors = []
    name, version = settings.get("name") or "", settings.get("apiVersion") or "v1"
    if not name:
        errors.append(required(at.child("name"), "name is a mandatory field for a provider"))
    if version != "v1" and ":" in name:
        errors.append(invalid(at.child("name"), name, f"invalid KMS provider name {name}, must not contain ':'"))
    if (reload or version != "v1") and name in names:
        why = f"duplicate KMS provider name {name}, names must be unique"
        errors.append(invalid(at.child("name"), name, why))
    errors += _timeout(at.child("timeout"), settings.get("timeout"))
    errors += _endpoint(at.child("endpoint"), settings.get("endpoint") or "")
    size = settings.get("cachesize")
    if version != "v1" and size is not None:
        errors.append(invalid(at.child("cachesize"), size, "cachesize is not supported in v2"))
    if version == "v1" and size == 0:
        why = "cachesize should be a positive value, or negative to disable"
        errors.append(invalid(at.child("cachesize"), size, why))
    if version not in ("v1", "v2"):
        why = "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported"  # as upstream's
        errors.append(invalid(at.child("apiVersion"), version, why))
    return errors


def _timeout(at: Path, given: Any) -> Errors:
    if given is None:
        return []
    try:
        seconds = float(govalues.parse_duration(str(given)))
    except ValueError as error:
        return [invalid(at, given, str(error))]
    return [] if seconds > 0 else [invalid(at, given, "timeout should be a positive value")]


def _endpoint(at: Path, endpoint: str) -> Errors:
    if not endpoint:
        return [invalid(at, "", "endpoint is a mandatory field for a kms")]
    try:
        scheme = urlsplit(endpoint).scheme
    except ValueError as error:
        return [invalid(at, endpoint, f"invalid endpoint for kms provider, error: {error}")]
    if scheme != "unix":
        return [invalid(at, endpoint, f'unsupported scheme "{scheme}" for KMS provider, only unix is supported')]
    return []


def masked(document: Object) -> str:
    """A resource that an earlier wildcard takes from its own entry, told; "" when there is none."""
    seen: set[tuple[str, str]] = set()
    for entry in document.get("resources") or ():
        for name in entry.get("resources") or ():
            group, _ = group_resource(name)
            for earlier, shown in (((group, "*"), f"*.{group}"), (("*", "*"), "*.*")):
                if earlier in seen:
                    return f'resource "{name}" is masked by earlier rule "{shown}"'
            seen.add(group_resource(name))
    return ""
