"""JSON patch (RFC 6902) with the failure texts of the library that upstream uses.

May import: machinery.patch, orjson.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from kajitori.machinery.patch import PatchError

MAX_OPERATIONS = 10_000
MAX_COPIED = 3 << 20
"""Bytes of JSON that all copies of one patch may add: a few of them could double a document beyond all measure."""

Operation = dict[str, Any]


class TestFailed(PatchError):
    """A `test` operation found another value."""

    __test__ = False


def apply(document: Any, operations: Sequence[Operation]) -> Any:
    """The document after all operations; nothing happens to the one passed in. Raises PatchError."""
    if not isinstance(operations, list | tuple):
        raise PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    result = copy.deepcopy(document)
    copied = 0
    for operation in operations:
        if not isinstance(operation, dict):
            raise PatchError("Unexpected kind: unknown")
        if operation.get("op") == "copy":
            copied += len(orjson.dumps(_read(result, _from(operation, "copy"), "copy")))
            if copied > MAX_COPIED:
                raise PatchError(
                    f"Unable to complete the copy, the accumulated size increase of copy is {copied}, "
                    f"exceeding the limit {MAX_COPIED}"
                )
        result = _run(result, operation)
    return result


def _run(document: Any, operation: Operation) -> Any:
    name = operation.get("op")
    action = _ACTIONS.get(name) if isinstance(name, str) else None
    if action is None:
        raise PatchError(f"Unexpected kind: {name}")
    path = operation.get("path")
    if not isinstance(path, str):
        raise PatchError(f"{name} operation failed to decode path: missing value")
    return action(document, path, operation)


def _tokens(path: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _parent(document: Any, path: str) -> tuple[Any, str]:
    """The container that holds the last step, or None where the way there is missing."""
    tokens = _tokens(path)
    if not tokens:
        return None, ""
    node = document
    for step in tokens[:-1]:
        try:
            node = node[_index(node, step)] if isinstance(node, list) else node.get(step)
        except (PatchError, IndexError, AttributeError):
            return None, tokens[-1]
        if node is None:
            return None, tokens[-1]
    return (node if isinstance(node, dict | list) else None), tokens[-1]


def _index(items: list[Any], step: str) -> int:
    """An index of an existing item; negative ones count from the end, as upstream allows."""
    try:
        index = int(step)
    except ValueError:
        raise PatchError(f'strconv.Atoi: parsing "{step}": invalid syntax') from None
    if not -len(items) <= index < len(items):
        raise PatchError(f"Unable to access invalid index: {index}: invalid index referenced")
    return index


def _value(operation: Operation, name: str) -> Any:
    if "value" not in operation:
        raise PatchError(f"{name} operation missing value: missing value")
    return copy.deepcopy(operation["value"])


def _add(document: Any, path: str, operation: Operation) -> Any:
    return _insert(document, path, operation.get("value"))


def _insert(document: Any, path: str, value: Any) -> Any:
    value = copy.deepcopy(value)
    node, step = _parent(document, path)
    if node is None:
        raise PatchError(f'add operation does not apply: doc is missing path: "{path}": missing value')
    if isinstance(node, dict):
        node[step] = value
    elif step == "-":
        node.append(value)
    else:
        node.insert(_insertion_index(node, step, path), value)
    return document


def _insertion_index(items: list[Any], step: str, path: str) -> int:
    try:
        index = int(step)
    except ValueError:
        raise PatchError(
            f"error in add for path: '{path}': value was not a proper array index: '{step}': "
            f'strconv.Atoi: parsing "{step}": invalid syntax'
        ) from None
    if index > len(items) or index < -len(items) - 1:
        raise PatchError(
            f"error in add for path: '{path}': Unable to access invalid index: {index}: invalid index referenced"
        )
    return index if index >= 0 else len(items) + 1 + index


def _remove(document: Any, path: str, operation: Operation) -> Any:
    node, step = _parent(document, path)
    if node is None:
        raise PatchError(f'remove operation does not apply: doc is missing path: "{path}": missing value')
    try:
        if isinstance(node, list):
            del node[_index(node, step)]
        elif step in node:
            del node[step]
        else:
            raise PatchError(f"Unable to remove nonexistent key: {step}: missing value")
    except PatchError as error:
        raise PatchError(f"error in remove for path: '{path}': {error}") from None
    return document


def _replace(document: Any, path: str, operation: Operation) -> Any:
    value = _value(operation, "replace")
    if path == "":
        return value
    node, step = _parent(document, path)
    if node is None:
        raise PatchError(f"replace operation does not apply: doc is missing path: {path}: missing value")
    if isinstance(node, list):
        try:
            node[_index(node, step)] = value
        except PatchError:
            raise PatchError(f"replace operation does not apply: doc is missing key: {path}: missing value") from None
    elif step in node:
        node[step] = value
    else:
        raise PatchError(f"replace operation does not apply: doc is missing key: {path}: missing value")
    return document


def _read(document: Any, path: str, name: str) -> Any:
    node, step = _parent(document, path)
    if node is None:
        raise PatchError(f"{name} operation does not apply: doc is missing from path: {path}: missing value")
    if isinstance(node, list):
        return node[_index(node, step)]
    if step not in node:
        raise PatchError(f"{name} operation does not apply: doc is missing key: {path}: missing value")
    return node[step]


def _from(operation: Operation, name: str) -> str:
    source = operation.get("from")
    if not isinstance(source, str):
        raise PatchError(f"{name} operation failed to decode from: missing value")
    return source


def _move(document: Any, path: str, operation: Operation) -> Any:
    source = _from(operation, "move")
    if path.startswith(source + "/"):
        raise PatchError(f"move operation does not apply: doc is missing path: {path}: missing value")
    value = copy.deepcopy(_read(document, source, "move"))
    if source == path:
        return document
    return _insert(_remove(document, source, operation), path, value)


def _copy(document: Any, path: str, operation: Operation) -> Any:
    return _insert(document, path, _read(document, _from(operation, "copy"), "copy"))


def _test(document: Any, path: str, operation: Operation) -> Any:
    wanted = operation.get("value")
    if _parent(document, path)[0] is None:
        raise TestFailed(f"test operation does not apply: is missing path: {path}: missing value")
    try:
        found = _read(document, path, "test")
    except PatchError:
        if wanted is None:
            return document
        raise TestFailed(f"testing value {path} failed: test failed") from None
    if not _same(found, wanted):
        raise TestFailed(f"testing value {path} failed: test failed")
    return document


def _same(a: Any, b: Any) -> bool:
    """JSON equality: true is not 1, and 1.0 is not 1 either: upstream compares what is written."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(value, b[key]) for key, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and bool(a == b)


_ACTIONS: dict[str, Callable[[Any, str, Operation], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
