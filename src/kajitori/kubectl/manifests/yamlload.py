"""YAML read as go-yaml reads it before it becomes JSON: YAML 1.1 booleans, but dates and ``1:30`` stay texts.

May import: PyYAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # C's where there is one, known when it runs
    """A safe loader with go-yaml's resolver."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool",
    re.compile("(y|Y|n|N|(yes|no|true|false|on|off)|Yes|No|True|False|On|Off|YES|NO|TRUE|FALSE|ON|OFF)$"),
    list("yYnNtTfFoO"),
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("<<$"), ["<"])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"[-+]?(0b[01_]+|0o[0-7_]+|0[0-7_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*)$"),
    list("-+0123456789"),
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"),
    list("-+0123456789."),
)


def _int(loader: Any, node: Any) -> int:
    text = node.value.replace("_", "")
    sign, body = (-1, text[1:]) if text[:1] == "-" else (1, text.lstrip("+"))
    if body.startswith("0") and body[1:].isdigit():
        body = "0o" + body[1:]
    return sign * int(body, 0)


def _bool(loader: Any, node: Any) -> bool:
    return node.value.lower() in ("y", "yes", "true", "on")


def _float(loader: Any, node: Any) -> float | int:
    value = float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan").replace("_", ""))
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:bool", _bool)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def load_all(text: str | bytes) -> Iterator[Any]:
    """The documents, mapping keys as strings. Raises yaml.YAMLError."""
    for document in yaml.load_all(text, Loader=_Loader):
        yield _json_keys(document)


def load(text: str | bytes) -> Any:
    """The first document."""
    return next(load_all(text), None)


def _json_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _json_keys(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_json_keys(one) for one in value]
    return value


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
