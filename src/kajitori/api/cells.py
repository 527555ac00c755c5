"""What the cells of printed tables have in common: ages, selectors, lists that are cut after three.

Every function takes wire values and gives what upstream's printers show. May import: machinery, api.registration.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kajitori.api.registration import Column
from kajitori.machinery.times import human_duration, parse_time

NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"
MAX_LISTED = 3
_NAMES = ("Name", "Attacher")
Row = Callable[[dict[str, Any], datetime], list[Any]]
Conditions = Callable[[Mapping[str, Any]], "list[dict[str, str]]"]


@dataclass(frozen=True)
class Table:
    """The columns of a resource and the function that fills one row.

    `reads` is a TypedDict of all that the function looks at beside the metadata, for kinds that are large: the rest of
    a stored object is then not decoded to print it. `conditions` are what a row says of the object beside its cells.
    """

    columns: tuple[Column, ...]
    row: Row
    reads: type | None = None
    conditions: Conditions | None = None


def table(names: str, row: Row, reads: type | None = None, conditions: Conditions | None = None) -> Table:
    """Columns from a line such as ``Name, Ready, Current:integer, IP*``; a star marks one for `-o wide` alone."""
    columns = []
    for word in names.split(", "):
        name, _, kind = word.rstrip("*").partition(":")
        shape = "name" if name in _NAMES else ""
        columns.append(Column(name=name, type=kind or "string", format=shape, priority=int(word.endswith("*"))))
    return Table(tuple(columns), row, reads, conditions)


@functools.cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def dig(obj: Mapping[str, Any], path: str, default: Any = None) -> Any:
    """The value at a dotted path; `default` where a step is missing or null."""
    value: Any = obj
    for step in _steps(path):
        if type(value) is not dict and not isinstance(value, Mapping):  # the first is what it nearly always is
            return default
        value = value.get(step)
    return default if value is None else value


def name(obj: Mapping[str, Any]) -> str:
    """Empty where there is none."""
    return str((obj.get("metadata") or {}).get("name") or "")


def since(timestamp: str | None, now: datetime) -> str:
    """How long ago, the short way (``5m``); ``<unknown>`` without a time."""
    if not timestamp:
        return UNKNOWN
    return human_duration((now - parse_time(timestamp)).total_seconds())


def age(obj: Mapping[str, Any], now: datetime) -> str:
    """Since the object was created, as `kubectl get` shows it (`5d3h`)."""
    return since((obj.get("metadata") or {}).get("creationTimestamp"), now)


def labels(pairs: Mapping[str, str] | None) -> str:
    """``a=b,c=d`` in key order, or ``<none>``."""
    return ",".join(f"{k}={v}" for k, v in sorted(pairs.items())) if pairs else NONE


def label_selector(selector: Mapping[str, Any] | None, empty: str = NONE) -> str:
    """A LabelSelector object in its text form, in the order of its keys."""
    if selector is None:
        return empty
    parts = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    parts += [(one["key"], _expression(one)) for one in selector.get("matchExpressions") or ()]
    return ",".join(text for _, text in sorted(parts)) or empty


def _expression(expression: Mapping[str, Any]) -> str:
    key, operator = expression["key"], expression["operator"]
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    word = "in" if operator == "In" else "notin"
    return f"{key} {word} ({','.join(sorted(expression.get('values') or ()))})"


def containers_and_images(spec: Mapping[str, Any]) -> tuple[str, str]:
    """The names and the images of a pod spec's containers, joined by commas."""
    containers: Sequence[Mapping[str, Any]] = spec.get("containers") or ()
    return ",".join(c.get("name", "") for c in containers), ",".join(c.get("image", "") for c in containers)


def listed(items: Sequence[str], empty: str, more: str = " + {} more...") -> str:
    """At most three items joined by commas, the rest counted."""
    if not items:
        return empty
    text = ",".join(items[:MAX_LISTED])
    return text + more.format(len(items) - MAX_LISTED) if len(items) > MAX_LISTED else text


def load_balancer(obj: Mapping[str, Any]) -> str:
    """The addresses at which a load balancer takes requests for an object: each once, sorted."""
    points = dig(obj, "status.loadBalancer.ingress", ())
    return ",".join(sorted({point.get("ip") or point.get("hostname") or "" for point in points} - {""}))


def bool_text(value: bool | None) -> str:
    """`True` or `False`; `<unset>` for a field that is not set."""
    return UNSET if value is None else ("True" if value else "False")


def access_modes(modes: Iterable[str] | None) -> str:
    """``RWO,ROX,RWX,RWOP``, each once, in this order."""
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    present = set(modes or ())
    return ",".join(text for mode, text in short.items() if mode in present)


def only_age(obj: dict[str, Any], now: datetime) -> list[Any]:
    """The row of kinds that have nothing but a name and an age."""
    return [name(obj), age(obj, now)]


def created_at(obj: dict[str, Any], now: datetime) -> list[Any]:
    """The row of kinds that show their creation time itself."""
    return [name(obj), dig(obj, "metadata.creationTimestamp", "")]


NAME_AND_AGE = table("Name, Age", only_age)
NAME_AND_CREATED = table("Name, Created At:date", created_at)
