"""OIDC discovery of the service-account issuer: its configuration document and key set.

Relying parties outside the cluster verify tokens with these. Served only when the issuer is an https URL, as upstream.
May import: authentication.keys, config, aiokit.http.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from kajitori.aiokit.http.message import Request, Response
from kajitori.apiserver.authentication.build import verification_keys
from kajitori.apiserver.authentication.keys import KeyRing, jwks
from kajitori.apiserver.deps import RawHandler, ServerDeps
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

CONFIGURATION_PATH = "/.well-known/openid-configuration"
JWKS_PATH = "/openid/v1/jwks"


def raw_handlers(deps: ServerDeps) -> Mapping[str, RawHandler]:
    """path → handler; empty when there is nothing to publish."""
    config = deps.config
    issuer = config.service_account_issuer[0] if config.service_account_issuer else ""
    keys = verification_keys(config)
    if not keys or urlsplit(issuer).scheme != "https":
        return {}
    base = f"https://{config.advertise_address or config.bind_address}:{config.secure_port}"
    where = config.service_account_jwks_uri or base + JWKS_PATH
    return {
        CONFIGURATION_PATH: _document(lambda: _configuration(issuer, where, keys), "application/json"),
        JWKS_PATH: _document(lambda: jwks(keys.keys), "application/jwk-set+json"),
    }


def _configuration(issuer: str, where: str, keys: KeyRing) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "jwks_uri": where,
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": sorted({key.algorithm for key in keys.keys}),
    }


def _document(make: Callable[[], dict[str, Any]], content_type: str) -> RawHandler:
    async def serve(request: Request, info: RequestInfo, user: UserInfo) -> Response:
        headers = [("cache-control", "public, max-age=3600")]
        return Response(orjson.dumps(make()), content_type=content_type, headers=headers)

    return serve
