"""Accept headers: which representation a client gets. Pure. May import: machinery.errors."""

import enum
import functools
from dataclasses import dataclass

from kajitori.machinery.errors import NotAcceptable

PROTOBUF = "application/vnd.kubernetes.protobuf"
ACCEPTED = ("application/json", "application/yaml", PROTOBUF)


class As(enum.Enum):
    """The shape of an answer."""

    OBJECT = "object"
    TABLE = "Table"
    PARTIAL = "PartialObjectMetadata"
    PARTIAL_LIST = "PartialObjectMetadataList"


@dataclass(frozen=True, slots=True)
class Format:
    """A shape, its meta.k8s.io version, and whether it is written as YAML or protobuf."""

    shape: As = As.OBJECT
    version: str = "v1"
    yaml: bool = False
    protobuf: bool = False

    @property
    def media_type(self) -> str:
        """The Content-Type of an answer in this format."""
        return "application/yaml" if self.yaml else PROTOBUF if self.protobuf else "application/json"


JSON = Format()
_SHAPES = {
    "": As.OBJECT,
    "Table": As.TABLE,
    "PartialObjectMetadata": As.PARTIAL,
    "PartialObjectMetadataList": As.PARTIAL_LIST,
}
_TRANSFORMED = frozenset({"as", "g", "v"})
_JSON_TYPES = frozenset({"application/json", "*/*", "application/*"})


@functools.lru_cache(maxsize=512)
def negotiate(accept: str, as_protobuf: frozenset[As] = frozenset()) -> Format:
    """The first acceptable clause of an Accept header, by its quality. Raises NotAcceptable.

    `as_protobuf`: the shapes that protobuf can have here.
    """
    if not accept or accept == "application/json":
        return JSON
    clauses = sorted((_parse(clause) for clause in accept.split(",") if clause.strip()), key=lambda c: -_quality(c[1]))
    for kind, parameters in clauses:
        if kind not in _JSON_TYPES and kind not in ACCEPTED:
            continue
        shape = _SHAPES.get(parameters.get("as", ""))
        if shape is None or (_TRANSFORMED.isdisjoint(parameters) is not (shape is As.OBJECT)):
            continue
        if shape is not As.OBJECT and parameters.get("g") != "meta.k8s.io":
            continue
        if kind == PROTOBUF and shape not in as_protobuf:
            continue
        version = parameters.get("v", "") if shape is not As.OBJECT else "v1"
        if version in ("v1", "v1beta1"):
            return Format(shape, version, kind == "application/yaml", kind == PROTOBUF)
    raise NotAcceptable.of(ACCEPTED)


def _parse(clause: str) -> tuple[str, dict[str, str]]:
    kind, *parameters = (part.strip() for part in clause.split(";"))
    return kind, dict(p.partition("=")[::2] for p in parameters)


def _quality(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
