"""YAML read as go-yaml 2 reads it before it becomes JSON: YAML 1.1 booleans, but dates and `1:30` stay texts.

Tags that nobody knows count for nothing, and mapping keys become strings. May import: PyYAML.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EXACT = 1e15
"""Below this a float that is whole is written as an integer."""


class Loader(_Base):  # type: ignore[misc]  # C's where there is one, known when it runs
    """A safe loader with go-yaml's resolver."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool",
    re.compile("(y|Y|n|N|(yes|no|true|false|on|off)|Yes|No|True|False|On|Off|YES|NO|TRUE|FALSE|ON|OFF)$"),
    list("yYnNtTfFoO"),
)
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("<<$"), ["<"])
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"[-+]?(0b[01_]+|0o[0-7_]+|0[0-7_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*)$"),
    list("-+0123456789"),
)
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"),
    list("-+0123456789."),
)


def _int(loader: Any, node: Any) -> int | float:
    text = node.value.replace("_", "")
    sign, body = (-1, text[1:]) if text[:1] == "-" else (1, text.lstrip("+"))
    if body.startswith("0") and body[1:].isdigit():
        body = "0o" + body[1:]
    value = sign * int(body, 0)
    return value if -(1 << 63) <= value < 1 << 64 else float(value)


def _bool(loader: Any, node: Any) -> bool:
    return node.value.lower() in ("y", "yes", "true", "on")


def _float(loader: Any, node: Any) -> float | int:
    value = float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan").replace("_", ""))
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _binary(loader: Any, node: Any) -> str:
    return base64.b64decode(node.value).decode(errors="replace")


def _of_any_tag(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


Loader.add_constructor("tag:yaml.org,2002:int", _int)
Loader.add_constructor("tag:yaml.org,2002:bool", _bool)
Loader.add_constructor("tag:yaml.org,2002:float", _float)
Loader.add_constructor("tag:yaml.org,2002:binary", _binary)
Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)
Loader.add_multi_constructor("!", _of_any_tag)


def load_all(text: str | bytes) -> Iterator[Any]:
    """The documents, mapping keys as strings. Raises yaml.YAMLError."""
    for document in yaml.load_all(text, Loader=Loader):
        yield with_text_keys(document)


def load(text: str | bytes) -> Any:
    """The first document; what comes after it is not looked at."""
    return next(load_all(text), None)


def compose(text: str | bytes) -> Any:
    """The first document's root node, None when it is empty."""
    loader = Loader(text)
    try:
        return loader.get_node() if loader.check_node() else None
    finally:
        loader.dispose()


def with_text_keys(value: Any) -> Any:
    """The value with mapping keys as JSON has them."""
    if isinstance(value, dict):
        return {_key(key): with_text_keys(one) for key, one in value.items()}
    if isinstance(value, list):
        return [with_text_keys(one) for one in value]
    return value


def infinite(value: Any) -> str:
    """`+Inf`, `-Inf` or `NaN` when there is such a number, which JSON cannot say; else an empty string."""
    if isinstance(value, dict | list):
        children = value.values() if isinstance(value, dict) else value
        return next(filter(None, map(infinite, children)), "")
    if not isinstance(value, float) or math.isfinite(value):
        return ""
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
