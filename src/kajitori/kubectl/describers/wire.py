"""Reading wire dicts: paths that may be missing, and values as Go prints them.

Pure. May import: machinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from kajitori.machinery import quantity, times

Wire = dict[str, Any]
ZERO_TIME = "Mon, 01 Jan 0001 00:00:00 +0000"
UNKNOWN = "<unknown>"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def dig(obj: Any, *path: str, default: Any = None) -> Any:
    """The value at a path of keys; `default` where a step is missing or null."""
    for key in path:
        if not isinstance(obj, Mapping):
            return default
        obj = obj.get(key)
    return default if obj is None else obj


def meta(obj: Wire, key: str, default: Any = "") -> Any:
    return dig(obj, "metadata", key, default=default)


def spec(obj: Wire, *path: str, default: Any = "") -> Any:
    return dig(obj, "spec", *path, default=default)


def status(obj: Wire, *path: str, default: Any = "") -> Any:
    return dig(obj, "status", *path, default=default)


def moment(text: str | None) -> str:
    """A timestamp as RFC 1123 with the local zone: ``Mon, 02 Jan 2026 15:04:05 +0000``."""
    if not text:
        return ZERO_TIME
    t = times.parse_time(text).astimezone()
    zone = t.strftime("%z")
    return f"{_DAYS[t.weekday()]}, {t.day:02} {_MONTHS[t.month - 1]} {t.year:04} {t:%H:%M:%S} {zone}"


def since(text: str | None, now: datetime | None = None) -> str:
    """How long ago: ``5m``; ``<unknown>`` without a time."""
    if not text:
        return UNKNOWN
    return times.human_duration(((now or datetime.now(UTC)) - times.parse_time(text)).total_seconds())


def between(start: str, end: str) -> str:
    """From one timestamp to the other, as ages are shown."""
    return times.human_duration((times.parse_time(end) - times.parse_time(start)).total_seconds())


def boolean(value: object) -> str:
    """``True``, ``False``."""
    return "True" if value else "False"


def boolean_or_unset(value: object) -> str:
    """As Go prints it, `<unset>` for None."""
    return "<unset>" if value is None else boolean(value)


def lower(value: object) -> str:
    """``true``, ``false``."""
    return "true" if value else "false"


def or_none(text: str) -> str:
    """`<none>` for an empty text."""
    return text or "<none>"


def or_unset(value: object) -> str:
    """`<unset>` for None."""
    return "<unset>" if value is None else str(value)


def words(values: Iterable[object] | None) -> str:
    """A slice as Go prints it: ``[a b]``."""
    return "[" + " ".join(shown(one) for one in values or ()) + "]"


def shown(value: object) -> str:
    """A decoded JSON value as Go's %v prints it."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return lower(value)
        case list():
            return words(value)
        case dict():
            return "map[" + " ".join(f"{key}:{shown(value[key])}" for key in sorted(value)) + "]"
        case float() if value.is_integer() and abs(value) < 1e21:
            return str(int(value))
    return str(value)


def amount(value: object) -> str:
    """A quantity in canonical form; a missing one is 0."""
    return quantity.canonical(str(value)) if value not in (None, "") else "0"


def controller_of(obj: Wire) -> Wire | None:
    """The owner reference of the controller."""
    for reference in meta(obj, "ownerReferences", ()):
        if reference.get("controller"):
            return dict(reference)
    return None


def controlled_by(obj: Wire) -> str:
    """``ReplicaSet/web-1``, or nothing."""
    reference = controller_of(obj)
    return f"{reference.get('kind', '')}/{reference.get('name', '')}" if reference else ""


def join_host_port(host: str, port: object) -> str:
    """With brackets round an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
