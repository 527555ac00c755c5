"""Who sent this request: certificates, tokens of a file and of bootstrapping, front proxy, anonymous."""

from __future__ import annotations

import asyncio
import base64
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from tests.unit.apiserver.authentication.identities import bearer, certificate, der, new_key, request

from kajitori.apiserver.authentication import authenticated, build_authenticator
from kajitori.apiserver.authentication.der import DERError, certificate_names
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authentication.tokenfile import TokenFileError, parse_token_file
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Unauthorized


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


def test_authenticated_is_added_once() -> None:
    user = authenticated(UserInfo("x", groups=("a",)))
    assert authenticated(user) is user and user.groups == ("a", "system:authenticated")


def test_lru_forgets_what_was_used_longest_ago() -> None:
    cache: LRU[str, int] = LRU(2)
    cache["a"], cache["b"] = 1, 2
    assert cache.get("a") == 1
    cache["c"] = 3
    assert "b" not in cache and "a" in cache and len(cache) == 2
