"""The parameters of a binding: the objects of the policy's paramKind that its paramRef names or selects.

May import: deps, api.{registration,scheme,strategy}, machinery.labels.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from kajitori.api.registration import Resource
from kajitori.api.scheme import Scheme, split_api_version
from kajitori.api.strategy import Strategy
from kajitori.apiserver.deps import Reader
from kajitori.machinery.labels import Selector, SelectorError

Object = dict[str, Any]


class ParamsError(Exception):
    """A policy or binding whose parameters cannot be had; worded as upstream words it."""


class UnknownParamKind(ParamsError):
    """Nothing of this kind is served."""


def param_resource(scheme: Scheme, kind: Mapping[str, Any]) -> Resource:
    """Raises UnknownParamKind."""
    group, version = split_api_version(kind.get("apiVersion") or "")
    found = scheme.by_kind(group, version, kind.get("kind") or "")
    if found is None:
        shown = f"{group}/{version}, Kind={kind.get('kind')}"
        raise UnknownParamKind(f"failed to find resource referenced by paramKind: '{shown}'")
    return found


async def collect(
    reader: Reader, resource: Resource | None, ref: Mapping[str, Any] | None, namespace: str
) -> list[Object | None]:
    """What to evaluate the policy with, [None] where it knows no parameters. Raises ParamsError."""
    if resource is None or ref is None:
        return [None]
    where = ref.get("namespace") or ""
    if resource.namespaced:
        where = where or namespace
        if not where:
            raise ParamsError("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources")
    elif where:
        raise ParamsError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
    found = _named(reader, resource, where, ref) if ref.get("name") else _selected(reader, resource, where, ref)
    if not found and ref.get("parameterNotFoundAction") == "Deny":
        raise ParamsError("no params found for policy binding with `Deny` parameterNotFoundAction")
    return [await _in_version(obj, resource) for obj in found]


def _named(reader: Reader, resource: Resource, namespace: str, ref: Mapping[str, Any]) -> list[Object]:
    found = reader.get(resource.group, resource.plural, namespace, ref["name"])
    return [] if found is None else [found]


def _selected(reader: Reader, resource: Resource, namespace: str, ref: Mapping[str, Any]) -> list[Object]:
    try:
        selector = Selector.from_label_selector(ref.get("selector"))
    except SelectorError as error:
        raise ParamsError(str(error)) from error
    found = reader.list(resource.group, resource.plural, namespace)
    return [obj for obj in found if selector.matches((obj.get("metadata") or {}).get("labels"))]


async def _in_version(obj: Object, resource: Resource) -> Object:
    """The reader has objects as they are stored."""
    if resource.converter is not None and obj.get("apiVersion") != resource.group_version:
        (converted,) = await resource.converter.read([obj], resource.group_version)
        obj = converted
    elif type(resource.strategy).from_storage is not Strategy.from_storage:
        obj = resource.strategy.from_storage(copy.deepcopy(obj))
    return {**obj, "apiVersion": resource.group_version, "kind": resource.kind}
