"""What the messages of the API's protobuf encoding look like: `fields.txt`, read when first needed.

    UNKNOWN      every body is the magic `k8s\\0` and an Unknown message: apiVersion, kind, raw bytes
    fields_of    a message's fields by their number
    message_for  the message of a kind, if it has one: custom resources have none and are JSON

May import: api.naming.
"""

import functools
from collections.abc import Collection
from typing import Any, NamedTuple

from kajitori.api import naming

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
META = "apimachinery.pkg.apis.meta.v1."
Object = dict[str, Any]
_UNSAID = str.maketrans("", "", "$-")
"""What names in JSON have and names of fields cannot."""


class Field(NamedTuple):
    """One row of the table. A `kind` of one letter is a scalar, any other a message."""

    name: str
    kind: str
    repeated: bool
    is_map: bool

    @property
    def is_message(self) -> bool:
        return len(self.kind) > 1

    def key_among(self, properties: Collection[str]) -> str:
        """The name in JSON: mostly the field's own, sometimes in other letters (`Expression`, `aPIGroup`, `$ref`)."""
        if self.name in properties:
            return self.name
        folded = self.name.lower()
        found = next((name for name in properties if name.translate(_UNSAID).lower() == folded), "")
        return found or self.name[0].lower() + self.name[1:]


@functools.cache
def _lines() -> dict[str, str]:
    from importlib import resources

    text = resources.files(__package__).joinpath("fields.txt").read_text()
    return dict(line.partition(" ")[::2] for line in text.splitlines() if line and line[0] != "#")


@functools.cache
def fields_of(message: str) -> dict[int, Field]:
    """The fields of a message by their number."""
    found: dict[int, Field] = {}
    for word in _lines()[message].split():
        number, _, rest = word.partition("=")
        name, _, kind = rest.partition(":")
        is_map, repeated = kind.startswith("{"), kind.endswith("*")
        found[int(number)] = Field(name, kind.strip("{*"), repeated, is_map)
    return found


@functools.lru_cache(maxsize=1024)
def message_for(api_version: str, kind: str) -> str | None:
    """The message of a kind; what every group has (DeleteOptions, Status) is in meta."""
    group, _, version = api_version.rpartition("/")
    if group == "apidiscovery.k8s.io":  # v2beta1 is the same on the wire
        return f"api.apidiscovery.v2.{kind}" if f"api.apidiscovery.v2.{kind}" in _lines() else None
    name = naming.definition_name(group, version, kind).removeprefix("io.k8s.")
    if name in _lines():
        return name
    if naming.is_builtin_group(group) or group == "meta.k8s.io":
        return META + kind if META + kind in _lines() else None
    return None
