"""The operations of a resource as OpenAPI describes them: paths, verbs, parameters, bodies. Pure.

Upstream's names, forms and answers; the `watch` paths are the old ones, which are still served.
May import: api.registration, api.naming, openapi.{dialect,parameters}.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kajitori.api import naming
from kajitori.api.registration import Resource, Subresource
from kajitori.apiserver.openapi import parameters
from kajitori.apiserver.openapi.dialect import Dialect, camel, group_words

Object = dict[str, Any]
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_STATUS, _DELETE_OPTIONS, _PATCH = _META + "Status", _META + "DeleteOptions", _META + "Patch"
_WATCH_EVENT = _META + "WatchEvent"
_FORMS = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
_STREAMED = ("application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")
_PATCHES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)
_METHODS = {"get": "get", "update": "put", "patch": "patch", "delete": "delete", "create": "post"}
_ACTIONS = {"update": "put", "create": "post"}
_CODES = {"create": (200, 201, 202), "update": (200, 201), "patch": (200, 201), "delete": (200, 202)}
_WORDS = {"get": "read", "update": "replace", "deletecollection": "delete"}
_QUERIES = {
    "get": parameters.READ,
    "list": parameters.LIST,
    "create": parameters.WRITE,
    "update": parameters.WRITE,
    "patch": parameters.PATCH,
    "delete": parameters.DELETE,
    "deletecollection": parameters.DELETE_COLLECTION,
}
_GIVE_THE_DELETED = frozenset(
    (
        *("PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate", "ResourceQuota", "Service"),
        *("ServiceAccount", "CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"),
        *("DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"),
    )
)
_DEPRECATED = "deprecated: use the 'watch' parameter with a list operation instead"
_PROXIED = ("get", "put", "post", "delete", "options", "head", "patch")


class Writer:
    """Writes operations in one dialect."""

    def __init__(self, *, v3: bool) -> None:
        self._dialect = Dialect(v3)

    def paths(self, resource: Resource, definition: str) -> Object:
        """The path items of a resource; `definition` is its schema's name."""
        found: Object = {}
        listed = naming.definition_name(resource.group, resource.version, resource.list_kind)
        here = resource.api_path("{namespace}" if resource.namespaced else None)
        everything = resource.api_path()
        collection = self._collection(resource, definition, listed)
        if collection:
            found[here] = collection
        if resource.namespaced and "list" in resource.verbs:
            found[everything] = {"get": self._operation(resource, "list", listed, suffix="ForAllNamespaces")}
        item = self._item(resource, definition)
        if item:
            found[f"{here}/{{name}}"] = item
        for name, subresource in sorted(resource.subresources.items()):
            found |= self._subresource(resource, name, subresource, definition, f"{here}/{{name}}/{name}")
        if "watch" in resource.verbs and not resource.custom:
            found |= self._watches(resource)
        return {path: parameters.shared(operations) for path, operations in found.items()}

    def _collection(self, resource: Resource, definition: str, listed: str) -> dict[str, Object]:
        found = {}
        if "list" in resource.verbs:
            found["get"] = self._operation(resource, "list", listed)
        if "create" in resource.verbs:
            found["post"] = self._operation(resource, "create", definition, body=definition)
        if "deletecollection" in resource.verbs:
            found["delete"] = self._operation(resource, "deletecollection", _STATUS, body=_DELETE_OPTIONS)
        return found

    def _item(self, resource: Resource, definition: str) -> dict[str, Object]:
        found = {}
        bodies = {"get": None, "update": definition, "patch": _PATCH, "delete": _DELETE_OPTIONS}
        for verb in bodies.keys() & resource.verbs:
            answer = _STATUS if verb == "delete" and resource.kind not in _GIVE_THE_DELETED else definition
            found[_METHODS[verb]] = self._operation(resource, verb, answer, body=bodies[verb], named=True)
        return found

    def _subresource(
        self, resource: Resource, name: str, subresource: Subresource, definition: str, path: str
    ) -> dict[str, dict[str, Object]]:
        if subresource.kind in parameters.CONNECT:
            found = {path: self._connections(resource, name, subresource)}
            if name == "proxy":
                found[f"{path}/{{path}}"] = self._connections(resource, name, subresource, "WithPath")
            return found
        if subresource.kind:
            group = resource.group if subresource.group is None else subresource.group
            definition = naming.definition_name(group, subresource.version or resource.version, subresource.kind)
        operations = {}
        for verb in subresource.verbs & _METHODS.keys():
            body = None if verb in ("get", "delete") else _PATCH if verb == "patch" else definition
            answer = "" if name == "log" else definition
            operations[_METHODS[verb]] = self._operation(
                resource, verb, answer, body=body, named=True, subresource=(name, subresource)
            )
        return {path: operations}

    def _connections(
        self, resource: Resource, name: str, subresource: Subresource, suffix: str = ""
    ) -> dict[str, Object]:
        found = {}
        scope = "Namespaced" if resource.namespaced else ""
        names = (*self._places(resource, named=True), *(("path",) if suffix else ()))
        for method in _PROXIED if name == "proxy" else ("get", "post"):
            words = f"{method.capitalize()}{scope}{resource.kind}{name.capitalize()}{suffix}"
            found[method] = self._dialect.operation(
                description=f"connect {method.upper()} requests to {name} of {resource.kind}",
                name=f"connect{camel(resource.group, resource.version)}{words}",
                tag=_tag(resource),
                action="connect",
                kind=_kind(resource, subresource),
                parameters=[
                    *parameters.path(names, subresource.kind, v3=self._dialect.v3),
                    *parameters.query(parameters.CONNECT[subresource.kind], v3=self._dialect.v3),
                ],
                answers={200: ("string", ("*/*",))},
            )
        return found

    def _watches(self, resource: Resource) -> dict[str, dict[str, Object]]:
        root, plural = f"{resource.root_path}/watch", resource.plural
        within = f"{root}/namespaces/{{namespace}}/{plural}" if resource.namespaced else f"{root}/{plural}"
        found = {f"{within}": {"get": self._watch(resource, "List")}}
        if resource.namespaced:
            found[f"{root}/{plural}"] = {"get": self._watch(resource, "ListForAllNamespaces")}
        if "get" in resource.verbs:
            found[f"{within}/{{name}}"] = {"get": self._watch(resource, "")}
        return found

    def _watch(self, resource: Resource, suffix: str) -> Object:
        everywhere = suffix == "ListForAllNamespaces"
        names = () if everywhere else self._places(resource, named=not suffix)
        scope = "Namespaced" if resource.namespaced and not everywhere else ""
        what = (
            f"watch individual changes to a list of {resource.kind}. {_DEPRECATED}."
            if suffix
            else f"watch changes to an object of kind {resource.kind}. {_DEPRECATED}, filtered to a single item with "
            "the 'fieldSelector' parameter."
        )
        return self._dialect.operation(
            description=what,
            name=f"watch{camel(resource.group, resource.version)}{scope}{resource.kind}{suffix}",
            tag=_tag(resource),
            action="watchlist" if suffix else "watch",
            kind=_kind(resource, None),
            parameters=self._parameters(resource, names, parameters.LIST),
            answers={200: (_WATCH_EVENT, (*_forms(resource), *_streamed(resource)))},
        )

    def _operation(
        self,
        resource: Resource,
        verb: str,
        answer: str,
        *,
        body: str | None = None,
        named: bool = False,
        suffix: str = "",
        subresource: tuple[str, Subresource] | None = None,
    ) -> Object:
        name, sub = subresource or ("", None)
        places = () if suffix == "ForAllNamespaces" else self._places(resource, named=named)
        query = parameters.LOG if name == "log" else _QUERIES[verb]
        forms = _forms(resource) + (_streamed(resource) if verb == "list" else ())
        shown = (answer, forms) if answer else ("string", ("text/plain", *forms))
        consumed = _patches(resource) if verb == "patch" else _FORMS[:2] if resource.custom and body else ("*/*",)
        return self._dialect.operation(
            description=_description(resource, verb, name),
            name=_name(resource, verb, name.capitalize() + suffix, scoped=bool(places) and resource.namespaced),
            tag=_tag(resource),
            action=_ACTIONS.get(verb, verb),
            kind=_kind(resource, sub),
            parameters=self._parameters(resource, places, query),
            answers=dict.fromkeys(_CODES.get(verb, (200,)), shown),
            body=(body, consumed, body != _DELETE_OPTIONS) if body else None,
        )

    def _places(self, resource: Resource, *, named: bool) -> tuple[str, ...]:
        return (*(("name",) if named else ()), *(("namespace",) if resource.namespaced else ()))

    def _parameters(self, resource: Resource, places: Iterable[str], query: Iterable[str]) -> list[Object]:
        v3 = self._dialect.v3
        return [*parameters.path(places, resource.kind, v3=v3), *parameters.query(query, v3=v3)]


def _forms(resource: Resource) -> tuple[str, ...]:
    return _FORMS[:2] if resource.custom else _FORMS


def _streamed(resource: Resource) -> tuple[str, ...]:
    return () if resource.custom else _STREAMED


def _patches(resource: Resource) -> tuple[str, ...]:
    return tuple(kind for kind in _PATCHES if not (resource.custom and "strategic" in kind))


def _kind(resource: Resource, subresource: Subresource | None) -> Object:
    if subresource is None or not subresource.kind:
        return {"group": resource.group, "version": resource.version, "kind": resource.kind}
    group = resource.group if subresource.group is None else subresource.group
    return {"group": group, "version": subresource.version or resource.version, "kind": subresource.kind}


def _tag(resource: Resource) -> str:
    words = group_words(resource.group)
    return f"{words[0].lower()}{words[1:]}_{resource.version}"


def _name(resource: Resource, verb: str, suffix: str, *, scoped: bool) -> str:
    scope = "Collection" if verb == "deletecollection" else ""
    scope += "Namespaced" if scoped else ""
    return f"{_WORDS.get(verb, verb)}{camel(resource.group, resource.version)}{scope}{resource.kind}{suffix}"


def _description(resource: Resource, verb: str, part: str) -> str:
    kind = resource.kind
    if part:
        words = {"get": "read", "update": "replace", "patch": "partially update", "create": "create"}
        return f"{words[verb]} {part} of {'a' if verb == 'create' else 'the specified'} {kind}"
    return {
        "get": f"read the specified {kind}",
        "list": f"list {'or watch ' if 'watch' in resource.verbs else ''}objects of kind {kind}",
        "create": f"create {_with_article(kind)}",
        "update": f"replace the specified {kind}",
        "patch": f"partially update the specified {kind}",
        "delete": f"delete {_with_article(kind)}",
        "deletecollection": f"delete collection of {kind}",
    }[verb]


def _with_article(kind: str) -> str:
    if kind.endswith("s") and not kind.endswith("ss"):  # Endpoints
        return kind
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"
