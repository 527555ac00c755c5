"""Tokens of service accounts: issued, believed, bound, refused; and the keys that sign them."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.unit.apiserver.authentication.identities import bearer, http_request, new_key, private_pem

from kajitori.apiserver.authentication import build_authenticator, raw_handlers
from kajitori.apiserver.authentication.keys import KeyFileError, KeyRing, jwks, parse_keys
from kajitori.apiserver.authentication.tokenissuer import BoundObject
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Unauthorized


@pytest.fixture
def account(world: Any) -> dict[str, Any]:
    return world.put("", "serviceaccounts", {"metadata": {"name": "default", "namespace": "ns", "uid": "sa-1"}})


@pytest.fixture
def signing(make_deps: Any, tmp_path: Any) -> Any:
    file = tmp_path / "sa.key"
    file.write_bytes(private_pem(new_key()))
    return make_deps(service_account_signing_key_file=str(file))


class TestServiceAccountTokens:
    def issue(self, authenticator: Any, account: Any, **over: Any) -> str:
        options = {"audiences": authenticator.issuer.audiences, "expiration_s": 600, **over}
        return str(authenticator.issuer.issue(account=account, **options)[0])

    def test_bound_token_authenticates_as_its_account(self, signing: Any, account: Any, world: Any) -> None:
        world.put("", "pods", {"metadata": {"name": "web", "namespace": "ns", "uid": "pod-1"}})
        authenticator = build_authenticator(signing)
        token = self.issue(
            authenticator, account, bound=BoundObject("Pod", "web", "pod-1"), node=BoundObject("Node", "n1", "node-1")
        )
        user = asyncio.run(authenticator.authenticate(bearer(token)))
        assert user.name == "system:serviceaccount:ns:default" and user.uid == "sa-1"
        assert user.groups == ("system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated")
        assert user.extra["authentication.kubernetes.io/pod-name"] == ("web",)
        assert user.extra["authentication.kubernetes.io/node-name"] == ("n1",)
        assert user.extra["authentication.kubernetes.io/credential-id"][0].startswith("JTI=")

    @pytest.mark.parametrize("removed", ["pods", "serviceaccounts"])
    def test_deleting_the_pod_or_account_revokes_at_once(
        self, signing: Any, account: Any, world: Any, removed: str
    ) -> None:
        world.put("", "pods", {"metadata": {"name": "default", "namespace": "ns", "uid": "pod-1"}})
        authenticator = build_authenticator(signing)
        token = self.issue(authenticator, account, bound=BoundObject("Pod", "default", "pod-1"))
        asyncio.run(authenticator.authenticate(bearer(token)))
        world.remove("", removed, "ns", "default")
        with pytest.raises(Unauthorized):
            asyncio.run(authenticator.authenticate(bearer(token)))

    def test_a_recreated_account_does_not_revive_old_tokens(self, signing: Any, account: Any, world: Any) -> None:
        authenticator = build_authenticator(signing)
        token = self.issue(authenticator, account)
        world.put("", "serviceaccounts", {"metadata": {"name": "default", "namespace": "ns", "uid": "sa-2"}})
        with pytest.raises(Unauthorized):
            asyncio.run(authenticator.authenticate(bearer(token)))

    def test_expired_tokens_are_refused(self, signing: Any, account: Any) -> None:
        authenticator = build_authenticator(signing)
        token = self.issue(authenticator, account)
        asyncio.run(authenticator.authenticate(bearer(token)))
        asyncio.run(advance(signing.clock, 600 + 61))
        with pytest.raises(Unauthorized):
            asyncio.run(authenticator.authenticate(bearer(token)))

    def test_tokens_for_other_audiences_are_refused(self, signing: Any, account: Any) -> None:
        authenticator = build_authenticator(signing)
        token = self.issue(authenticator, account, audiences=("vault",))
        with pytest.raises(Unauthorized):
            asyncio.run(authenticator.authenticate(bearer(token)))
        identity = asyncio.run(authenticator.tokens.review(token, ("vault", "other")))
        assert identity.audiences == ("vault",)

    def test_tokens_of_another_cluster_are_refused(
        self, signing: Any, account: Any, make_deps: Any, tmp_path: Any
    ) -> None:
        (tmp_path / "other.key").write_bytes(private_pem(new_key()))
        foreign = build_authenticator(make_deps(service_account_signing_key_file=str(tmp_path / "other.key")))
        with pytest.raises(Unauthorized):
            asyncio.run(build_authenticator(signing).authenticate(bearer(self.issue(foreign, account))))

    def test_pod_tokens_of_3607_seconds_live_a_year_and_say_when_to_warn(self, signing: Any, account: Any) -> None:
        import jwt

        authenticator = build_authenticator(signing)
        token = self.issue(authenticator, account, expiration_s=3607, bound=BoundObject("Pod", "p", "u"))
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == 365 * 24 * 3600
        assert claims["kubernetes.io"]["warnafter"] - claims["iat"] == 3607

    def test_legacy_secret_tokens_work_until_the_secret_goes(self, signing: Any, account: Any, world: Any) -> None:
        import jwt

        key = KeyRing([signing.config.service_account_signing_key_file]).keys[0]
        prefix = "kubernetes.io/serviceaccount/"
        claims = {
            "iss": "kubernetes/serviceaccount",
            "sub": "system:serviceaccount:ns:default",
            prefix + "namespace": "ns",
            prefix + "secret.name": "token-x",
            prefix + "service-account.name": "default",
            prefix + "service-account.uid": "sa-1",
        }
        token = jwt.encode(claims, key.private, key.algorithm)
        data = {"token": base64.b64encode(token.encode()).decode()}
        world.put("", "secrets", {"metadata": {"name": "token-x", "namespace": "ns"}, "data": data})
        authenticator = build_authenticator(signing)
        assert asyncio.run(authenticator.authenticate(bearer(token))).name == "system:serviceaccount:ns:default"
        world.remove("", "secrets", "ns", "token-x")
        with pytest.raises(Unauthorized):
            asyncio.run(authenticator.authenticate(bearer(token)))

    def test_discovery_documents_publish_the_key_that_signed(self, signing: Any, account: Any) -> None:
        import json

        import jwt

        handlers = raw_handlers(signing)
        answer = asyncio.run(handlers["/openid/v1/jwks"](http_request(), RequestInfo("get", ""), UserInfo("x")))
        published = json.loads(answer.body)["keys"][0]
        token = self.issue(build_authenticator(signing), account)
        header = jwt.get_unverified_header(token)
        assert header["kid"] == published["kid"]
        jwt.decode(
            token,
            jwt.PyJWK(published),
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )


async def advance(clock: Any, seconds: float) -> None:
    result = clock.advance(seconds)
    if asyncio.iscoroutine(result):
        await result


class TestKeys:
    def test_rsa_and_ecdsa_keys_are_published(self) -> None:
        pem = private_pem(rsa.generate_private_key(65537, 2048)) + private_pem(new_key())
        keys = parse_keys(pem)
        assert [key.algorithm for key in keys] == ["RS256", "ES256"]
        assert [key["kty"] for key in jwks(keys)["keys"]] == ["RSA", "EC"]

    def test_public_key_has_the_id_of_its_private_key(self) -> None:
        key = new_key()
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        assert parse_keys(public)[0].kid == parse_keys(private_pem(key))[0].kid

    def test_a_file_without_keys_is_refused_at_once(self, tmp_path: Any) -> None:
        (tmp_path / "x").write_text("hello")
        with pytest.raises(KeyFileError):
            KeyRing([tmp_path / "x"])
