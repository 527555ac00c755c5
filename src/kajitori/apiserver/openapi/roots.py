"""Operations that belong to no resource: discovery, the version, the keys of service accounts' tokens. Pure.

May import: api.naming, openapi.dialect.
"""

from __future__ import annotations

from typing import Any

from kajitori.api import naming
from kajitori.apiserver.openapi.dialect import Dialect, camel, group_words

Object = dict[str, Any]
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_FORMS = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
VERSION = "io.k8s.apimachinery.pkg.version.Info"
ALWAYS = (".well-known/openid-configuration", "api", "apis", "openid/v1/jwks", "version")
"""The documents that there are whatever is served, by their names in the index of v3."""


def definitions(name: str) -> list[str]:
    """What the operations of a document refer to."""
    named = {"api": "APIVersions", "apis": "APIGroupList", "version": VERSION}
    found = named.get(name) or ("APIGroup" if name.startswith("apis/") else "")
    return [found if "." in found else _META + found] if found else []


def paths(name: str, dialect: Dialect) -> Object:
    """The one path of `api`, `apis`, `apis/GROUP`, `version` …"""
    plain = ("application/json",)
    match name:
        case ".well-known/openid-configuration":
            operation = dialect.operation(
                description="get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
                name="getServiceAccountIssuerOpenIDConfiguration",
                tag="WellKnown",
                parameters=[],
                answers={200: ("string", plain)},
            )
        case "openid/v1/jwks":
            operation = dialect.operation(
                description="get service account issuer OpenID JSON Web Key Set (the keys that tokens are checked by)",
                name="getServiceAccountIssuerOpenIDKeyset",
                tag="openid",
                parameters=[],
                answers={200: ("string", ("application/jwk-set+json",))},
            )
        case "version":
            operation = dialect.operation(
                description="get the version information for this server",
                name="getCodeVersion",
                tag="version",
                parameters=[],
                answers={200: (VERSION, plain)},
                consumes=plain,
            )
        case "api" | "apis":
            kind = "APIVersions" if name == "api" else "APIGroupList"
            operation = _discovery(
                dialect, "get available API versions", f"get{'Core' if name == 'api' else ''}APIVersions", kind
            )
            operation["tags"] = ["core" if name == "api" else "apis"]
        case _:
            words = group_words(name.removeprefix("apis/"))
            operation = _discovery(dialect, "get information of a group", f"get{words}APIGroup", "APIGroup")
            operation["tags"] = [words[0].lower() + words[1:]]
    return {f"/{name}/": {"get": operation}}


def resources(group: str, version: str, dialect: Dialect) -> Object:
    """The path that lists the resources of a group version; those of custom resources are not described."""
    if not naming.is_builtin_group(group):
        return {}
    name = f"get{camel(group, version)}APIResources"
    operation = _discovery(dialect, "get available resources", name, "APIResourceList")
    words = group_words(group)
    operation["tags"] = [f"{words[0].lower()}{words[1:]}_{version}"]
    return {f"/apis/{group}/{version}/" if group else f"/api/{version}/": {"get": operation}}


def _discovery(dialect: Dialect, description: str, name: str, kind: str) -> Object:
    answers = {200: (_META + kind, _FORMS)}
    return dialect.operation(
        description=description, name=name, tag="", parameters=[], answers=answers, consumes=_FORMS
    )
