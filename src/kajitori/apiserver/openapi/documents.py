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
from kajitori.apiserver.openapi import schemas
from kajitori.apiserver.openapi.operations import Writer
from kajitori.machinery.errors import NotAcceptable

Object = dict[str, Any]
_INFO = {"title": "Kubernetes", "version": KUBERNETES_VERSION}
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_META_KINDS = [_META + kind for kind in ("Status", "DeleteOptions", "Patch", "APIResourceList", "WatchEvent")]


class Documents:
    """The documents of a scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._made: dict[str, tuple[bytes, str]] = {}
        self._generation = scheme.generation

    def changed(self) -> None:
        """The scheme has changed: documents are made anew."""
        self._made.clear()

    def answer(self, request: Request, path: str) -> Response:
        """Any path under /openapi."""
        accept = request.headers.get("accept")
        if "protobuf" in accept and "json" not in accept and "*/*" not in accept:
            raise NotAcceptable.of(("application/json",))
        body, tag = self._document(path.rstrip("/"))
        headers = [("ETag", tag), ("Vary", "Accept"), ("Accept-Ranges", "bytes")]
        if request.query.get("hash"):
            headers.append(("Expires", "Fri, 31 Dec 9999 23:59:59 GMT"))
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
            return {"paths": {name: {"serverRelativeURL": self._url(name)} for name in self._group_versions()}}
        name = path.removeprefix("/openapi/v3/")
        if name not in self._group_versions():
            raise PathNotFound(path)
        return self._v3(name)

    def _url(self, name: str) -> str:
        parts = [__version__, name, *(repr((r.plural, sorted(r.verbs))) for r in self._resources(name))]
        parts += [orjson.dumps(getattr(r.schema, "raw", {})).decode() for r in self._resources(name) if r.custom]
        return f"/openapi/v3/{name}?hash={hashlib.sha256(''.join(parts).encode()).hexdigest().upper()}"

    def _group_versions(self) -> list[str]:
        names = [f"api/{version}" for version in self._scheme.versions("")]
        named = [group for group in self._scheme.groups() if group]
        return sorted(names + [f"apis/{group}/{v}" for group in named for v in self._scheme.versions(group)])

    def _resources(self, name: str) -> list[Resource]:
        parts = name.split("/")
        group, version = ("", parts[1]) if parts[0] == "api" else (parts[1], parts[2])
        return self._scheme.in_group_version(group, version)

    def _v3(self, name: str) -> Object:
        writer, paths, needed = Writer(v3=True), {}, list(_META_KINDS)
        for resource in self._resources(name):
            needed += _definitions(resource)
            paths.update(writer.paths(resource, needed[-1]))
        components = {target: schemas.converted(target, v3=True) for target in schemas.closure(needed)}
        components |= _custom(self._resources(name), v3=True)
        return {"openapi": "3.0.0", "info": _INFO, "paths": paths, "components": {"schemas": components}}

    def _v2(self) -> Object:
        writer, paths, needed = Writer(v3=False), {}, list(_META_KINDS)
        for resource in self._scheme.resources():
            needed += _definitions(resource)
            paths.update(writer.paths(resource, needed[-1]))
        definitions = {target: schemas.converted(target, v3=False) for target in schemas.closure(needed)}
        definitions |= _custom(self._scheme.resources(), v3=False)
        return {"swagger": "2.0", "info": _INFO, "paths": paths, "definitions": definitions}


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
