"""Which OIDC issuers are believed and how their claims become users: AuthenticationConfiguration, or the --oidc flags.

May import: config, cel, lazily; PyYAML when a file is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kajitori.apiserver.config import ConfigError, ServerConfig
from kajitori.machinery import yamlerrors

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
        return load(config.authentication_config)
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


def load(path: str) -> Authentication:
    """Raises OIDCConfigError."""
    import yaml

    try:
        document = yaml.safe_load(_read(path))
    except yaml.YAMLError as error:
        reason = yamlerrors.words(error)
        raise OIDCConfigError(f"failed to decode authentication configuration file {path}: {reason}") from error
    return parse(document)


def parse(document: Any) -> Authentication:
    """Raises OIDCConfigError."""
    if not isinstance(document, dict) or document.get("kind") != "AuthenticationConfiguration":
        raise OIDCConfigError("kind AuthenticationConfiguration is wanted")
    if document.get("apiVersion") not in _API_VERSIONS:
        raise OIDCConfigError(f"unknown apiVersion {document.get('apiVersion')}")
    _only(document, "apiVersion kind jwt anonymous", "")
    issuers = tuple(_issuer(one, f"jwt[{index}]") for index, one in enumerate(document.get("jwt") or ()))
    urls = [issuer.url for issuer in issuers]
    for index, url in enumerate(urls):
        if url in urls[:index]:
            raise OIDCConfigError(f'jwt[{index}].issuer.url: Duplicate value: "{url}"')
    return Authentication(issuers, _anonymous(document.get("anonymous")))


def _anonymous(given: Any) -> Anonymous | None:
    if given is None:
        return None
    _only(given, "enabled conditions", "anonymous.")
    paths = tuple(condition.get("path") or "" for condition in given.get("conditions") or ())
    if paths and not given.get("enabled"):
        raise OIDCConfigError(
            "anonymous.conditions: Invalid value: enabled should be set to true when conditions are defined"
        )
    return Anonymous(bool(given.get("enabled")), paths)


def _issuer(one: Object, at: str) -> Issuer:
    _only(one, "issuer claimValidationRules claimMappings userValidationRules", f"{at}.")
    issuer, mappings = one.get("issuer") or {}, one.get("claimMappings") or {}
    _only(issuer, "url discoveryURL certificateAuthority audiences audienceMatchPolicy", f"{at}.issuer.")
    _only(mappings, "username groups uid extra", f"{at}.claimMappings.")
    _check_url(issuer.get("url") or "", f"{at}.issuer.url")
    if issuer.get("discoveryURL"):
        _check_url(issuer["discoveryURL"], f"{at}.issuer.discoveryURL")
    audiences = tuple(issuer.get("audiences") or ())
    if not audiences:
        raise OIDCConfigError(
            f"{at}.issuer.audiences: Required value: at least one jwt[{at[4:-1]}].issuer.audiences is required"
        )
    if len(audiences) > 1 and issuer.get("audienceMatchPolicy") != "MatchAny":
        raise OIDCConfigError(f"{at}.issuer.audienceMatchPolicy: must be MatchAny for multiple audiences")
    username = _mapped(mappings.get("username"), f"{at}.claimMappings.username", needs_prefix=True)
    if not username.claim and username.expression is None:
        raise OIDCConfigError(f"{at}.claimMappings.username: Required value: claim or expression is required")
    return Issuer(
        url=issuer["url"],
        audiences=audiences,
        discovery_url=issuer.get("discoveryURL") or "",
        ca_pem=issuer.get("certificateAuthority") or "",
        username=username,
        groups=_mapped(mappings.get("groups"), f"{at}.claimMappings.groups", needs_prefix=True),
        uid=_mapped(mappings.get("uid"), f"{at}.claimMappings.uid"),
        extra=_extra(mappings.get("extra") or (), f"{at}.claimMappings.extra"),
        claim_checks=_checks(one.get("claimValidationRules"), f"{at}.claimValidationRules", "claims"),
        user_checks=_checks(one.get("userValidationRules"), f"{at}.userValidationRules", "user"),
    )


def _mapped(given: Any, at: str, *, needs_prefix: bool = False) -> Mapped:
    given = given or {}
    _only(given, "claim prefix expression", f"{at}.")
    claim, expression = given.get("claim") or "", given.get("expression") or ""
    if claim and expression:
        raise OIDCConfigError(f"{at}: Invalid value: claim and expression can't both be set")
    if expression:
        if given.get("prefix") is not None:
            raise OIDCConfigError(f"{at}.prefix: Invalid value: prefix can't be set when expression is set")
        return Mapped(expression=_compiled(expression, f"{at}.expression", "claims"))
    if claim and needs_prefix and given.get("prefix") is None:
        raise OIDCConfigError(
            f"{at}.prefix: Required value: prefix is required when claim is set. "
            "It can be set to an empty string to disable prefixing"
        )
    return Mapped(claim=claim, prefix=given.get("prefix") or "")


def _extra(given: Sequence[Object], at: str) -> dict[str, Program]:
    found: dict[str, Program] = {}
    for index, one in enumerate(given):
        key = one.get("key") or ""
        if "/" not in key or key != key.lower() or key in found:
            raise OIDCConfigError(
                f'{at}[{index}].key: Invalid value: "{key}": a unique, lower-case, domain-prefixed path is wanted'
            )
        found[key] = _compiled(one.get("valueExpression") or "", f"{at}[{index}].valueExpression", "claims")
    return found


def _checks(given: Any, at: str, variable: str) -> list[Check]:
    found = []
    for index, one in enumerate(given or ()):
        where = f"{at}[{index}]"
        if one.get("expression"):
            program = _compiled(one["expression"], f"{where}.expression", variable, wants_bool=True)
            found.append(Check(expression=program, message=one.get("message") or ""))
        elif one.get("claim") and variable == "claims":
            found.append(Check(claim=one["claim"], value=str(one.get("requiredValue") or "")))
        else:
            raise OIDCConfigError(f"{where}: Required value: claim or expression is required")
    return found


def _compiled(expression: str, at: str, variable: str, *, wants_bool: bool = False) -> Program:
    from kajitori import cel

    try:
        return cel.compile(expression, {variable: cel.DYN}, result=cel.BOOL if wants_bool else None)
    except cel.CompileError as error:
        raise OIDCConfigError(f'{at}: Invalid value: "{expression}": compilation failed: {error}') from error


def _check_url(url: str, at: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise OIDCConfigError(f'{at}: Invalid value: "{url}": URL scheme must be https')
    if parts.username or parts.query or parts.fragment or not parts.hostname:
        raise OIDCConfigError(
            f'{at}: Invalid value: "{url}": URL must not contain a username, password, query or fragment'
        )


def _only(given: Any, known: str, at: str) -> None:
    if not isinstance(given, dict):
        raise OIDCConfigError(f"{at.rstrip('.') or 'configuration'}: a mapping is wanted")
    if unknown := sorted(given.keys() - set(known.split())):
        raise OIDCConfigError(f'strict decoding error: unknown field "{at}{unknown[0]}"')
