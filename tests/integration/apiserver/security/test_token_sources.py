"""Who a bearer token speaks for, according to other servers: an OIDC issuer, an authentication webhook; and what it may,
according to an authorization webhook."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from tests.integration.apiserver.plainhttps import ask
from tests.integration.apiserver.security.neighbour import Neighbour

from kajitori.machinery import certificates
from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[tuple[Neighbour, bytes]]:
    private, public = certificates.new_key_pair("rsa")
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(load_pem_public_key(public)))  # type: ignore[arg-type]

    def answer(path: str, body: Any) -> Any:
        if path == "/.well-known/openid-configuration":
            return {"issuer": server.url, "jwks_uri": f"{server.url}/keys"}
        return {"keys": [{**key, "kid": "one", "use": "sig", "alg": "RS256"}]}

    server = Neighbour(tmp_path, answer)
    with contextlib.closing(server):
        yield server, private


def minted(issuer: tuple[Neighbour, bytes], **claims: Any) -> str:
    server, private = issuer
    whole = {"iss": server.url, "aud": "kube", "sub": "ann", "exp": time.time() + 60, **claims}
    return jwt.encode(whole, private, algorithm="RS256", headers={"kid": "one"})


def test_tokens_of_an_issuer_named_by_flags_are_believed(issuer: Any, tmp_path: Path) -> None:
    options = {
        "oidc_issuer_url": issuer[0].url,
        "oidc_client_id": "kube",
        "oidc_ca_file": str(tmp_path / "neighbour-ca.crt"),
        "oidc_username_prefix": "corp:",
        "oidc_groups_claim": "groups",
        "oidc_groups_prefix": "corp:",
    }
    with ControlPlane(**options) as server:
        token = minted(issuer, groups=["devs"])
        answer = ask(server, REVIEWS, method="POST", body=REVIEW, token=token)
        user = answer.json["status"]["userInfo"]
        assert user == {"username": "corp:ann", "groups": ["corp:devs", "system:authenticated"]}
        for bad in (minted(issuer, aud="other"), minted(issuer, exp=time.time() - 60), token[:-4] + "AAAA"):
            assert ask(server, REVIEWS, method="POST", body=REVIEW, token=bad).status == 401
        assert [path for path, _ in issuer[0].asked] == ["/.well-known/openid-configuration", "/keys"]


def test_authentication_configuration_maps_claims_and_limits_anonymous(issuer: Any, tmp_path: Path) -> None:
    config = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AuthenticationConfiguration",
        "jwt": [
            {
                "issuer": {
                    "url": issuer[0].url,
                    "audiences": ["kube"],
                    "certificateAuthority": issuer[0].ca.cert_pem.decode(),
                },
                "claimMappings": {
                    "username": {"expression": '"oidc:" + claims.sub'},
                    "groups": {"expression": "claims.admin ? ['admins'] : []"},
                },
                "claimValidationRules": [{"expression": "claims.exp - claims.iat <= 3600", "message": "too long"}],
            }
        ],
        "anonymous": {"enabled": True, "conditions": [{"path": "/livez"}]},
    }
    path = tmp_path / "authentication.yaml"
    path.write_text(yaml.safe_dump(config))
    with ControlPlane(authentication_config=str(path)) as server:
        token = minted(issuer, admin=True, iat=int(time.time()), exp=int(time.time()) + 60)
        user = ask(server, REVIEWS, method="POST", body=REVIEW, token=token).json["status"]["userInfo"]
        assert user == {"username": "oidc:ann", "groups": ["admins", "system:authenticated"]}
        long = minted(issuer, admin=True, iat=int(time.time()), exp=int(time.time()) + 7200)
        assert ask(server, REVIEWS, method="POST", body=REVIEW, token=long).status == 401
        assert ask(server, "/livez", token="").status == 200
        assert ask(server, "/version", token="").status == 401


def test_a_changed_authentication_configuration_is_taken_over(issuer: Any, tmp_path: Path) -> None:
    path = tmp_path / "authentication.yaml"
    empty = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration"}
    path.write_text(yaml.safe_dump(empty))
    believed = {"url": issuer[0].url, "audiences": ["kube"], "certificateAuthority": issuer[0].ca.cert_pem.decode()}
    username = {"username": {"claim": "sub", "prefix": ""}}
    with ControlPlane(authentication_config=str(path)) as server:
        token = minted(issuer)
        assert ask(server, REVIEWS, method="POST", body=REVIEW, token=token).status == 401
        path.write_text(yaml.safe_dump({**empty, "jwt": [{"issuer": believed, "claimMappings": username}]}))
        asyncio.run(server.server.pipeline.authenticator.file.look())  # type: ignore[attr-defined]
        assert ask(server, REVIEWS, method="POST", body=REVIEW, token=token).status == 201


def test_webhooks_say_who_it_is_and_what_it_may(tmp_path: Path) -> None:
    def answer(path: str, body: Any) -> Any:
        spec = body["spec"]
        if body["kind"] == "TokenReview":
            known = spec["token"] == "sesame"
            user = {"username": "ali", "groups": ["thieves"]} if known else {}
            return {**body, "status": {"authenticated": known, "user": user}}
        wanted = spec.get("resourceAttributes", {})
        allowed = spec["user"] == "ali" and wanted.get("resource") == "configmaps"
        return {**body, "status": {"allowed": allowed, "denied": wanted.get("resource") == "secrets", "reason": "cave"}}

    with contextlib.closing(Neighbour(tmp_path, answer)) as hook:
        kubeconfig = hook.kubeconfig(tmp_path / "hook.kubeconfig")
        options = {
            "authentication_token_webhook_config_file": kubeconfig,
            "authentication_token_webhook_version": "v1",
            "authorization_mode": ("RBAC", "Webhook"),
            "authorization_webhook_config_file": kubeconfig,
            "authorization_webhook_version": "v1",
        }
        with ControlPlane(**options) as server:
            for _ in range(2):
                assert ask(server, "/api/v1/namespaces/default/configmaps", token="sesame").status == 200
            refused = ask(server, "/api/v1/namespaces/default/secrets", token="sesame")
            assert (refused.status, refused.json["message"].endswith(": cave")) == (403, True)
            assert ask(server, "/api/v1/namespaces/default/configmaps", token="simsim").status == 401
        paths = {path for path, _ in hook.asked}
        assert paths == {"/hook"}
        asked_about_sesame = [b for _, b in hook.asked if b["kind"] == "TokenReview" and b["spec"]["token"] == "sesame"]
        assert len(asked_about_sesame) == 1
