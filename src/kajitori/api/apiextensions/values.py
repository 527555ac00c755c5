"""Does a value fit a schema? OpenAPI v3 as CustomResourceDefinitions use it, with upstream's words.

`check` walks value and schema together. On updates it also walks the old value: what is unchanged is not judged again
(ratcheting, KEP-4008), so that a tightened schema does not lock existing objects. Inside allOf, anyOf, oneOf and not
nothing is ratcheted on its own. Pure. May import: api.apiextensions.formats, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from kajitori.api.apiextensions import formats, numbers
from kajitori.machinery import fieldpath, goregex, rawschema
from kajitori.machinery.fieldpath import FieldError, Path
from kajitori.machinery.gotext import quote

Raw = Mapping[str, Any]
Errors = list[FieldError]
_NIL = numbers.NIL
MISSING: Any = object()


def check(raw: Raw, value: Any, path: str = "", old: Any = MISSING) -> Errors:
    """Everything wrong with a value at a path (`spec.replicas`; "" is the root)."""
    if old is not MISSING and old == value and type(old) is type(value) and path not in ("apiVersion", "kind"):
        return []
    errors = _type_errors(raw, value, path)
    if value is None:
        return errors
    if raw.keys() & _JUNCTORS:
        errors += _junctors(raw, value, path)
    if isinstance(value, str):
        errors += _string(raw, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        errors += numbers.errors(raw, value, path)
    elif isinstance(value, list):
        errors += _array(raw, value, path, old)
    if "enum" in raw and not any(_same(value, choice) for choice in raw["enum"]):
        errors.append(fieldpath.not_supported(Path(path), numbers.shown(value), [_go(item) for item in raw["enum"]]))
    if isinstance(value, dict):
        errors += _object(raw, value, path, old)
    return errors


def check_at(raw: Raw, value: Any, at: Path, old: Any = MISSING) -> Errors:
    """The same for a value that is a part of an object: messages name fields from it on, paths from the root."""
    found: Errors = []
    for error in check(raw, value, old=old):
        path = str(at) if error.path in ("", "<nil>") else f"{at}.{error.path}"
        found.append(FieldError(error.type, path, error.bad_value, error.detail))
    return found


_JUNCTORS = {"allOf", "anyOf", "oneOf", "not"}


def _same(value: Any, choice: Any) -> bool:
    return bool(value == choice) and isinstance(value, bool) == isinstance(choice, bool)


def type_name(value: Any) -> str:
    """A JSON value's type in schema words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if numbers.is_whole(value) else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _type_errors(raw: Raw, value: Any, path: str) -> Errors:
    wanted, given = raw.get("type"), type_name(value)
    if given == "null":
        if raw.get("nullable") or not (wanted or raw.get("x-kubernetes-int-or-string")):
            return []
        return [_wrong_type(path, wanted or "integer,string", given)]
    if raw.get("x-kubernetes-int-or-string"):
        return [] if given in ("integer", "string") else [_wrong_type(path, "integer,string", given)]
    if not wanted or wanted == given or (wanted == "number" and given == "integer"):
        return []
    shape = raw.get("format") or ""
    if not isinstance(value, str | list) and formats.supported(shape, wanted) and wanted in ("integer", "number"):
        return [_wrong_type(path, shape, "float64" if isinstance(value, float) else "")]
    return [_wrong_type(path, wanted, given)]


def _wrong_type(path: str, wanted: str, given: str) -> FieldError:
    return fieldpath.type_invalid(Path(path), given, f'{path} in body must be of type {wanted}: "{given}"')


def _pattern(text: str) -> Any:
    try:
        return goregex.compile(text)
    except ValueError:
        return None  # validation has refused it


def _string(raw: Raw, value: str, path: str) -> Errors:
    errors: Errors = []
    at = Path(path)
    length = len(value)
    if (limit := raw.get("maxLength")) is not None and length > limit:
        errors.append(fieldpath.too_long(at, value, limit))
    elif (limit := raw.get("minLength")) is not None and length < limit:
        errors.append(fieldpath.invalid(at, value, f"{path} in body should be at least {limit} chars long"))
    elif raw.get("pattern"):
        pattern = _pattern(raw["pattern"])
        if pattern is not None and not pattern.search(value):
            errors.append(fieldpath.invalid(at, value, f"{path} in body should match '{raw['pattern']}'"))
    if "format" in raw and raw.get("type") in (None, "", "string") and not formats.holds(raw["format"], value):
        message = f"{path} in body must be of type {raw['format']}: {quote(value)}"
        errors.append(fieldpath.type_invalid(at, value, message))
    return errors


def _array(raw: Raw, value: list[Any], path: str, old: Any) -> Errors:
    errors: Errors = []
    at = Path(path)
    if (limit := raw.get("maxItems")) is not None and len(value) > limit:
        errors.append(fieldpath.too_many(at, len(value), limit))
    if (limit := raw.get("minItems")) is not None and len(value) < limit:
        errors.append(fieldpath.invalid(at, len(value), f"{path} in body should have at least {limit} items"))
    if raw.get("uniqueItems") and any(item in value[:index] for index, item in enumerate(value)):
        errors.append(fieldpath.duplicate(at, f"{path} in body shouldn't contain duplicates"))
    items = raw.get("items")
    if isinstance(items, dict):
        before = correlated(raw, old)
        for index, item in enumerate(value):
            errors += check(items, item, f"{path}[{index}]", before(item))
    return errors


def correlated(raw: Raw, old: Any) -> Any:
    """A function from an item of a list to its counterpart in the old list: by key in lists of type map."""
    keys = raw.get("x-kubernetes-list-map-keys")
    if raw.get("x-kubernetes-list-type") != "map" or not keys or not isinstance(old, list):
        return lambda item: MISSING

    properties = (raw.get("items") or {}).get("properties") or {}

    def key(item: Any) -> Any:
        if not isinstance(item, dict):
            return None
        return tuple(repr(item.get(name, (properties.get(name) or {}).get("default"))) for name in keys)

    known = {key(item): item for item in old}
    return lambda item: known.get(key(item), MISSING)


def _object(raw: Raw, value: dict[str, Any], path: str, old: Any) -> Errors:
    errors: Errors = []
    at = Path(path)
    prefix = f"{path}." if path else ""
    if (limit := raw.get("maxProperties")) is not None and len(value) > limit:
        errors.append(fieldpath.too_many(at, len(value), limit))
    if (limit := raw.get("minProperties")) is not None and len(value) < limit:
        errors.append(fieldpath.invalid(at, len(value), f"{path} in body should have at least {limit} properties"))
    errors += [fieldpath.required(Path(prefix + name)) for name in raw.get("required") or () if name not in value]
    properties, additional = raw.get("properties") or {}, raw.get("additionalProperties")
    before = old if isinstance(old, dict) else {}
    for name, item in value.items():
        child = properties.get(name)
        if child is None:
            if not isinstance(additional, dict):
                continue
            child = additional
        elif not path and name == "metadata":
            child = _metadata_rules(child)
        errors += check(child, item, prefix + name, before.get(name, MISSING))
    return errors


def _metadata_rules(raw: Raw) -> Raw:
    """Of metadata a schema may restrict the name and the generateName."""
    kept = {name: child for name, child in (raw.get("properties") or {}).items() if name in ("name", "generateName")}
    return {**raw, "properties": kept}


def _junctors(raw: Raw, value: Any, path: str) -> Errors:
    errors: Errors = []
    if "anyOf" in raw:
        results = [check(child, value, path) for child in raw["anyOf"]]
        if all(results):
            errors.append(fieldpath.invalid(_NIL, "", f'"{path}" must validate at least one schema (anyOf)'))
            errors += _best(results)
    if "oneOf" in raw:
        results = [check(child, value, path) for child in raw["oneOf"]]
        good = sum(not result for result in results)
        if good != 1:
            found = "Found none valid" if good == 0 else f"Found {good} valid alternatives"
            message = f'"{path}" must validate one and only one schema (oneOf). {found}'
            errors.append(fieldpath.invalid(_NIL, "", message))
            if good == 0:
                errors += _best(results)
    if "allOf" in raw:
        results = [check(child, value, path) for child in raw["allOf"]]
        bad = [result for result in results if result]
        for result in bad:
            errors += result
        if bad:
            some = ". None validated" if len(bad) == len(results) else ""
            errors.append(fieldpath.invalid(_NIL, "", f'"{path}" must validate all the schemas (allOf){some}'))
    if "not" in raw and not check(raw["not"], value, path):
        errors.append(fieldpath.invalid(_NIL, "", f'"{path}" must not validate the schema (not)'))
    return errors


def _best(results: list[Errors]) -> Errors:
    """The errors of the part that came nearest; of those as near, the first."""
    return min(results, key=lambda errors: sum(error.path != "<nil>" for error in errors))


def _go(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def list_errors(raw: Raw, value: Any, path: Path) -> Errors:
    """Duplicates in lists that are sets or maps."""
    errors: Errors = []
    if isinstance(value, list):
        items = raw.get("items") or {}
        kind = raw.get("x-kubernetes-list-type")
        if kind == "set":
            errors += _duplicates(value, value, path)
        elif kind == "map":
            errors += _map_errors(raw.get("x-kubernetes-list-map-keys") or (), value, path)
        for index, item in enumerate(value):
            errors += list_errors(items, item, path.index(index))
    elif isinstance(value, dict):
        properties, additional = raw.get("properties") or {}, raw.get("additionalProperties")
        for name, item in value.items():
            if name in properties:
                errors += list_errors(properties[name], item, path.child(name))
            elif isinstance(additional, dict):
                errors += list_errors(additional, item, path.key(name))
    return errors


def _map_errors(keys: Sequence[str], value: list[Any], path: Path) -> Errors:
    for index, item in enumerate(value):
        if item is not None and not isinstance(item, dict):
            message = "must be an object for an array of list-type map"
            return [fieldpath.invalid(path.index(index), item, message)]
    shown = [{key: item[key] for key in keys if key in item} if item is not None else {} for item in value]
    return _duplicates(shown, shown, path)


def _duplicates(identities: list[Any], shown: list[Any], path: Path) -> Errors:
    """The first repetition of each."""
    seen: dict[Any, int] = {}
    errors: Errors = []
    for index, identity in enumerate(identities):
        mark = _mark(identity)
        seen[mark] = seen.get(mark, 0) + 1
        if seen[mark] == 2:
            errors.append(fieldpath.duplicate(path.index(index), shown[index]))
    return errors


def _mark(value: Any) -> Any:
    if isinstance(value, dict | list):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return (type(value), value)


def has_rules(raw: Any) -> bool:
    """Whether a schema has rules anywhere."""
    return rawschema.anywhere(raw, lambda one: one.get("x-kubernetes-validations"), ("allOf",))
