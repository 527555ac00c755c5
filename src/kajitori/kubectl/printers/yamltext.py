"""YAML as kubectl prints it: keys sorted, lists at their parent's column, long texts folded at 80 columns.

The shapes of scalars follow go-yaml: a text with line breaks is a `|` block, one that some reader could take for a
number, a boolean, null or a date is in double quotes. May import: PyYAML.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_INT = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]+)?([ \t]*(Z|[-+][0-9]{1,2}(:?[0-9]{2})?))?)?"
)
_WORDS = frozenset(
    word
    for base in ("true", "false", "on", "off", "yes", "no", "y", "n", "null", ".nan", ".inf", "+.inf", "-.inf")
    for word in (base, base.capitalize(), base.upper())
) | {"", "~", "<<", "=", ".NaN", ".Inf", "+.Inf", "-.Inf"}
_WORDS -= {"="}

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc]  # C's where there is one, known when it runs
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else '"' if is_ambiguous(text) else None
    if text == ".":  # the emitter would quote it, and go-yaml does not
        return dumper.represent_scalar("tag:yaml.org,2002:float", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_float(dumper: Any, value: float) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:float", go_float(value))


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(float, _represent_float)
_Dumper.yaml_implicit_resolvers = {}  # the style is decided above; a plain text stays plain
_Dumper.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("null$"), ["n"])
_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(true|false)$"), ["t", "f"])
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?[0-9]+$"), list("-0123456789"))
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"(-?[0-9]+(\.[0-9]+)?(e[-+][0-9]+)?|\.)$"), list("-0123456789.")
)


def dumps(value: Any, *, sort_keys: bool = True) -> str:
    """The document's text, newline included."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=sort_keys, default_flow_style=False, allow_unicode=True, width=80)
    return str(text).removesuffix("...\n")


def is_ambiguous(text: str) -> bool:
    """Whether a plain scalar of this text would be read as something other than a string."""
    if text in _WORDS:
        return True
    if text[0] in "+-.0123456789":
        bare = text.replace("_", "")
        if _INT.fullmatch(text) and _is_number(bare):
            return True
        return any(one.fullmatch(text) for one in (_FLOAT, _BASE60, _DATE))
    return False


def _is_number(bare: str) -> bool:
    """Whether Go's ParseInt with base 0 takes it (`08` is none, but then it is a float)."""
    return bool(re.fullmatch(r"[-+]?(0b[01]+|0o?[0-7]*|0x[0-9a-fA-F]+|[0-9]+)", bare))


def go_float(value: float) -> str:
    """A number that is no integer, in Go's shortest form."""
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    return re.sub(r"e([-+])0*(\d)$", r"e\g<1>0\2", text)
