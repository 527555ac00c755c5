"""Composes authentication from the configuration, in upstream's order: front proxy, client certificate, bearer tokens
(static, bootstrap, service account, OIDC, webhook), anonymous.

May import: everything of authentication, config, deps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.authentication.bootstraptoken import BootstrapTokens
from kajitori.apiserver.authentication.clientcert import ClientCertificateAuthenticator
from kajitori.apiserver.authentication.dates import CertificateDates, client_authorities
from kajitori.apiserver.authentication.keys import KeyRing
from kajitori.apiserver.authentication.legacytokens import LegacyTokenUse
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authentication.oidc_config import Anonymous, Authentication, configured
from kajitori.apiserver.authentication.requestheader import HeaderNames, RequestHeaderAuthenticator
from kajitori.apiserver.authentication.serviceaccount import ServiceAccountTokens
from kajitori.apiserver.authentication.tokenfile import StaticTokens
from kajitori.apiserver.authentication.tokenissuer import TokenIssuer
from kajitori.apiserver.authentication.tokens import BearerTokenAuthenticator, TokenKind
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.configfile import FollowedFile
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.user import (
    ALL_AUTHENTICATED,
    ALL_UNAUTHENTICATED,
    ANONYMOUS,
    LOOPBACK_USER,
    SYSTEM_MASTERS,
    Authenticator,
    AuthRequest,
    UserInfo,
)
from kajitori.machinery.errors import Unauthorized

log = get_logger(__name__)
_ANONYMOUS = UserInfo(ANONYMOUS, groups=(ALL_UNAUTHENTICATED,))


class RequestAuthenticator:
    """Every way to authenticate, in order. Answers with a user or raises Unauthorized.

    The 401 a client sees always says just "Unauthorized": why a credential failed is for the log (`__cause__`).
    """

    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        *,
        dates: CertificateDates,
        tokens: BearerTokenAuthenticator,
        anonymous: bool,
        issuer: TokenIssuer | None = None,
        anonymous_paths: Sequence[str] = (),
    ) -> None:
        self._authenticators = tuple(authenticators)
        self._dates = dates
        self.tokens, self.issuer = tokens, issuer
        self._anonymous, self._anonymous_paths = anonymous, frozenset(anonymous_paths)
        self.file: FollowedFile | None = None
        """--authentication-config, which the server follows."""
        self.front_proxy_file: FollowedFile | None = None
        """--requestheader-client-ca-file, likewise."""
        self.legacy_tokens: LegacyTokenUse | None = None
        """Notes the use of tokens that are kept in Secrets; the server runs it."""
        self._completed: LRU[int, tuple[UserInfo, UserInfo]] = LRU(1024)

    async def authenticate(self, request: AuthRequest) -> UserInfo:
        """The first authenticator that knows the user decides; else anonymous. Raises Unauthorized."""
        failure: Unauthorized | None = None
        if request.peer_certificate_der is not None:
            try:
                self._dates.check(request)
            except Unauthorized as e:  # it says nothing, but a token may
                failure, request = e, request._replace(peer_certificate_der=None)
        for authenticator in self._authenticators:
            try:
                user = await authenticator.authenticate(request)
            except Unauthorized as e:
                failure = e
                continue
            if user is not None:
                return self._complete(user)
        if failure is not None or not self._anonymous:
            raise Unauthorized("Unauthorized") from failure
        if self._anonymous_paths and request.path not in self._anonymous_paths:
            raise Unauthorized("Unauthorized")
        return _ANONYMOUS

    def _complete(self, user: UserInfo) -> UserInfo:
        """The user with system:authenticated. The same object comes back for the same one, so caches can key on it."""
        if ALL_AUTHENTICATED in user.groups or ALL_UNAUTHENTICATED in user.groups:
            return user
        known = self._completed.get(id(user))
        if known is not None and known[0] is user:
            return known[1]
        complete = authenticated(user)
        self._completed[id(user)] = (user, complete)
        return complete


def authenticated(user: UserInfo) -> UserInfo:
    """The user as a member of system:authenticated (system:unauthenticated when it is system:anonymous)."""
    group = ALL_UNAUTHENTICATED if user.name == ANONYMOUS else ALL_AUTHENTICATED
    return user if group in user.groups else replace(user, groups=(*user.groups, group))


def build_authenticator(deps: ServerDeps) -> RequestAuthenticator:
    """May raise OSError, TokenFileError or KeyFileError for files that cannot be used."""
    config = deps.config
    believed = configured(config)
    own, elsewhere = _own_tokens(config, deps), _webhook(config, deps)
    tokens = BearerTokenAuthenticator([*own, *_issuers(believed, deps), *elsewhere], api_audiences=config.audiences)
    chain: list[Authenticator] = []
    certificates = ClientCertificateAuthenticator(metrics=deps.metrics)
    proxy_file: FollowedFile | None = None
    if config.requestheader_client_ca_file:
        front_proxy = _front_proxy(config)
        chain.append(front_proxy)

        def believe() -> None:
            front_proxy.reload()
            certificates.forget([name for name in front_proxy.issuers if name not in _client_ca_names(config)])

        believe()
        proxy_file = FollowedFile(config.requestheader_client_ca_file, deps.clock, believe)
    chain += [certificates, tokens]
    allowed = believed.anonymous or Anonymous(config.anonymous_auth)
    found = RequestAuthenticator(
        chain,
        dates=CertificateDates(deps.clock, lambda: client_authorities(config)),
        tokens=tokens,
        anonymous=_allows_anonymous(config, allowed),
        anonymous_paths=allowed.paths,
        issuer=_issuer(config, deps),
    )
    found.front_proxy_file = proxy_file
    for kind in own:
        if isinstance(kind, ServiceAccountTokens):
            found.legacy_tokens = LegacyTokenUse(deps)
            kind.used = found.legacy_tokens.used
    if config.authentication_config:

        def take() -> None:
            tokens.kinds = (*own, *_issuers(configured(config), deps), *elsewhere)

        found.file = FollowedFile(config.authentication_config, deps.clock, take)
    return found


def _allows_anonymous(config: ServerConfig, allowed: Anonymous) -> bool:
    """Not together with AlwaysAllow, as upstream: anybody who reaches the port would own the cluster."""
    if allowed.enabled and "AlwaysAllow" in config.authorization_mode:
        log.warning("anonymous requests are refused: they must not meet the AlwaysAllow authorizer")
        return False
    return allowed.enabled


def _own_tokens(config: ServerConfig, deps: ServerDeps) -> list[TokenKind]:
    kinds: list[TokenKind] = []
    internal = {}
    if config.loopback_token:
        internal[config.loopback_token] = LOOPBACK_USER
    if config.admin_token:
        internal[config.admin_token] = UserInfo("admin", groups=(SYSTEM_MASTERS, ALL_AUTHENTICATED))
    if internal:
        kinds.append(StaticTokens(internal, api_audiences=config.audiences))
    if config.token_auth_file:
        kinds.append(StaticTokens.from_file(config.token_auth_file, api_audiences=config.audiences))
    if config.enable_bootstrap_token_auth:
        kinds.append(BootstrapTokens(reader=deps.reader, clock=deps.clock, api_audiences=config.audiences))
    keys = verification_keys(config)
    if keys:
        service_accounts = ServiceAccountTokens(
            keys=keys,
            issuers=config.service_account_issuer,
            api_audiences=config.audiences,
            reader=deps.reader,
            clock=deps.clock,
            lookup=config.service_account_lookup,
            metrics=deps.metrics,
        )
        kinds.append(service_accounts)
    return kinds


def _issuers(believed: Authentication, deps: ServerDeps) -> list[TokenKind]:
    if not believed.issuers:
        return []
    from kajitori.apiserver.authentication.oidc import OIDCTokens

    return [OIDCTokens(one, api_audiences=deps.config.audiences, clock=deps.clock) for one in believed.issuers]


def _webhook(config: ServerConfig, deps: ServerDeps) -> list[TokenKind]:
    if not config.authentication_token_webhook_config_file:
        return []
    from kajitori.apiserver.authentication.webhook import WebhookTokens
    from kajitori.apiserver.webhookclient import WebhookClient

    hook = WebhookTokens(
        WebhookClient(config.authentication_token_webhook_config_file),
        version=config.authentication_token_webhook_version,
        ttl_s=config.authentication_token_webhook_cache_ttl_s,
        api_audiences=config.audiences,
        clock=deps.clock,
    )
    return [hook]


def verification_keys(config: ServerConfig) -> KeyRing:
    """The keys that service-account tokens may be signed with; the signing key alone when no others are named."""
    files = list(config.service_account_key_file)
    if not files and config.service_account_signing_key_file:
        files = [config.service_account_signing_key_file]
    return KeyRing(files)


def _issuer(config: ServerConfig, deps: ServerDeps) -> TokenIssuer | None:
    if not config.service_account_signing_key_file or not config.service_account_issuer:
        return None
    return TokenIssuer(
        keys=KeyRing([config.service_account_signing_key_file]),
        issuer=config.service_account_issuer[0],
        clock=deps.clock,
        audiences=config.audiences,
        extend=config.service_account_extend_token_expiration,
        max_s=config.service_account_max_token_expiration_s,
    )


def _front_proxy(config: ServerConfig) -> RequestHeaderAuthenticator:
    names = HeaderNames(
        username=tuple(h.lower() for h in config.requestheader_username_headers),
        uid=tuple(h.lower() for h in config.requestheader_uid_headers),
        group=tuple(h.lower() for h in config.requestheader_group_headers),
        extra_prefix=tuple(h.lower() for h in config.requestheader_extra_headers_prefix),
    )
    return RequestHeaderAuthenticator(
        ca_file=config.requestheader_client_ca_file, allowed_names=config.requestheader_allowed_names, headers=names
    )


def _client_ca_names(config: ServerConfig) -> list[bytes]:
    if not config.client_ca_file:
        return []
    from pathlib import Path

    from cryptography import x509

    return [
        ca.subject.public_bytes() for ca in x509.load_pem_x509_certificates(Path(config.client_ca_file).read_bytes())
    ]
