"""OIDC: configuration, claims to users, and tokens signed by keys that are given."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.apiserver.authentication.oidc import OIDCTokens
from kajitori.apiserver.authentication.oidc_claims import user_of
from kajitori.apiserver.authentication.oidc_config import Anonymous, Issuer, OIDCConfigError, configured, parse
from kajitori.apiserver.authentication.tokens import TokenIdentity
from kajitori.apiserver.config import ServerConfig
from kajitori.machinery.certificates import new_key_pair
from kajitori.machinery.errors import Unauthorized

URL = "https://issuer.example.com"


def issuer(**more: Any) -> Issuer:
    mappings = {"username": {"claim": "sub", "prefix": ""}, **more.pop("claimMappings", {})}
    one = {"issuer": {"url": URL, "audiences": ["kube"]}, "claimMappings": mappings, **more}
    return parse(document(jwt=[one])).issuers[0]


def document(**more: Any) -> dict[str, Any]:
    return {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration", **more}


def test_claims_become_a_user() -> None:
    mappings = {
        "username": {"claim": "email", "prefix": "corp:"},
        "groups": {"claim": "groups", "prefix": "corp:"},
        "uid": {"claim": "sub"},
    }
    user = user_of(issuer(claimMappings=mappings), {"email": "ann@x", "groups": ["a", "b"], "sub": "7"})
    assert (user.name, user.groups, user.uid) == ("corp:ann@x", ("corp:a", "corp:b"), "7")
    one = user_of(issuer(claimMappings=mappings), {"email": "ann@x", "groups": "a", "sub": "7"})
    assert one.groups == ("corp:a",)


def test_a_tokens_own_name_is_its_credential() -> None:
    user = user_of(issuer(), {"sub": "ann", "jti": "t-1"})
    assert user.extra == {"authentication.kubernetes.io/credential-id": ("JTI=t-1",)}


def test_expressions_make_users_and_refuse_them() -> None:
    believed = issuer(
        claimMappings={
            "username": {"expression": "claims.sub + '@' + claims.org"},
            "groups": {"expression": "claims.roles.split(',')"},
            "extra": [{"key": "example.com/tenant", "valueExpression": "claims.org"}],
        },
        claimValidationRules=[{"expression": "claims.org in ['blue', 'system']", "message": "unknown org"}],
        userValidationRules=[{"expression": "!user.username.endsWith('@system')", "message": "reserved"}],
    )
    user = user_of(believed, {"sub": "ann", "org": "blue", "roles": "a,b"})
    assert (user.name, user.groups, user.extra) == ("ann@blue", ("a", "b"), {"example.com/tenant": ("blue",)})
    with pytest.raises(Unauthorized, match="unknown org"):
        user_of(believed, {"sub": "ann", "org": "red", "roles": ""})
    with pytest.raises(Unauthorized, match="reserved"):
        user_of(believed, {"sub": "ann", "org": "system", "roles": ""})


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": 7},
        {"sub": ""},
        {"sub": "ann", "hd": "other"},
        {"sub": "ann", "hd": "x", "groups": [1]},
    ],
)
def test_claims_that_do_not_fit_are_refused(claims: dict[str, Any]) -> None:
    believed = issuer(
        claimMappings={"groups": {"claim": "groups", "prefix": ""}},
        claimValidationRules=[{"claim": "hd", "requiredValue": "x"}],
    )
    with pytest.raises(Unauthorized):
        user_of(believed, claims)


def test_unverified_addresses_are_not_names() -> None:
    believed = issuer(claimMappings={"username": {"claim": "email", "prefix": ""}})
    with pytest.raises(Unauthorized, match="email not verified"):
        user_of(believed, {"email": "ann@x", "email_verified": False})
    assert user_of(believed, {"email": "ann@x", "email_verified": True}).name == "ann@x"


def flags(**more: Any) -> ServerConfig:
    return ServerConfig(oidc_issuer_url=URL, oidc_client_id="kube", **more)


@pytest.mark.parametrize(
    ("more", "prefix"),
    [
        ({}, f"{URL}#"),
        ({"oidc_username_claim": "email"}, ""),
        ({"oidc_username_prefix": "-"}, ""),
        ({"oidc_username_prefix": "oidc:"}, "oidc:"),
    ],
)
def test_flags_prefix_user_names_as_upstream(more: Any, prefix: str) -> None:
    assert configured(flags(**more)).issuers[0].username.prefix == prefix


@pytest.mark.parametrize(
    "given",
    [
        document(jwt=[{"issuer": {"url": "http://x", "audiences": ["a"]}}]),
        document(jwt=[{"issuer": {"url": URL, "audiences": []}}]),
        document(jwt=[{"issuer": {"url": URL, "audiences": ["a", "b"]}}]),
        document(jwt=[{"issuer": {"url": URL, "audiences": ["a"]}, "claimMappings": {"username": {}}}]),
        document(jwt=[{"issuer": {"url": URL, "audiences": ["a"]}, "claimMappings": {"username": {"claim": "sub"}}}]),
        document(anonymous={"enabled": False, "conditions": [{"path": "/livez"}]}),
        document(jtw=[]),
        {"kind": "AuthenticationConfiguration", "apiVersion": "v1"},
    ],
)
def test_wrong_configurations_are_refused(given: Any) -> None:
    with pytest.raises(OIDCConfigError):
        parse(given)


def with_jwt(**more: Any) -> dict[str, Any]:
    believed = {"url": URL, "audiences": ["a"], **more.pop("issuer", {})}
    mappings = {"username": {"claim": "sub", "prefix": ""}, **more.pop("mappings", {})}
    return document(jwt=[{"issuer": believed, "claimMappings": mappings, **more}])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (with_jwt(issuer={"url": ""}), "jwt[0].issuer.url: Required value"),
        (with_jwt(issuer={"url": "https://own"}), "URL must not overlap with disallowed issuers: [https://own]"),
        (with_jwt(issuer={"url": "https://a:b@x"}), "URL must not contain a username or password"),
        (with_jwt(issuer={"discoveryURL": f"{URL}/"}), "discoveryURL must be different from URL"),
        (with_jwt(issuer={"audiences": ["a", "a"], "audienceMatchPolicy": "MatchAny"}), 'audiences[1]: Duplicate value: "a"'),
        (with_jwt(issuer={"audiences": ["a", "b"]}), "audienceMatchPolicy must be MatchAny for multiple audiences"),
        (with_jwt(issuer={"certificateAuthority": "x"}), 'certificateAuthority: Invalid value: "<omitted>": data does not'),
        (
            with_jwt(mappings={"username": {"expression": "claims.email"}}),
            'username.expression: Invalid value: "claims.email": claims.email_verified must be used in claimMappings',
        ),
        (with_jwt(mappings={"extra": [{"key": "Foo"}]}), "must be a domain-prefixed path (such as"),
        (with_jwt(mappings={"extra": [{"key": "x.k8s.io/a", "valueExpression": "''"}]}), "are reserved for Kubernetes use"),
        (with_jwt(claimValidationRules=[{"claim": "a", "message": "m"}]), "may not be specified when claim is set"),
        (with_jwt(claimValidationRules=[{"expression": "'a'"}]), "must evaluate to bool"),
        (with_jwt(userValidationRules=[{}]), "userValidationRules[0].expression: Required value"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_as_upstream_tells_it(given: Any, why: str) -> None:
    with pytest.raises(OIDCConfigError) as refused:
        parse(given, own_issuers=["https://own"])
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "more",
    [
        {"mappings": {"username": {"expression": "claims.email_verified ? claims.email : claims.sub"}}},
        {
            "mappings": {"username": {"expression": "claims.email"}},
            "claimValidationRules": [{"expression": "claims.?email_verified.orValue(true) == true"}],
        },
    ],
)
def test_an_address_that_is_verified_names_a_user(more: Any) -> None:
    assert parse(with_jwt(**more)).issuers[0].username.expression is not None


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(OIDCConfigError) as refused:
        parse(document(jwt=[{"issuer": {}}, {"issuer": {"url": "http://x", "audiences": [""]}}]))
    assert str(refused.value).count("jwt[") == 7


def test_anonymous_may_be_limited_to_paths() -> None:
    found = parse(document(anonymous={"enabled": True, "conditions": [{"path": "/livez"}]})).anonymous
    assert found == Anonymous(True, ("/livez",))


class GivenKeys:
    """Stands for IssuerKeys."""

    def __init__(self, public_pem: bytes) -> None:
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        self.key = load_pem_public_key(public_pem)
        self.asked = 0

    async def find(self, kid: str) -> list[Any]:
        self.asked += 1
        return [self] if kid in ("", "k1") else []


PRIVATE, PUBLIC = new_key_pair()
OTHER, _ = new_key_pair()


def token(key: bytes = PRIVATE, headers: dict[str, str] | None = None, **claims: Any) -> str:
    now = FakeClock().now().timestamp()
    whole = {"iss": URL, "aud": "kube", "sub": "ann", "exp": now + 60, **claims}
    return jwt.encode(whole, key, algorithm="ES256", headers=headers or {"kid": "k1"})


def authenticate(*tokens: str, audiences: tuple[str, ...] = ()) -> tuple[list[TokenIdentity | None], int]:
    async def main() -> tuple[list[TokenIdentity | None], int]:
        keys = GivenKeys(PUBLIC)
        kind = OIDCTokens(issuer(), api_audiences=("api",), clock=FakeClock(), keys=keys)  # type: ignore[arg-type]
        return [await kind.authenticate_token(one, audiences) for one in tokens], keys.asked

    return asyncio.run(main())


def test_tokens_of_the_issuer_are_believed_and_checked_once() -> None:
    one = token()
    (first, second), asked = authenticate(one, one)
    assert first is not None
    assert second is not None
    assert first.user.name == "ann"
    assert first.user is second.user
    assert asked == 1


def test_tokens_of_others_are_left_to_others() -> None:
    assert authenticate(token(iss="https://other"), "abc", "a.b.c")[0] == [None, None, None]
    assert authenticate(token(), audiences=("somebody-else",))[0] == [None]
    assert authenticate(token(), audiences=("api",))[0][0].audiences == ("api",)


EPOCH = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "bad",
    [
        token(OTHER),
        token(aud="other"),
        token(aud=None),
        token(exp=EPOCH),
        token(exp=None),
        token(nbf=FakeClock().now().timestamp() + 3600),
        token(headers={"kid": "unknown"}),
        jwt.encode({"iss": URL, "aud": "kube", "sub": "ann", "exp": 9e9}, "s" * 32, algorithm="HS256"),
        jwt.encode({"iss": URL, "aud": "kube", "sub": "ann", "exp": 9e9}, None, algorithm="none"),
    ],
    ids=["key", "audience", "no audience", "expired", "no expiry", "early", "unknown key", "HS256", "none"],
)
def test_bad_tokens_are_refused(bad: str) -> None:
    with pytest.raises(Unauthorized):
        authenticate(bad)
