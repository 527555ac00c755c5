"""Accept headers: which representation a client gets. Pure. May import: machinery.errors."""

import enum
import functools
from dataclasses import dataclass

from kajitori.machinery.errors import NotAcceptable

ACCEPTED = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")


class As(enum.Enum):
    """The shape of an answer."""

    OBJECT = "object"
    TABLE = "Table"
    PARTIAL = "PartialObjectMetadata"
    PARTIAL_LIST = "PartialObjectMetadataList"


@dataclass(frozen=True, slots=True)
class Format:
    """A shape, its meta.k8s.io version, and whether it is written as YAML."""

    shape: As = As.OBJECT
    version: str = "v1"
    yaml: bool = False

    @property
    def media_type(self) -> str:
        """The Content-Type of an answer in this format."""
        return "application/yaml" if self.yaml else "application/json"


JSON = Format()
_SHAPES = {
    "": As.OBJECT,
    "Table": As.TABLE,
    "PartialObjectMetadata": As.PARTIAL,
    "PartialObjectMetadataList": As.PARTIAL_LIST,
}
_JSON_TYPES = frozenset({"application/json", "*/*", "application/*"})


@functools.lru_cache(maxsize=512)
def negotiate(accept: str) -> Format:
    """The first acceptable clause of an Accept header, by its quality. Raises NotAcceptable."""
    if not accept or accept == "application/json":
        return JSON
    clauses = sorted((_parse(clause) for clause in accept.split(",") if clause.strip()), key=lambda c: -_quality(c[1]))
    for kind, parameters in clauses:
        if kind not in _JSON_TYPES and kind != "application/yaml":
            continue
        shape = _SHAPES.get(parameters.get("as", ""))
        if shape is None or (shape is not As.OBJECT and parameters.get("g", "meta.k8s.io") != "meta.k8s.io"):
            continue
        version = parameters.get("v", "v1") if shape is not As.OBJECT else "v1"
        if version in ("v1", "v1beta1"):
            return Format(shape, version, kind == "application/yaml")
    raise NotAcceptable.of(ACCEPTED)


def _parse(clause: str) -> tuple[str, dict[str, str]]:
    kind, *parameters = (part.strip() for part in clause.split(";"))
    return kind.lower(), dict(p.partition("=")[::2] for p in parameters)


def _quality(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
