"""The objects in one source's bytes: JSON or YAML documents, Lists opened up into their items.

May import: kubectl.{flags,manifests,printers}, machinery.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.machinery import yamlerrors


class NothingRead(UsageError):
    """The files hold no object; verbs word it in their own ways."""

    def __init__(self) -> None:
        super().__init__("error: no objects passed to apply")


@dataclass
class Document:
    """An object and where it was read, for messages."""

    object: dict[str, Any]
    source: str


def parse(data: bytes, source: str, *, schema: bool = False) -> list[Document]:
    """The documents of one source."""
    documents: list[Document] = []
    for value in _values(data, source):
        documents += [Document(obj, source) for obj in _opened(value, source, schema)]
    return documents


def check_metadata(document: Document) -> None:
    """Raises UsageError, in Go's words, for metadata of wrong types, as a label's unquoted `true` is."""
    metadata = document.object.get("metadata")
    if metadata is None or _is_plain(metadata):
        return
    from kajitori.api import schema
    from kajitori.machinery import wirecheck

    known = schema.for_kind("", "v1", "ConfigMap").properties["metadata"]
    if isinstance(metadata, dict):
        wrong = wirecheck.type_error(known, _in_order(metadata), "metadata")
    else:
        what = "array" if isinstance(metadata, list) else _go_type(metadata)
        wrong = f"json: cannot unmarshal {what} into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta"
    if wrong:
        raise UsageError(f'error: unable to decode "{document.source}": {wrong}')


def _is_plain(metadata: Any) -> bool:
    """Names and texts only, as nearly always: there is nothing to look up."""
    if not isinstance(metadata, dict):
        return False
    for name, value in metadata.items():
        if name in ("labels", "annotations"):
            if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
                return False
        elif name not in ("name", "namespace", "generateName") or not isinstance(value, str):
            return False
    return True


def _in_order(value: Any) -> Any:
    """With its keys sorted, as YAML comes out of its conversion to JSON."""
    return {key: _in_order(value[key]) for key in sorted(value)} if isinstance(value, dict) else value


def _values(data: bytes, source: str) -> Iterator[Any]:
    if data.lstrip()[:1] == b"{":
        try:
            yield from _json_values(data)
            return
        except ValueError:
            pass  # YAML in flow style looks like JSON at first
    import yaml

    from kajitori.kubectl.manifests.yamlload import load_all

    try:
        yield from load_all(data)
    except yaml.YAMLError as error:
        raise UsageError(
            f"error: error parsing {source}: error converting YAML to JSON: yaml: {yamlerrors.words(error, data)}"
        ) from error


def _json_values(data: bytes) -> list[Any]:
    decoder, text, found, position = json.JSONDecoder(), data.decode(), [], 0
    while position < len(text):
        while position < len(text) and text[position] in " \t\r\n":
            position += 1
        if position < len(text):
            value, position = decoder.raw_decode(text, position)
            found.append(value)
    return found


def _opened(value: Any, source: str, schema: bool) -> Iterator[dict[str, Any]]:
    if value is None:
        return
    if not isinstance(value, dict):
        raise UsageError(
            f'error: unable to decode "{source}": json: cannot unmarshal {_go_type(value)} into Go value of type '
            "unstructured.detector"
        )
    missing = [field for field in ("apiVersion", "kind") if not value.get(field)]
    if missing and schema:
        raise UsageError(
            f'error: error validating "{source}": error validating data: {_not_set(missing)}; if you choose to ignore '
            "these errors, turn validation off with --validate=false"
        )
    if "kind" in missing:
        raise UsageError(f"error: unable to decode \"{source}\": Object 'Kind' is missing in '{_compact(value)}'")
    if isinstance(value.get("items"), list) and str(value["kind"]).endswith("List"):
        for item in value["items"]:
            yield from _opened(item, source, schema)
        return
    yield value


def _not_set(fields: list[str]) -> str:
    texts = [f"{field} not set" for field in fields]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _compact(value: Any) -> str:
    from kajitori.kubectl.printers.jsontext import dumps

    return dumps(value, indent=None)


def _go_type(value: Any) -> str:
    if isinstance(value, list):
        return "array"
    if isinstance(value, str):
        return "string"
    return "bool" if isinstance(value, bool) else "number"
