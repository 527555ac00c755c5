"""What a list's query says: limit, continue, resourceVersion, resourceVersionMatch; and the form of continue tokens.

May import: handlers.call.
"""

import base64
import re
from dataclasses import dataclass

import orjson

from kajitori.aiokit.http.message import Query
from kajitori.apiserver.handlers.call import Call
from kajitori.machinery import fieldpath, gotext
from kajitori.machinery.errors import BadRequest, Invalid
from kajitori.machinery.fieldpath import FieldError, Path


@dataclass(slots=True)
class Page:
    """Which part of a collection is wanted, and as of when."""

    limit: int = 0
    start: str = ""
    """The key after which to go on."""
    revision: int = 0
    """0: none was asked for."""
    exact: bool = False
    """Just that revision, not a newer one."""
    any_version: bool = False
    """Whatever the cache has will do."""

    @classmethod
    def of(cls, call: Call) -> "Page":
        """Raises BadRequest or Invalid."""
        page = cls()
        if not call.http.raw_query:
            return page
        query = call.http.query
        version, match, token = query.get("resourceVersion"), query.get("resourceVersionMatch"), query.get("continue")
        errors = _check_match(version, match, token)
        if "sendInitialEvents" in query:
            at = Path("sendInitialEvents")
            errors.append(fieldpath.forbidden(at, "sendInitialEvents is forbidden for list"))
        if errors:
            raise Invalid.of("meta.k8s.io", "ListOptions", "", errors)
        call.number("timeoutSeconds")  # read for its faults only: a list is answered at once
        page.limit = max(call.number("limit") or 0, 0)
        if version == "0":  # whatever the cache has, and all of it
            page.limit = 0
        if token:
            revision, page.start = decode_continue(token)
            if version and version != "0":
                raise BadRequest("specifying resource version is not allowed when using continue")
            page.exact = revision > 0  # less: what was there then is forgotten, so go on with what is there now
            page.revision = max(revision, 0)
        elif version == "0":
            page.any_version = True
        elif version:
            page.revision = read_version(version)
            page.exact = match == "Exact" or (bool(page.limit) and not match)
        return page


def requested_version(query: Query) -> str:
    """The resourceVersion of a GET. Raises BadRequest."""
    if "export" in query:
        raise BadRequest("the export parameter, deprecated since v1.14, is no longer supported")
    version = query.get("resourceVersion")
    if version:
        parse_version(version)
    return version


def _check_match(version: str, match: str, token: str) -> list[FieldError]:
    """The rules for resourceVersionMatch on lists."""
    if not match:
        return []
    at = Path("resourceVersionMatch")
    errors: list[FieldError] = []
    if not version:
        errors.append(fieldpath.forbidden(at, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
    if token:
        errors.append(fieldpath.forbidden(at, "resourceVersionMatch is forbidden when continue is provided"))
    if match not in ("Exact", "NotOlderThan"):
        errors.append(fieldpath.not_supported(at, match, ["Exact", "NotOlderThan", ""]))
    if match == "Exact" and version == "0":
        detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        errors.append(fieldpath.forbidden(at, detail))
    return errors


def read_version(text: str) -> int:
    """A list's resourceVersion parameter. Raises BadRequest."""
    try:
        return parse_version(text)
    except BadRequest as error:
        raise BadRequest(f"invalid resource version: {error.message}") from None


def parse_version(text: str) -> int:
    """A resourceVersion parameter. Raises BadRequest, where upstream answers 500 in the same words."""
    why = "invalid syntax"
    if text.isascii() and text.isdigit():
        if len(text) < 21 and int(text) < 1 << 64:
            return int(text)
        why = "value out of range"
    at, shown = Path("resourceVersion"), gotext.quote(text)
    problem = fieldpath.invalid(at, text, f"strconv.ParseUint: parsing {shown}: {why}")
    raise BadRequest(str(problem))


def encode_continue(revision: int, start: str) -> str:
    """A continue token, in upstream's form."""
    raw = orjson.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": start + "\0"})
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_continue(token: str) -> tuple[int, str]:
    """(revision, key after which to go on). Raises BadRequest."""
    wrong = "invalid continue token: continue key is not valid"
    try:
        _check_base64(token)
        raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        value = orjson.loads(raw)
        version, revision, start = value.get("v", ""), value.get("rv", 0), value.get("start", "")
    except (orjson.JSONDecodeError, AttributeError) as error:
        raise BadRequest(
            f"{wrong}: invalid character {raw[:1].decode(errors='replace')!r} looking for beginning of value"
        ) from error
    except ValueError as error:
        raise BadRequest(f"{wrong}: {error}") from error
    if version != "meta.k8s.io/v1":
        raise BadRequest(f"{wrong}: server does not recognize this encoded version {version}")
    if not isinstance(revision, int) or not revision:
        raise BadRequest(f"{wrong}: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not isinstance(start, str) or not start:
        raise BadRequest(f"{wrong}: encoded start key empty (version meta.k8s.io/v1)")
    if {"", ".", ".."} & set(start.removeprefix("/").split("/")):
        raise BadRequest(f"{wrong}: {start}")
    return revision, start.removesuffix("\0")


def _check_base64(text: str) -> None:
    """Raises ValueError in the words of Go's decoder."""
    wrong = re.search(r"[^A-Za-z0-9_-]", text)
    if wrong or len(text) % 4 == 1:
        at = len(text[: wrong.start()].encode()) if wrong else len(text) - 1
        raise ValueError(f"illegal base64 data at input byte {at}")
