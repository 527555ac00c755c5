"""YAML from clients: one document of JSON's types, bounded in depth and in what its aliases stand for.

libyaml's scanner takes quadratic time over nested flow collections and an alias may stand for anything, so input that
could be either is looked through as events first. May import: PyYAML, orjson, machinery.
"""

from typing import Any

import orjson
import yaml

from kajitori.machinery import goyaml, yamlerrors
from kajitori.machinery.errors import BadRequest

MAX_DEPTH = 200
MAX_NODES = 3 << 20
_OPENING = (b"[", b"{", b"- ", b"? ", b"-\t")


def parse(body: bytes | str) -> Any:
    """The value of the first document; what comes after it is not looked at. Raises BadRequest."""
    if isinstance(body, str):
        body = body.encode()
    try:
        if sum(map(body.count, _OPENING)) > MAX_DEPTH:
            _check_depth(body)
        value = _first(body)
        if b"*" in body and _weight(value, {}) > MAX_NODES:
            raise BadRequest("yaml: document contains excessive aliasing")
        value = goyaml.with_text_keys(value)
        if infinite := goyaml.infinite(value):
            raise BadRequest(f"json: unsupported value: {infinite}")
        return orjson.loads(orjson.dumps(value))  # each alias a value of its own
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise BadRequest(f"yaml: {yamlerrors.words(error, body)}") from error


def _first(body: bytes) -> Any:
    loader = goyaml.Loader(body)
    try:
        return loader.get_data() if loader.check_data() else None
    finally:
        loader.dispose()


def duplicates(body: bytes) -> list[str]:
    """`line 3: key "a" already set in map` for every key that occurs again in its mapping, from top to bottom."""
    root = goyaml.compose(body)
    found: list[tuple[int, str]] = []
    if root is not None:
        _find_duplicates(root, found, set())
    return [text for _, text in sorted(found)]


def _check_depth(body: bytes) -> None:
    depth = 0
    for event in yaml.parse(body, goyaml.Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise BadRequest("yaml: exceeded max depth")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _weight(value: Any, known: dict[int, int]) -> int:
    """How many values there are once every alias is written out."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) in known:
        return known[id(value)]
    known[id(value)] = MAX_NODES + 1  # met again inside itself: it has no end
    children = value.values() if isinstance(value, dict) else value
    known[id(value)] = total = 1 + sum(_weight(child, known) for child in children)
    return total


def _find_duplicates(node: Any, found: list[tuple[int, str]], seen: set[int]) -> None:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _find_duplicates(child, found, seen)
    elif isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, child in node.value:
            text = key.value if isinstance(key, yaml.ScalarNode) else ""
            if text in keys and text:
                line = key.start_mark.line + 1
                found.append((line, f'line {line}: key "{text}" already set in map'))
            keys.add(text)
            _find_duplicates(child, found, seen)
