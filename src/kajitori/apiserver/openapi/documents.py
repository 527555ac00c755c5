"""The OpenAPI documents: /openapi/v2, the v3 index, and one v3 document per group and version.

Each is made when first asked for and kept as bytes. The index names each document with a hash, so that clients can keep
what has not changed; here the hash is of what the document is made from (cheap), not of its bytes.
May import: openapi.*, api.{registration,scheme}, aiokit.http.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from kajitori import KUBERNETES_VERSION, __version__
from kajitori.aiokit.http.message import Request, Response
from kajitori.api import naming
from kajitori.api.registration import Resource
from kajitori.api.scheme import Scheme
from kajitori.apiserver.handlers.dispatch import PathNotFound
from kajitori.apiserver.openapi import roots, schemas
from kajitori.apiserver.openapi.dialect import BEARER, Dialect
from kajitori.apiserver.openapi.operations import Writer
from kajitori.machinery.errors import NotAcceptable

Object = dict[str, Any]
_INFO = {"title": "Kubernetes", "version": KUBERNETES_VERSION}
_SECURITY: list[Object] = [{"BearerToken": []}]
_V2, _V3 = Dialect(v3=False), Dialect(v3=True)
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_META_KINDS = [_META + kind for kind in ("Status", "DeleteOptions", "Patch", "APIResourceList", "WatchEvent")]


class Documents:
    """The documents of a scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._made: dict[str, tuple[bytes, str]] = {}
        self._urls: dict[str, str] = {}
        self._generation = scheme.generation

    def changed(self) -> None:
        """The scheme has changed: documents are made anew."""
        self._made.clear()
        self._urls.clear()

    def answer(self, request: Request, path: str) -> Response:
        """Any path under /openapi."""
        accept = request.headers.get("accept")
        if "protobuf" in accept and "json" not in accept and "*/*" not in accept:
            raise NotAcceptable.of(("application/json",))
        body, tag = self._document(path.rstrip("/"))
        headers = [("ETag", tag), ("Vary", "Accept"), ("Accept-Ranges", "bytes")]
        if (given := request.query.get("hash")) and path.startswith("/openapi/v3/"):
            url = self._url(path.strip("/").removeprefix("openapi/v3/"))
            if not url.endswith(f"?hash={given}"):  # what was kept under that name is no more
                return Response(b"", status=301, content_type="", headers=[("Location", url)])
            kept = [("Cache-Control", "public, immutable"), ("Expires", "Fri, 31 Dec 9999 23:59:59 GMT")]
            headers = kept + headers
        if request.headers.get("if-none-match") == tag:
            return Response(b"", status=304, content_type="", headers=headers)
        return Response(body, headers=headers)

    def _document(self, path: str) -> tuple[bytes, str]:
        if self._generation != self._scheme.generation:
            self._generation = self._scheme.generation
            self.changed()
        made = self._made.get(path)
        if made is None:
            body = orjson.dumps(self._make(path))
            made = self._made[path] = (body, f'"{hashlib.sha256(body).hexdigest().upper()}"')
        return made

    def _make(self, path: str) -> Object:
        if path == "/openapi/v2":
            return self._v2()
        if path == "/openapi/v3":
            return {"paths": {name: {"serverRelativeURL": self._url(name)} for name in self._names()}}
        name = path.removeprefix("/openapi/v3/")
        if name not in self._names():
            raise PathNotFound(path)
        return self._v3(name)

    def _url(self, name: str) -> str:
        found = self._urls.get(name)
        if found is None:
            resources = self._resources(name)
            told = ((r.plural, r.kind, sorted(r.verbs), sorted(r.subresources)) for r in resources)
            parts = [__version__, name, *map(repr, told)]
            parts += [orjson.dumps(getattr(r.schema, "raw", {})).decode() for r in resources if r.custom]
            digest = hashlib.sha256("".join(parts).encode()).hexdigest().upper()
            found = self._urls[name] = f"/openapi/v3/{name}?hash={digest}"
        return found

    def _names(self) -> list[str]:
        """The documents of v3: one for a group version, small ones for what belongs to none."""
        scheme = self._scheme
        named = [group for group in scheme.groups() if group]
        names = [f"api/{version}" for version in scheme.versions("")]
        names += [f"apis/{group}" for group in named if naming.is_builtin_group(group)]
        return sorted(
            (*roots.ALWAYS, *names, *(f"apis/{group}/{v}" for group in named for v in scheme.versions(group)))
        )

    def _resources(self, name: str) -> list[Resource]:
        group_version = _group_version(name)
        return self._scheme.in_group_version(*group_version) if group_version else []

    def _v3(self, name: str) -> Object:
        paths: Object = {}
        needed: list[str] = []
        resources = self._resources(name)
        if group_version := _group_version(name):
            needed += _META_KINDS
            paths |= roots.resources(*group_version, _V3)
        else:
            needed += roots.definitions(name)
            paths |= roots.paths(name, _V3)
        found, more = _paths(resources, v3=True)
        components = {"schemas": _definitions_of(needed + more, resources, v3=True), "securitySchemes": BEARER}
        whole = {"openapi": "3.0.0", "info": _INFO, "security": _SECURITY}
        return {**whole, "paths": dict(sorted((paths | found).items())), "components": components}

    def _v2(self) -> Object:
        paths: Object = {}
        needed, resources = list(_META_KINDS), list(self._scheme.resources())
        for name in self._names():
            group_version = _group_version(name)
            paths |= roots.resources(*group_version, _V2) if group_version else roots.paths(name, _V2)
            needed += roots.definitions(name)
        found, more = _paths(resources, v3=False)
        whole: Object = {"swagger": "2.0", "info": _INFO, "securityDefinitions": BEARER, "security": _SECURITY}
        definitions = _definitions_of(needed + more, resources, v3=False)
        return {**whole, "paths": dict(sorted((paths | found).items())), "definitions": definitions}


def _group_version(name: str) -> tuple[str, str] | None:
    """Of a document's name: `apis/apps/v1`."""
    match name.split("/"):
        case ["api", version]:
            return "", version
        case ["apis", group, version]:
            return group, version
    return None


def _paths(resources: Iterable[Resource], *, v3: bool) -> tuple[Object, list[str]]:
    """The paths of resources, and the definitions that they need."""
    writer, needed = Writer(v3=v3), []
    paths: Object = {}
    for resource in resources:
        needed += _definitions(resource)
        paths.update(writer.paths(resource, needed[-1]))
    return paths, needed


def _definitions_of(needed: Iterable[str], resources: Iterable[Resource], *, v3: bool) -> Object:
    found = {target: schemas.converted(target, v3=v3) for target in schemas.closure(needed)}
    return found | _custom(resources, v3=v3)


def _custom(resources: Iterable[Resource], *, v3: bool) -> Object:
    """The definitions of the custom ones among resources."""
    made = [resource for resource in resources if resource.custom]
    if not made:
        return {}
    from kajitori.apiserver.openapi import custom

    return {name: definition for resource in made for name, definition in custom.named(resource, v3=v3).items()}


def _definitions(resource: Resource) -> list[str]:
    """The definitions of a resource: its list's, its subresources', and last its own."""
    found = [naming.definition_name(resource.group, resource.version, resource.list_kind)]
    for subresource in resource.subresources.values():
        if subresource.kind:
            group = resource.group if subresource.group is None else subresource.group
            found.append(naming.definition_name(group, subresource.version or resource.version, subresource.kind))
    if resource.custom:
        found += [_META + "ObjectMeta", _META + "ListMeta"]
    return [*found, naming.definition_name(resource.group, resource.version, resource.kind)]
