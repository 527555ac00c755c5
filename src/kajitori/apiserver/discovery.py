"""Discovery: which groups, versions and resources there are; the legacy documents and the aggregated one (v2).

Documents are made when first asked for and kept until the scheme changes (`changed()`).
May import: api.{registration,scheme}, aiokit.http.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from kajitori import KUBERNETES_VERSION
from kajitori.aiokit.http.message import Request, Response
from kajitori.api.registration import Resource, Subresource
from kajitori.api.scheme import Scheme
from kajitori.apiserver.handlers.dispatch import PathNotFound
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import NotFound

Object = dict[str, Any]
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
_GROUP_ORDER = (
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "resource.k8s.io",
)


class Discovery:
    """The discovery documents of a scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._documents: dict[str, tuple[bytes, str]] = {}
        self._generation = scheme.generation

    def changed(self) -> None:
        """The scheme has changed: documents are made anew."""
        self._documents.clear()

    async def handle(self, request: Request, info: RequestInfo, user: UserInfo) -> Response:
        """/api, /apis, /apis/GROUP, /api/v1, /apis/GROUP/VERSION."""
        parts = info.path.strip("/").split("/")
        if len(parts) == 1 and (version := _aggregated_version(request.headers.get("accept"))):
            kind = _AGGREGATED.format(version=version)
            key = f"{parts[0]} {version}"
            return self._answer(request, key, lambda: self._aggregated(parts[0] == "api", version), kind)
        return self._answer(request, "/".join(parts), lambda: self._legacy(parts), "application/json")

    def _answer(self, request: Request, key: str, make: Any, content_type: str) -> Response:
        if self._generation != self._scheme.generation:
            self._generation = self._scheme.generation
            self.changed()
        found = self._documents.get(key)
        if found is None:
            body = orjson.dumps(make()) + b"\n"
            found = self._documents[key] = (body, f'"{hashlib.sha256(body).hexdigest().upper()}"')
        body, tag = found
        headers = [("Vary", "Accept")]
        if "aggregated" in key or content_type != "application/json":
            headers.append(("ETag", tag))
            if request.headers.get("if-none-match") == tag:
                return Response(b"", status=304, content_type="", headers=headers)
        return Response(body, content_type=content_type, headers=headers)

    # legacy

    def _legacy(self, parts: list[str]) -> Object:
        scheme = self._scheme
        match parts:
            case ["api"]:
                client = {"clientCIDR": "0.0.0.0/0", "serverAddress": ""}
                return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [client]}
            case ["apis"]:
                groups = [self._group(group) for group in self.groups()]
                return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
            case ["apis", group] if scheme.versions(group):
                return {"kind": "APIGroup", "apiVersion": "v1", **self._group(group)}
            case ["api", version] if version in scheme.versions(""):
                return self._resources("", version)
            case ["apis", group, version] if group and version in scheme.versions(group):
                return self._resources(group, version)
        if parts[0] == "api" or (len(parts) > 2 and self._is_own(parts[1])):
            raise NotFound.path()
        raise PathNotFound("/".join(parts))

    def _is_own(self, group: str) -> bool:
        """Whether the server itself has something in a group, besides custom resources."""
        scheme = self._scheme
        resources = (r for version in scheme.versions(group) for r in scheme.in_group_version(group, version))
        return any(not resource.custom for resource in resources)

    def only_read(self, path: str) -> bool:
        """Whether a document takes no other method than GET: those that upstream's router serves."""
        parts = path.strip("/").split("/")
        return parts[0] == "api" or (len(parts) == 3 and parts[0] == "apis" and self._is_own(parts[1]))

    def groups(self) -> list[str]:
        """The named groups in the order of their priority."""
        order = {group: index for index, group in enumerate(_GROUP_ORDER)}
        return sorted((g for g in self._scheme.groups() if g), key=lambda g: (order.get(g, len(order)), g))

    def _group(self, group: str) -> Object:
        versions = [{"groupVersion": f"{group}/{v}", "version": v} for v in self._scheme.versions(group)]
        return {"name": group, "versions": versions, "preferredVersion": versions[0]}

    def _resources(self, group: str, version: str) -> Object:
        rows: list[Object] = []
        for resource in self.sorted_resources(group, version):
            rows.append(_resource_row(resource))
            rows += [_subresource_row(resource, *item) for item in _subresources(resource)]
        if not group:  # upstream's core group names no apiVersion
            return {"kind": "APIResourceList", "groupVersion": version, "resources": rows}
        group_version = f"{group}/{version}"
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": rows}

    def sorted_resources(self, group: str, version: str) -> list[Resource]:
        """The resources of a version by name."""
        return sorted(self._scheme.in_group_version(group, version), key=lambda resource: resource.plural)

    # aggregated

    def _aggregated(self, core: bool, version: str) -> Object:
        groups = [""] if core else self.groups()
        items = [self._aggregated_group(group) for group in groups]
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": f"apidiscovery.k8s.io/{version}",
            "metadata": {},
            "items": items,
        }

    def _aggregated_group(self, group: str) -> Object:
        versions = [
            {
                "version": version,
                "resources": [_aggregated_resource(r) for r in self.sorted_resources(group, version)],
                "freshness": "Current",
            }
            for version in self._scheme.versions(group)
        ]
        metadata: Object = {"name": group} if group else {}
        return {"metadata": metadata, "versions": versions}


def _aggregated_version(accept: str) -> str:
    """The discovery version that a client prefers to the legacy documents; "" for none."""
    for clause in accept.split(","):
        parts = {part.strip() for part in clause.split(";")}
        if "as=APIGroupDiscoveryList" in parts and "g=apidiscovery.k8s.io" in parts and "application/json" in parts:
            for version in ("v2", "v2beta1"):
                if f"v={version}" in parts:
                    return version
        elif parts & {"application/json", "*/*"}:
            return ""
    return ""


def _storage_hash(resource: Resource) -> str:
    import base64

    stored_as_core = resource.storage_prefix == "/registry/events/"
    text = f"{'' if stored_as_core else resource.group}/{resource.storage_version}/{resource.kind}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()


def _resource_row(resource: Resource) -> Object:
    row: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": _verbs_of(resource),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    if "get" in resource.verbs and "create" in resource.verbs:
        row["storageVersionHash"] = _storage_hash(resource)
    return row


_CUSTOM_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]


def _verbs_of(resource: Resource) -> list[str]:
    """Those of custom resources stand in an order of their own."""
    return list(_CUSTOM_VERBS) if resource.custom else _verbs(resource.verbs)


def _subresources(resource: Resource) -> list[tuple[str, Subresource]]:
    found = list(resource.subresources.items())
    return found if resource.custom else sorted(found, key=lambda item: item[0])


def _verbs(verbs: Iterable[str]) -> list[str]:
    return sorted(verbs)


def _subresource_kind(resource: Resource, subresource: Subresource) -> tuple[str, str, str]:
    if not subresource.kind:
        return resource.group, resource.version, resource.kind
    group = resource.group if subresource.group is None else subresource.group
    return group, subresource.version or resource.version, subresource.kind


def _subresource_row(resource: Resource, name: str, subresource: Subresource) -> Object:
    group, version, kind = _subresource_kind(resource, subresource)
    row: Object = {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
    }
    if (group, version) != (resource.group, resource.version):
        row |= {"group": group, "version": version}
    return row | {"kind": kind, "verbs": _verbs(subresource.verbs)}


def _aggregated_resource(resource: Resource) -> Object:
    item: Object = {
        "resource": resource.plural,
        "responseKind": {"group": resource.group, "version": resource.version, "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": _verbs_of(resource),
    }
    if resource.short_names:
        item["shortNames"] = list(resource.short_names)
    if resource.categories:
        item["categories"] = list(resource.categories)
    if resource.subresources:
        item["subresources"] = [
            {
                "subresource": name,
                "responseKind": dict(zip(("group", "version", "kind"), _subresource_kind(resource, sub), strict=True)),
                "verbs": _verbs(sub.verbs),
            }
            for name, sub in _subresources(resource)
        ]
    return item


def version_document() -> Object:
    """/version."""
    major, minor, *_ = KUBERNETES_VERSION.removeprefix("v").split(".")
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(int(minor) - 1),
        "gitVersion": f"v{KUBERNETES_VERSION.removeprefix('v')}",
        "gitCommit": "kajitori",
        "gitTreeState": "clean",
        "buildDate": "2025-08-27T00:00:00Z",
        "goVersion": "python",
        "compiler": "python",
        "platform": "linux/amd64",
    }
