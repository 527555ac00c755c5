"""Names: which are valid, and how the server makes them up.

The `is_…` checks return what is wrong in upstream's words; an empty list means valid.
May import: the standard library.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""No vowels and no look-alikes, so that chance spells no words."""

MAX_GENERATED_BASE = 63 - 5

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = _LABEL + r"(\." + _LABEL + ")*"
_UNDERSCORED = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_UNDERSCORED_SUBDOMAIN = _UNDERSCORED + r"(\." + _UNDERSCORED + ")*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = "(" + _QUALIFIED + ")?"
_WILDCARD = r"\*\." + _SUBDOMAIN
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_PERCENT = "[0-9]+%"
_HTTP_HEADER = "[-A-Za-z0-9]+"

_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_QUALIFIED_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)
_WILDCARD_WORDS = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, "
    "which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
)

EMPTY = "must be non-empty"


def too_long(limit: int) -> str:
    """The complaint, in upstream's words."""
    return f"must be no more than {limit} characters"


def regex_message(words: str, pattern: str, *examples: str) -> str:
    """Upstream's sentence for a failed pattern, its double space before `or` included."""
    if not examples:
        return f"{words} (regex used for validation is '{pattern}')"
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{words} (e.g. {shown}regex used for validation is '{pattern}')"


@functools.lru_cache(8192)
def _valid(text: str, pattern: str, limit: int) -> bool:
    """Objects repeat their labels and ports, so most names have been looked at before."""
    return len(text.encode()) <= limit and _compiled(pattern).fullmatch(text) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _check(text: str, pattern: str, limit: int, words: str, *names: str) -> list[str]:
    """What is wrong with a text; `words` and what follows go into the `regex_message`."""
    if _valid(text, pattern, limit):
        return []
    wrong = []
    if len(text.encode()) > limit:
        wrong.append(too_long(limit))
    if _compiled(pattern).fullmatch(text) is None:
        wrong.append(regex_message(words, *names))
    return wrong


def is_dns1123_label(text: str) -> list[str]:
    """At most 63 of lower case, digits and `-` (RFC 1123): names of Namespaces, containers, volumes."""
    return _check(text, _LABEL, 63, _LABEL_WORDS, _LABEL, "my-name", "123-abc")


def is_dns1123_subdomain(text: str) -> list[str]:
    """At most 253: labels of RFC 1123 joined by dots: the names of most objects."""
    return _check(text, _SUBDOMAIN, 253, _SUBDOMAIN_WORDS, _SUBDOMAIN, "example.com")


def is_dns1123_subdomain_with_underscore(text: str) -> list[str]:
    """As the former, but `_` may be in it as service records have it: search domains."""
    words = _SUBDOMAIN_WORDS.replace("characters, '-'", "characters, '_', '-'")
    return _check(text, _UNDERSCORED_SUBDOMAIN, 253, words, _UNDERSCORED_SUBDOMAIN, "example.com")


def is_wildcard_dns1123_subdomain(text: str) -> list[str]:
    """A subdomain whose first label is `*`: hosts of Ingresses."""
    return _check(text, _WILDCARD, 253, _WILDCARD_WORDS, _WILDCARD, "*.example.com")


def is_dns1035_label(text: str) -> list[str]:
    """As RFC 1123's, but it begins with a letter (RFC 1035): names of Services."""
    return _check(text, _LABEL_1035, 63, _LABEL_1035_WORDS, _LABEL_1035, "my-name", "abc-123")


@functools.lru_cache(8192)
def _valid_qualified(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    if slash and not _valid(prefix, _SUBDOMAIN, 253):
        return False
    return _valid(name, _QUALIFIED, 63)


def is_qualified_name(text: str) -> list[str]:
    """A label or annotation key: `name` or `dns.prefix/name`."""
    if _valid_qualified(text):
        return []
    wrong = []
    pattern_message = regex_message(_QUALIFIED_WORDS, _QUALIFIED, "MyName", "my.name", "123-abc")
    parts = text.split("/")
    if len(parts) > 2:
        optional = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return ["a qualified name " + pattern_message + optional]
    if len(parts) == 2:
        prefix = parts[0]
        if not prefix:
            wrong.append("prefix part " + EMPTY)
        else:
            wrong.extend("prefix part " + message for message in is_dns1123_subdomain(prefix))
    name = parts[-1]
    if not name:
        wrong.append("name part " + EMPTY)
    elif len(name) > 63:
        wrong.append("name part " + too_long(63))
    if re.fullmatch(_QUALIFIED, name, re.ASCII) is None:
        wrong.append("name part " + pattern_message)
    return wrong


def is_label_value(text: str) -> list[str]:
    """At most 63 of letters, digits, `-`, `_` and `.`, or empty."""
    return _check(text, _VALUE, 63, _VALUE_WORDS, _VALUE, "MyValue", "my_value", "12345")


def is_c_identifier(text: str) -> list[str]:
    words = "a valid C identifier must start with alphabetic character or '_', "
    words += "followed by a string of alphanumeric characters or '_'"
    return _check(text, _C_IDENTIFIER, 1 << 30, words, _C_IDENTIFIER, "my_name", "MY_NAME", "MyName")


def is_env_var_name(text: str) -> list[str]:
    """Any printable ASCII but `=` (KEP-4369, RelaxedEnvironmentVariableValidation)."""
    if not text:
        return ["environment variable name must be non-empty"]
    if all(" " <= char <= "~" and char != "=" for char in text):
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def is_http_header_name(text: str) -> list[str]:
    words = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return _check(text, _HTTP_HEADER, 1 << 30, words, _HTTP_HEADER, "X-Header-Name")


def is_config_map_key(text: str) -> list[str]:
    """A name that is safe as a file's: keys of ConfigMaps and Secrets become files in volumes."""
    words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    wrong = _check(text, _CONFIG_KEY, 253, words, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name")
    if text == ".":
        wrong.append("must not be '.'")
    elif text == "..":
        wrong.append("must not be '..'")
    elif text.startswith(".."):
        wrong.append("must not start with '..'")
    return wrong


def is_path_segment(text: str) -> list[str]:
    """Names that only have to be safe in a URL, such as those of roles."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{char}'" for char in ("/", "%") if char in text]


def is_port_name(text: str) -> list[str]:
    """An IANA service name (RFC 6335): at most 15, at least one letter."""
    wrong = []
    if len(text) > 15:
        wrong.append(too_long(15))
    if re.fullmatch(r"[-a-z0-9]+", text, re.ASCII) is None:
        wrong.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if re.search("[a-z]", text) is None:
        wrong.append("must contain at least one letter (a-z)")
    if "--" in text:
        wrong.append("must not contain consecutive hyphens")
    if text and "-" in (text[0], text[-1]):
        wrong.append("must not begin or end with a hyphen")
    return wrong


def is_percent(text: str) -> list[str]:
    """`25%`; signs and fractions are none."""
    words = "a valid percent string must be a numeric string followed by an ending '%'"
    return _check(text, _PERCENT, 1 << 30, words, _PERCENT, "1%", "93%")


def random_suffix(rng: random.Random, length: int = 5) -> str:
    """Drawn from `ALPHABET`; `rng` decides, so a test knows what comes."""
    return "".join(rng.choices(ALPHABET, k=length))


@functools.cache
def _system_random() -> random.Random:
    import random

    return random.SystemRandom()


def generate_name(base: str, rng: random.Random | None = None) -> str:
    """A name from `metadata.generateName`: the base, shortened if need be, and five random characters."""
    return base[:MAX_GENERATED_BASE] + random_suffix(rng or _system_random())
