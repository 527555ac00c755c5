"""Which OIDC issuers are believed and how their claims become users: AuthenticationConfiguration, or the --oidc flags.

May import: config, cel, lazily; PyYAML when a file is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.apiserver.authentication.oidc_validation import errors_of, url_errors
from kajitori.apiserver.config import ConfigError, ServerConfig
from kajitori.machinery import yamlerrors
from kajitori.machinery.fieldpath import Path as Field
from kajitori.machinery.fieldpath import aggregate

if TYPE_CHECKING:
    from kajitori.cel import Program

Object = dict[str, Any]
_API_VERSIONS = tuple(f"apiserver.config.k8s.io/{version}" for version in ("v1", "v1beta1", "v1alpha1"))
ALL_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512")


class OIDCConfigError(ConfigError):
    """The configuration of an issuer cannot be used."""


@dataclass(frozen=True)
class Mapped:
    """Where a part of the user comes from: a claim with a prefix, or an expression; neither: from nowhere."""

    claim: str = ""
    prefix: str = ""
    expression: Program | None = None


@dataclass(frozen=True)
class Check:
    """A rule on claims or on the user; `claim` and `value`, or an expression with its message."""

    claim: str = ""
    value: str = ""
    expression: Program | None = None
    message: str = ""


@dataclass(frozen=True)
class Issuer:
    """One issuer that is believed: what its tokens must say, and how their claims become a user."""

    url: str
    audiences: tuple[str, ...]
    discovery_url: str = ""
    ca_pem: str = ""
    username: Mapped = field(default_factory=Mapped)
    groups: Mapped = field(default_factory=Mapped)
    uid: Mapped = field(default_factory=Mapped)
    extra: Mapping[str, Program] = field(default_factory=dict)
    claim_checks: Sequence[Check] = ()
    user_checks: Sequence[Check] = ()
    algorithms: tuple[str, ...] = ALL_ALGORITHMS


@dataclass(frozen=True)
class Anonymous:
    """Whether requests without credentials are let in as system:anonymous (KEP-4633)."""

    enabled: bool
    paths: tuple[str, ...] = ()
    """Only these, when there are any."""


@dataclass(frozen=True)
class Authentication:
    """What an AuthenticationConfiguration says; `anonymous` None leaves it to the flag."""

    issuers: tuple[Issuer, ...] = ()
    anonymous: Anonymous | None = None


def configured(config: ServerConfig) -> Authentication:
    """Raises OIDCConfigError."""
    if config.authentication_config:
        if config.oidc_issuer_url:
            raise OIDCConfigError("authentication-config file and oidc-* flags are mutually exclusive")
        return load(config.authentication_config, config.service_account_issuer)
    if not config.oidc_issuer_url:
        return Authentication()
    return Authentication((from_flags(config),))


def from_flags(config: ServerConfig) -> Issuer:
    """The issuer of the --oidc flags. Raises OIDCConfigError for flags that do not fit together."""
    if not config.oidc_client_id:
        raise OIDCConfigError(
            "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set"
        )
    _check_url(config.oidc_issuer_url, "oidc-issuer-url")
    prefix = config.oidc_username_prefix
    if prefix == "-":
        prefix = ""
    elif not prefix and config.oidc_username_claim != "email":
        prefix = f"{config.oidc_issuer_url}#"
    checks = []
    for pair in config.oidc_required_claim:
        name, _, value = pair.partition("=")
        checks.append(Check(claim=name, value=value))
    for algorithm in config.oidc_signing_algs:
        if algorithm not in ALL_ALGORITHMS:
            raise OIDCConfigError(f'oidc-signing-algs: unsupported signing algorithm "{algorithm}"')
    return Issuer(
        url=config.oidc_issuer_url,
        audiences=(config.oidc_client_id,),
        ca_pem=_read(config.oidc_ca_file) if config.oidc_ca_file else "",
        username=Mapped(claim=config.oidc_username_claim, prefix=prefix),
        groups=Mapped(claim=config.oidc_groups_claim, prefix=config.oidc_groups_prefix),
        claim_checks=checks,
        algorithms=config.oidc_signing_algs,
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as error:
        raise OIDCConfigError(f"failed to read {path}: {error.strerror}") from error


def load(path: str, own_issuers: Sequence[str] = ()) -> Authentication:
    """Raises OIDCConfigError."""
    import yaml

    try:
        document = yaml.safe_load(_read(path))
    except yaml.YAMLError as error:
        reason = yamlerrors.words(error)
        raise OIDCConfigError(f"failed to decode authentication configuration file {path}: {reason}") from error
    return parse(document, own_issuers)


def parse(document: Any, own_issuers: Sequence[str] = ()) -> Authentication:
    """Raises OIDCConfigError with everything that is wrong; `own_issuers` are the cluster's, and nobody else's."""
    if not isinstance(document, dict) or document.get("kind") != "AuthenticationConfiguration":
        raise OIDCConfigError("kind AuthenticationConfiguration is wanted")
    if document.get("apiVersion") not in _API_VERSIONS:
        raise OIDCConfigError(f"unknown apiVersion {document.get('apiVersion')}")
    _check_fields(document)
    if errors := errors_of(document, own_issuers):
        raise OIDCConfigError(aggregate(errors))
    issuers = tuple(_issuer(one) for one in document.get("jwt") or ())
    return Authentication(issuers, _anonymous(document.get("anonymous")))


def _check_fields(document: Object) -> None:
    """Raises OIDCConfigError for a field that nobody knows."""
    _only(document, "apiVersion kind jwt anonymous", "")
    if document.get("anonymous") is not None:
        _only(document["anonymous"], "enabled conditions", "anonymous.")
    for index, one in enumerate(document.get("jwt") or ()):
        at = f"jwt[{index}]"
        _only(one, "issuer claimValidationRules claimMappings userValidationRules", f"{at}.")
        issuer, mappings = one.get("issuer") or {}, one.get("claimMappings") or {}
        _only(issuer, "url discoveryURL certificateAuthority audiences audienceMatchPolicy", f"{at}.issuer.")
        _only(mappings, "username groups uid extra", f"{at}.claimMappings.")
        for name in ("username", "groups", "uid"):
            _only(mappings.get(name) or {}, "claim prefix expression", f"{at}.claimMappings.{name}.")


def _anonymous(given: Any) -> Anonymous | None:
    if given is None:
        return None
    paths = tuple(condition.get("path") or "" for condition in given.get("conditions") or ())
    return Anonymous(bool(given.get("enabled")), paths)


def _issuer(one: Object) -> Issuer:
    issuer, mappings = one["issuer"], one.get("claimMappings") or {}
    return Issuer(
        url=issuer["url"],
        audiences=tuple(issuer["audiences"]),
        discovery_url=issuer.get("discoveryURL") or "",
        ca_pem=issuer.get("certificateAuthority") or "",
        username=_mapped(mappings.get("username")),
        groups=_mapped(mappings.get("groups")),
        uid=_mapped(mappings.get("uid")),
        extra={e["key"]: _compiled(e["valueExpression"], "claims") for e in mappings.get("extra") or ()},
        claim_checks=_checks(one.get("claimValidationRules"), "claims"),
        user_checks=_checks(one.get("userValidationRules"), "user"),
    )


def _mapped(given: Any) -> Mapped:
    given = given or {}
    if given.get("expression"):
        return Mapped(expression=_compiled(given["expression"], "claims"))
    return Mapped(claim=given.get("claim") or "", prefix=given.get("prefix") or "")


def _checks(given: Any, variable: str) -> list[Check]:
    return [
        Check(expression=_compiled(one["expression"], variable), message=one.get("message") or "")
        if one.get("expression")
        else Check(claim=one["claim"], value=str(one.get("requiredValue") or ""))
        for one in given or ()
    ]


def _compiled(expression: str, variable: str) -> Program:
    from kajitori import cel

    return cel.compile(expression, {variable: cel.DYN})


def _check_url(url: str, at: str) -> None:
    if errors := url_errors(Field(at), url):
        raise OIDCConfigError(aggregate(errors))


def _only(given: Any, known: str, at: str) -> None:
    if not isinstance(given, dict):
        raise OIDCConfigError(f"{at.rstrip('.') or 'configuration'}: a mapping is wanted")
    if unknown := sorted(given.keys() - set(known.split())):
        raise OIDCConfigError(f'strict decoding error: unknown field "{at}{unknown[0]}"')
