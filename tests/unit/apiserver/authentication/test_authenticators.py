"""Who sent this request: certificates, tokens of every kind, front proxy, anonymous, impersonation."""

from __future__ import annotations

import asyncio
import base64
import datetime
import os
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from kajitori.aiokit.http.message import Headers, Request
from kajitori.apiserver.attributes import Attributes, Decision, Verdict
from kajitori.apiserver.authentication import authenticated, build_authenticator, raw_handlers
from kajitori.apiserver.authentication.der import DERError, certificate_names
from kajitori.apiserver.authentication.impersonation import impersonate
from kajitori.apiserver.authentication.keys import KeyFileError, KeyRing, jwks, parse_keys
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authentication.tokenfile import TokenFileError, parse_token_file
from kajitori.apiserver.authentication.tokenissuer import BoundObject
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import AuthRequest, UserInfo
from kajitori.machinery.errors import Forbidden, InternalError, Unauthorized

DAY = datetime.timedelta(days=1)
BORN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(
    cn: str, orgs: tuple[str, ...] = (), issuer: tuple[x509.Name, Any] | None = None, uids: tuple[str, ...] = ()
) -> tuple[Any, Any]:
    key = new_key()
    attributes = [x509.NameAttribute(x509.ObjectIdentifier("1.3.6.1.4.1.57683.2"), uid) for uid in uids]
    attributes += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, org) for org in orgs]
    subject = x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    issuer_name, issuer_key = issuer or (subject, key)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(BORN)
        .not_valid_after(BORN + 3650 * DAY)
        .sign(issuer_key, hashes.SHA256())
    )
    return built, key


def der(built: Any) -> bytes:
    return built.public_bytes(serialization.Encoding.DER)


def request(*headers: tuple[str, str], cert: bytes | None = None) -> AuthRequest:
    return AuthRequest(headers=Headers(list(headers)), peer_certificate_der=cert)


def bearer(token: str) -> AuthRequest:
    return request(("authorization", f"Bearer {token}"))


class TestCertificates:
    def test_common_name_and_organizations_are_read_from_der(self) -> None:
        built, _ = certificate("kubernetes-admin", ("system:masters", "Entwickler Größe"))
        names = certificate_names(der(built))
        assert names.common_name == "kubernetes-admin"
        assert names.organizations == ("system:masters", "Entwickler Größe")
        assert names.issuer == built.issuer.public_bytes()

    @pytest.mark.parametrize("cut", [0, 1, 5, 40, 100])
    def test_cut_certificates_raise_a_der_error(self, cut: int) -> None:
        built, _ = certificate("x")
        with pytest.raises(DERError):
            certificate_names(der(built)[:cut])

    def test_certificate_authenticates_with_its_groups(self, make_deps: Any) -> None:
        built, _ = certificate("jane", ("devs",))
        user = asyncio.run(build_authenticator(make_deps()).authenticate(request(cert=der(built))))
        assert (user.name, user.groups) == ("jane", ("devs", "system:authenticated"))

    def test_a_uid_of_kubernetes_own_kind_counts(self, make_deps: Any) -> None:
        built, _ = certificate("jane", uids=("u-1",))
        user = asyncio.run(build_authenticator(make_deps()).authenticate(request(cert=der(built))))
        assert (user.name, user.uid) == ("jane", "u-1")

    def test_two_uids_are_refused(self, make_deps: Any) -> None:
        built, _ = certificate("jane", uids=("u-1", "u-2"))
        with pytest.raises(Unauthorized) as refused:
            asyncio.run(build_authenticator(make_deps()).authenticate(request(cert=der(built))))
        assert str(refused.value.__cause__) == "expected 1 UID, but found multiple: [u-1 u-2]"

    def test_a_front_proxys_ca_is_followed(self, make_deps: Any, tmp_path: Any) -> None:
        file = tmp_path / "proxies.crt"
        pem = serialization.Encoding.PEM
        (old, _), (new, key) = certificate("old-ca"), certificate("new-ca")
        file.write_bytes(old.public_bytes(pem))
        authenticator = build_authenticator(make_deps(requestheader_client_ca_file=str(file)))
        proxy, _ = certificate("proxy", issuer=(new.subject, key))
        asked = request(("x-remote-user", "ann"), cert=der(proxy))
        assert asyncio.run(authenticator.authenticate(asked)).name == "proxy"
        file.write_bytes(new.public_bytes(pem))
        os.utime(file, ns=(0, 0))
        asyncio.run(authenticator.front_proxy_file.look())
        assert asyncio.run(authenticator.authenticate(asked)).name == "ann"
        unnamed = request(cert=der(proxy))
        assert asyncio.run(authenticator.authenticate(unnamed)).name == "system:anonymous"

    def test_the_same_connection_yields_the_same_user_object(self, make_deps: Any) -> None:
        built, _ = certificate("jane", ("devs",))
        authenticator, data = build_authenticator(make_deps()), der(built)
        assert asyncio.run(authenticator.authenticate(request(cert=data))) is asyncio.run(
            authenticator.authenticate(request(cert=data))
        )


class TestAnonymous:
    def test_no_credentials_mean_anonymous_when_allowed(self, make_deps: Any) -> None:
        user = asyncio.run(build_authenticator(make_deps()).authenticate(request()))
        assert (user.name, user.groups) == ("system:anonymous", ("system:unauthenticated",))

    def test_no_credentials_are_refused_when_anonymous_is_off(self, make_deps: Any) -> None:
        with pytest.raises(Unauthorized):
            asyncio.run(build_authenticator(make_deps(anonymous_auth=False)).authenticate(request()))

    def test_anonymous_never_meets_always_allow(self, make_deps: Any) -> None:
        with pytest.raises(Unauthorized):
            asyncio.run(build_authenticator(make_deps(authorization_mode=("AlwaysAllow",))).authenticate(request()))

    def test_a_wrong_token_is_refused_and_not_anonymous(self, make_deps: Any) -> None:
        with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
            asyncio.run(build_authenticator(make_deps()).authenticate(bearer("nope")))


class TestTokenFile:
    def test_users_with_and_without_groups(self) -> None:
        users = parse_token_file('t1,jane,1,"devs,ops"\n\n# comment\nt2,joe,2\n')
        assert users["t1"] == UserInfo("jane", uid="1", groups=("devs", "ops"))
        assert users["t2"] == UserInfo("joe", uid="2")

    @pytest.mark.parametrize("text", ["t1,jane\n", ",jane,1\n"])
    def test_bad_lines_are_named_by_number_without_their_token(self, text: str) -> None:
        with pytest.raises(TokenFileError, match="line 1") as e:
            parse_token_file(text)
        assert "t1" not in str(e.value)

    def test_token_from_file_and_from_websocket_protocol(self, make_deps: Any, tmp_path: Any) -> None:
        (tmp_path / "tokens").write_text("secret,jane,1\n")
        authenticator = build_authenticator(make_deps(token_auth_file=str(tmp_path / "tokens")))
        assert asyncio.run(authenticator.authenticate(bearer("secret"))).name == "jane"
        encoded = base64.urlsafe_b64encode(b"secret").rstrip(b"=").decode()
        protocols = f"v4.channel.k8s.io, base64url.bearer.authorization.k8s.io.{encoded}"
        websocket = request(("upgrade", "websocket"), ("sec-websocket-protocol", protocols))
        assert asyncio.run(authenticator.authenticate(websocket)).name == "jane"

    def test_loopback_token_is_the_api_server_itself(self, make_deps: Any) -> None:
        user = asyncio.run(build_authenticator(make_deps(loopback_token="l")).authenticate(bearer("l")))
        assert user.name == "system:apiserver" and "system:masters" in user.groups


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
        answer = asyncio.run(handlers["/openid/v1/jwks"](_request(), RequestInfo("get", ""), UserInfo("x")))
        published = json.loads(answer.body)["keys"][0]
        token = self.issue(build_authenticator(signing), account)
        header = jwt.get_unverified_header(token)
        assert header["kid"] == published["kid"]
        jwt.decode(
            token,
            jwt.PyJWK(published),
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )


def _request(*headers: tuple[str, str]) -> Request:
    return Request(method="GET", target="/", headers=Headers(list(headers)), body=None)  # type: ignore[arg-type]


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


def bootstrap_secret(**over: str) -> dict[str, Any]:
    data = {
        "token-id": "abcdef",
        "token-secret": "0123456789abcdef",
        "usage-bootstrap-authentication": "true",
        "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
        **over,
    }
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    metadata = {"name": "bootstrap-token-abcdef", "namespace": "kube-system"}
    return {"metadata": metadata, "type": "bootstrap.kubernetes.io/token", "data": encoded}


class TestBootstrapTokens:
    def test_token_of_a_secret_authenticates(self, make_deps: Any, world: Any) -> None:
        world.put("", "secrets", bootstrap_secret())
        authenticator = build_authenticator(make_deps(enable_bootstrap_token_auth=True))
        user = asyncio.run(authenticator.authenticate(bearer("abcdef.0123456789abcdef")))
        assert user.name == "system:bootstrap:abcdef"
        assert user.groups[:2] == ("system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token")

    @pytest.mark.parametrize(
        "over",
        [
            {"token-secret": "fedcba9876543210"},
            {"usage-bootstrap-authentication": "false"},
            {"expiration": "2001-01-01T00:00:00Z"},
            {"expiration": "soon"},
            {"auth-extra-groups": "system:masters"},
        ],
        ids=["wrong secret", "not for authentication", "expired", "unreadable date", "a group of another kind"],
    )
    def test_unfit_secrets_grant_nothing(self, make_deps: Any, world: Any, over: dict[str, str]) -> None:
        world.put("", "secrets", bootstrap_secret(**over))
        authenticator = build_authenticator(make_deps(enable_bootstrap_token_auth=True))
        with pytest.raises(Unauthorized):
            asyncio.run(authenticator.authenticate(bearer("abcdef.0123456789abcdef")))


class TestFrontProxy:
    @pytest.fixture
    def proxy(self, make_deps: Any, tmp_path: Any) -> Any:
        ca, ca_key = certificate("front-proxy-ca")
        file = tmp_path / "front-proxy-ca.crt"
        file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
        deps = make_deps(requestheader_client_ca_file=str(file), requestheader_allowed_names=("front-proxy-client",))
        return build_authenticator(deps), (ca.subject, ca_key)

    HEADERS = (("x-remote-user", "jane"), ("x-remote-group", "devs"), ("x-remote-extra-scopes", "read"))

    def test_a_proxy_speaks_for_its_users(self, proxy: Any) -> None:
        authenticator, issuer = proxy
        client, _ = certificate("front-proxy-client", issuer=issuer)
        user = asyncio.run(authenticator.authenticate(request(*self.HEADERS, cert=der(client))))
        assert (user.name, user.groups, user.extra) == (
            "jane",
            ("devs", "system:authenticated"),
            {"scopes": ("read",)},
        )

    def test_headers_of_anybody_else_mean_nothing(self, proxy: Any) -> None:
        authenticator, _ = proxy
        stranger, _ = certificate("front-proxy-client", issuer=None)
        user = asyncio.run(authenticator.authenticate(request(*self.HEADERS, cert=der(stranger))))
        assert user.name == "front-proxy-client"

    def test_a_forged_issuer_name_is_not_enough(self, proxy: Any) -> None:
        authenticator, (ca_name, _) = proxy
        forged, _ = certificate("front-proxy-client", issuer=(ca_name, new_key()))
        user = asyncio.run(authenticator.authenticate(request(*self.HEADERS, cert=der(forged))))
        assert user.name == "system:anonymous"

    def test_a_proxy_certificate_is_not_a_user(self, proxy: Any) -> None:
        authenticator, issuer = proxy
        client, _ = certificate("front-proxy-client", issuer=issuer)
        assert asyncio.run(authenticator.authenticate(request(cert=der(client)))).name == "system:anonymous"


class Allows:
    """An authorizer that allows what it was told and notes what it was asked."""

    def __init__(self, *allowed: str) -> None:
        self.allowed, self.asked = allowed, []

    async def authorize(self, a: Attributes) -> Decision:
        self.asked.append(f"{a.verb} {a.group}/{a.resource}/{a.subresource} {a.namespace}/{a.name}")
        return Decision(Verdict.ALLOW if a.resource in self.allowed else Verdict.NO_OPINION)


class TestImpersonation:
    me = UserInfo("me", groups=("system:authenticated",))

    def run(self, authorizer: Any, *headers: tuple[str, str]) -> UserInfo:
        return asyncio.run(impersonate(_request(*headers), self.me, authorizer))

    def test_without_headers_the_user_stays(self) -> None:
        assert self.run(Allows()) is self.me

    def test_each_part_is_asked_for(self) -> None:
        authorizer = Allows("users", "groups", "userextras", "uids")
        user = self.run(
            authorizer,
            ("impersonate-user", "jane"),
            ("impersonate-group", "devs"),
            ("impersonate-group", "ops"),
            ("impersonate-extra-acme.com%2fproject", "p1"),
            ("impersonate-uid", "u1"),
        )
        assert user == UserInfo(
            "jane", uid="u1", groups=("devs", "ops", "system:authenticated"), extra={"acme.com/project": ("p1",)}
        )
        assert authorizer.asked == [
            "impersonate /users/ /jane",
            "impersonate /groups/ /devs",
            "impersonate /groups/ /ops",
            "impersonate authentication.k8s.io/userextras/acme.com/project /p1",
            "impersonate authentication.k8s.io/uids/ /u1",
        ]

    def test_a_service_account_brings_its_groups(self) -> None:
        authorizer = Allows("serviceaccounts")
        user = self.run(authorizer, ("impersonate-user", "system:serviceaccount:ns:bot"))
        assert user.groups == ("system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated")
        assert authorizer.asked == ["impersonate /serviceaccounts/ ns/bot"]

    def test_refusal_reads_as_upstream(self) -> None:
        with pytest.raises(Forbidden) as e:
            self.run(Allows(), ("impersonate-user", "jane"))
        assert e.value.message == (
            'users "jane" is forbidden: User "me" cannot impersonate resource "users" in API group "" '
            "at the cluster scope"
        )

    def test_groups_without_a_user_are_an_error(self) -> None:
        with pytest.raises(InternalError, match=r"requested \[\{Group  devs    \}\] without impersonating a user"):
            self.run(Allows("groups"), ("impersonate-group", "devs"))


def test_authenticated_is_added_once() -> None:
    user = authenticated(UserInfo("x", groups=("a",)))
    assert authenticated(user) is user and user.groups == ("a", "system:authenticated")


def test_lru_forgets_what_was_used_longest_ago() -> None:
    cache: LRU[str, int] = LRU(2)
    cache["a"], cache["b"] = 1, 2
    assert cache.get("a") == 1
    cache["c"] = 3
    assert "b" not in cache and "a" in cache and len(cache) == 2
