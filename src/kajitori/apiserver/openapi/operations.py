"""The operations of a resource as OpenAPI describes them: paths, verbs, parameters, bodies. Pure.

May import: api.registration, api.naming.
"""

from typing import Any

from kajitori.api import naming
from kajitori.api.registration import Resource, Subresource

Object = dict[str, Any]
_STATUS = "io.k8s.apimachinery.pkg.apis.meta.v1.Status"
_DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
_PATCH = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch"
_LIST_QUERY = (
    ("allowWatchBookmarks", "boolean"),
    ("continue", "string"),
    ("fieldSelector", "string"),
    ("labelSelector", "string"),
    ("limit", "integer"),
    ("resourceVersion", "string"),
    ("resourceVersionMatch", "string"),
    ("sendInitialEvents", "boolean"),
    ("timeoutSeconds", "integer"),
    ("watch", "boolean"),
)
_WRITE_QUERY = (("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string"))
_DELETE_QUERY = (
    ("dryRun", "string"),
    ("gracePeriodSeconds", "integer"),
    ("orphanDependents", "boolean"),
    ("propagationPolicy", "string"),
)
_PATCH_TYPES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
_METHODS = {"get": "get", "update": "put", "patch": "patch", "delete": "delete", "create": "post"}
_ACTIONS = {"get": "get", "list": "list", "update": "put", "patch": "patch", "delete": "delete", "create": "post"}


class Writer:
    """Writes operations in one dialect."""

    def __init__(self, *, v3: bool) -> None:
        self.v3 = v3

    def paths(self, resource: Resource, definition: str) -> Object:
        """The path items of a resource; `definition` is its schema's name."""
        list_definition = naming.definition_name(resource.group, resource.version, resource.list_kind)
        collection, item = self._collection(resource, definition, list_definition), self._item(resource, definition)
        found: Object = {}
        if resource.namespaced:
            where = resource.api_path("{namespace}")
            if "list" in resource.verbs:
                everywhere = {
                    "get": self._operation(resource, "list", list_definition, _LIST_QUERY, suffix="ForAllNamespaces")
                }
                found[resource.api_path()] = {**everywhere, "parameters": self._query((("pretty", "string"),))}
            found[where] = {**collection, "parameters": self._path("namespace")}
            if item:
                found[f"{where}/{{name}}"] = {**item, "parameters": self._path("name", "namespace")}
        else:
            where = resource.api_path()
            found[where] = {**collection, "parameters": self._query((("pretty", "string"),))}
            if item:
                found[f"{where}/{{name}}"] = {**item, "parameters": self._path("name")}
        for name, subresource in sorted(resource.subresources.items()):
            places = ("name", "namespace") if resource.namespaced else ("name",)
            found[f"{where}/{{name}}/{name}"] = {
                **self._subresource(resource, name, subresource, definition),
                "parameters": self._path(*places),
            }
        return found

    def _collection(self, resource: Resource, definition: str, list_definition: str) -> Object:
        found: Object = {}
        if "list" in resource.verbs:
            found["get"] = self._operation(resource, "list", list_definition, _LIST_QUERY)
        if "create" in resource.verbs:
            found["post"] = self._operation(resource, "create", definition, _WRITE_QUERY, body=definition)
        if "deletecollection" in resource.verbs:
            found["delete"] = self._operation(
                resource, "deletecollection", _STATUS, _DELETE_QUERY, body=_DELETE_OPTIONS
            )
        return found

    def _item(self, resource: Resource, definition: str) -> Object:
        found: Object = {}
        if "get" in resource.verbs:
            found["get"] = self._operation(resource, "get", definition, ())
        if "update" in resource.verbs:
            found["put"] = self._operation(resource, "update", definition, _WRITE_QUERY, body=definition)
        if "patch" in resource.verbs:
            query = (*_WRITE_QUERY, ("force", "boolean"))
            found["patch"] = self._operation(resource, "patch", definition, query, body=_PATCH)
        if "delete" in resource.verbs:
            found["delete"] = self._operation(resource, "delete", _STATUS, _DELETE_QUERY, body=_DELETE_OPTIONS)
        return found

    def _subresource(self, resource: Resource, name: str, subresource: Subresource, definition: str) -> Object:
        if subresource.kind:
            group = resource.group if subresource.group is None else subresource.group
            definition = naming.definition_name(group, subresource.version or resource.version, subresource.kind)
        found: Object = {}
        for verb in sorted(subresource.verbs & _METHODS.keys()):
            body = None if verb in ("get", "delete") else _PATCH if verb == "patch" else definition
            query = () if verb in ("get", "delete") else _WRITE_QUERY
            found[_METHODS[verb]] = self._operation(
                resource, verb, definition, query, body=body, suffix=name.capitalize(), subresource=subresource
            )
        return found

    def _operation(
        self,
        resource: Resource,
        verb: str,
        answer: str,
        query: tuple[tuple[str, str], ...],
        *,
        body: str | None = None,
        suffix: str = "",
        subresource: Subresource | None = None,
    ) -> Object:
        parameters = self._query(query)
        operation: Object = {
            "operationId": _operation_id(resource, verb, suffix),
            "tags": [_tag(resource)],
            "responses": {"200": self._response(answer), "401": {"description": "Unauthorized"}},
            "x-kubernetes-action": _ACTIONS.get(verb, verb),
            "x-kubernetes-group-version-kind": _kind(resource, subresource),
        }
        media = _PATCH_TYPES if verb == "patch" else ("*/*",)
        if not self.v3:
            operation |= {"consumes": list(media), "produces": ["application/json"], "schemes": ["https"]}
            if body:
                parameters.append({"name": "body", "in": "body", "required": True, "schema": self._ref(body)})
        elif body:
            operation["requestBody"] = {"content": {kind: {"schema": self._ref(body)} for kind in media}}
        if parameters:
            operation["parameters"] = parameters
        return operation

    def _response(self, definition: str) -> Object:
        if not self.v3:
            return {"description": "OK", "schema": self._ref(definition)}
        return {"description": "OK", "content": {"application/json": {"schema": self._ref(definition)}}}

    def _ref(self, definition: str) -> Object:
        return {"$ref": ("#/components/schemas/" if self.v3 else "#/definitions/") + definition}

    def _query(self, names: tuple[tuple[str, str], ...]) -> list[Object]:
        return [self._parameter(name, kind, "query") for name, kind in names]

    def _path(self, *names: str) -> list[Object]:
        return [{**self._parameter(name, "string", "path"), "required": True} for name in names]

    def _parameter(self, name: str, kind: str, place: str) -> Object:
        if self.v3:
            return {"name": name, "in": place, "schema": {"type": kind, "uniqueItems": True}}
        return {"name": name, "in": place, "type": kind, "uniqueItems": True}


def _kind(resource: Resource, subresource: Subresource | None) -> Object:
    if subresource is None or not subresource.kind:
        return {"group": resource.group, "version": resource.version, "kind": resource.kind}
    group = resource.group if subresource.group is None else subresource.group
    return {"group": group, "version": subresource.version or resource.version, "kind": subresource.kind}


def _camel(resource: Resource) -> str:
    group = resource.group.removesuffix(".k8s.io").split(".")[0].capitalize() if resource.group else "Core"
    return group + resource.version.capitalize()


def _tag(resource: Resource) -> str:
    camel = _camel(resource)
    version = resource.version.capitalize()
    group = camel.removesuffix(version)
    return f"{group[0].lower()}{group[1:]}_{resource.version}"


def _operation_id(resource: Resource, verb: str, suffix: str) -> str:
    words = {"get": "read", "update": "replace", "deletecollection": "deleteCollection"}
    scope = "" if suffix == "ForAllNamespaces" or not resource.namespaced else "Namespaced"
    return f"{words.get(verb, verb)}{_camel(resource)}{scope}{resource.kind}{suffix}"
