"""Names around devices: of drivers, pools and attributes. Pure; texts are upstream's.

May import: api.checks, machinery.
"""

from __future__ import annotations

from kajitori.api import checks
from kajitori.api.checks import Errors
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, required, too_long, type_invalid

MAX_DRIVER, MAX_ID, MAX_POOL = 63, 32, 253


def driver(at: Path, name: str) -> Errors:
    """A subdomain of one label's length."""
    if not name:
        return [required(at)]
    errors: Errors = [too_long(at, name, MAX_DRIVER)] if len(name) > MAX_DRIVER else []
    return errors + checks.by(at, name, names.is_dns1123_subdomain)


def pool(at: Path, name: str) -> Errors:
    """Subdomains with slashes between them."""
    if not name:
        return [required(at)]
    errors: Errors = [too_long(at, name, MAX_POOL)] if len(name) > MAX_POOL else []
    return errors + [error for part in name.split("/") for error in checks.by(at, part, names.is_dns1123_subdomain)]


def qualified(at: Path, name: str) -> Errors:
    """An identifier, perhaps a driver's: `dra.example.com/model`."""
    if not name:
        return [required(at, "name required")]
    domain, slash, own = name.partition("/")
    if not slash:
        return _identifier(at, name)
    errors = driver(at, domain) if domain else [required(at, "the domain must not be empty")]
    return errors + (_identifier(at, own) if own else [required(at, "the name must not be empty")])


def full_name(at: Path, name: str) -> Errors:
    """One with a domain."""
    errors = qualified(at, name)
    if name and "/" not in name:
        errors += checks.by(at, name, lambda _: ["must include a domain"])
    return errors


def _identifier(at: Path, name: str) -> Errors:
    errors: Errors = [too_long(at, name, MAX_ID)] if len(name) > MAX_ID else []
    return errors + [type_invalid(at, name, why) for why in names.is_c_identifier(name)]
