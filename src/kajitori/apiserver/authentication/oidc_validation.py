"""What may be wrong with an AuthenticationConfiguration, in upstream's words: everything is told at once.

The most important rule: a user who is named by claims.email is believed only where claims.email_verified is looked at.
May import: machinery; cel, lazily.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kajitori.machinery.fieldpath import FieldError, Path, duplicate, invalid, required, too_many
from kajitori.machinery.names import is_dns1123_subdomain

if TYPE_CHECKING:
    from kajitori.cel import Program

Object = Mapping[str, Any]
Errors = list[FieldError]
MOST_ISSUERS = 64
_HTTP_PATH = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+\Z")
_UNVERIFIED = (
    "claims.email_verified must be used in claimMappings.username.expression or "
    "claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in "
    "claimMappings.username.expression"
)


class _Seen:
    """Texts that may come once; expressions, compiled, and which claims they look at."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.claims: set[str] = set()

    def twice(self, text: str) -> bool:
        known = text in self.texts
        self.texts.add(text)
        return known


def errors_of(document: Object, disallowed: Sequence[str] = ()) -> Errors:
    """`disallowed` are issuers of tokens that are believed already: the cluster's own."""
    errors: Errors = []
    issuers, urls, discoveries = document.get("jwt") or [], _Seen(), _Seen()
    root = Path("jwt")
    if len(issuers) > MOST_ISSUERS:
        return [too_many(root, len(issuers), MOST_ISSUERS)]
    for index, one in enumerate(issuers):
        at, issuer = root.index(index), one.get("issuer") or {}
        errors += _jwt(at, one, disallowed)
        url, discovery = issuer.get("url") or "", issuer.get("discoveryURL") or ""
        if urls.twice(url):
            errors.append(duplicate(at.child("issuer", "url"), url))
        if discovery and discoveries.twice(discovery):
            errors.append(duplicate(at.child("issuer", "discoveryURL"), discovery))
    anonymous = document.get("anonymous")
    if anonymous is not None and anonymous.get("conditions") and not anonymous.get("enabled"):
        say = "enabled should be set to true when conditions are defined"
        errors.append(invalid(Path("anonymous", "conditions"), anonymous["conditions"], say))
    return errors


def _jwt(at: Path, one: Object, disallowed: Sequence[str]) -> Errors:
    verified: set[str] = set()
    errors = issuer_errors(at.child("issuer"), one.get("issuer") or {}, disallowed)
    errors += _claim_rules(at.child("claimValidationRules"), one.get("claimValidationRules") or [], verified)
    errors += _mappings(at.child("claimMappings"), one.get("claimMappings") or {}, verified)
    return errors + _user_rules(at.child("userValidationRules"), one.get("userValidationRules") or [])


def issuer_errors(at: Path, issuer: Object, disallowed: Sequence[str] = ()) -> Errors:
    """Where its keys are, and which audiences its tokens must be for."""
    url, discovery = issuer.get("url") or "", issuer.get("discoveryURL") or ""
    errors = url_errors(at.child("url"), url, disallowed) if url else [required(at.child("url"))]
    if discovery:
        where = at.child("discoveryURL")
        if url and url.rstrip("/") == discovery.rstrip("/"):
            errors.append(invalid(where, discovery, "discoveryURL must be different from URL"))
        errors += url_errors(where, discovery)
    errors += _audiences(at, issuer.get("audiences") or [], issuer.get("audienceMatchPolicy") or "")
    if ca := issuer.get("certificateAuthority"):
        errors += _authority(at.child("certificateAuthority"), ca)
    return errors


def url_errors(at: Path, url: str, disallowed: Sequence[str] = ()) -> Errors:
    errors: Errors = []
    if url in disallowed:
        names = " ".join(sorted(disallowed))
        errors.append(invalid(at, url, f"URL must not overlap with disallowed issuers: [{names}]"))
    try:
        parts = urlsplit(url)
    except ValueError as error:
        return [*errors, invalid(at, url, str(error))]
    if parts.scheme != "https":
        errors.append(invalid(at, url, "URL scheme must be https"))
    if parts.username is not None:
        errors.append(invalid(at, url, "URL must not contain a username or password"))
    if parts.query:
        errors.append(invalid(at, url, "URL must not contain a query"))
    if parts.fragment:
        errors.append(invalid(at, url, "URL must not contain a fragment"))
    return errors


def _audiences(at: Path, audiences: Sequence[str], policy: str) -> Errors:
    where, seen = at.child("audiences"), _Seen()
    if not audiences:
        return [required(where, f"at least one {where} is required")]
    errors: Errors = []
    for index, audience in enumerate(audiences):
        if not audience:
            errors.append(required(where.index(index)))
        if seen.twice(audience):
            errors.append(duplicate(where.index(index), audience))
    if policy != "MatchAny" and (len(audiences) > 1 or policy):
        many = "must be MatchAny for multiple audiences"
        one = "must be empty or MatchAny for single audience"
        say = f"audienceMatchPolicy {many if len(audiences) > 1 else one}"
        errors.append(invalid(at.child("audienceMatchPolicy"), policy, say))
    return errors


def _authority(at: Path, pem: str) -> Errors:
    from cryptography import x509

    try:
        x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return [invalid(at, "<omitted>", "data does not contain any valid RSA or ECDSA certificates")]
    return []


def _claim_rules(at: Path, rules: Sequence[Object], verified: set[str]) -> Errors:
    errors: Errors = []
    claims, expressions = _Seen(), _Seen()
    for index, rule in enumerate(rules):
        where, claim, expression = at.index(index), rule.get("claim") or "", rule.get("expression") or ""
        if claim and expression:
            errors.append(invalid(where, claim, "claim and expression can't both be set"))
        elif claim:
            if rule.get("message"):
                errors.append(
                    invalid(where.child("message"), rule["message"], "may not be specified when claim is set")
                )
            if claims.twice(claim):
                errors.append(duplicate(where.child("claim"), claim))
        elif expression:
            if value := rule.get("requiredValue"):
                say = "may not be specified when expression is set"
                errors.append(invalid(where.child("requiredValue"), value, say))
            if expressions.twice(expression):
                errors.append(duplicate(where.child("expression"), expression))
            else:
                errors += _compiled(where.child("expression"), expression, "claims", verified, wants_bool=True)
        else:
            errors.append(required(where, "claim or expression is required"))
    return errors


def _user_rules(at: Path, rules: Sequence[Object]) -> Errors:
    errors: Errors = []
    seen = _Seen()
    for index, rule in enumerate(rules):
        where, expression = at.index(index).child("expression"), rule.get("expression") or ""
        if not expression:
            errors.append(required(where))
        elif seen.twice(expression):
            errors.append(duplicate(where, expression))
        else:
            errors += _compiled(where, expression, "user", set(), wants_bool=True)
    return errors


def _mappings(at: Path, given: Object, verified: set[str]) -> Errors:
    username = given.get("username") or {}
    of_name: set[str] = set()
    errors = _mapping(at.child("username"), username, of_name, is_required=True)
    errors += _mapping(at.child("groups"), given.get("groups") or {}, set())
    uid = given.get("uid") or {}
    if uid.get("claim") and uid.get("expression"):
        errors.append(invalid(at.child("uid"), "", "claim and expression can't both be set"))
    elif uid.get("expression"):
        errors += _compiled(at.child("uid", "expression"), uid["expression"], "claims", set())
    errors += _extra(at.child("extra"), given.get("extra") or [], verified)
    if "email" in of_name and "email_verified" not in verified | of_name:
        errors.append(invalid(at.child("username", "expression"), username["expression"], _UNVERIFIED))
    return errors


def _mapping(at: Path, given: Object, used: set[str], *, is_required: bool = False) -> Errors:
    claim, expression, prefix = given.get("claim") or "", given.get("expression") or "", given.get("prefix")
    if claim and expression:
        return [invalid(at, "", "claim and expression can't both be set")]
    if expression:
        say = "may not be specified when expression is set"
        errors = [invalid(at.child("prefix"), prefix, say)] if prefix is not None else []
        return errors + _compiled(at.child("expression"), expression, "claims", used)
    if claim and prefix is None:
        say = "prefix is required when claim is set. It can be set to an empty string to disable prefixing"
        return [required(at.child("prefix"), say)]
    return [required(at, "claim or expression is required")] if is_required and not claim else []


def _extra(at: Path, given: Sequence[Object], verified: set[str]) -> Errors:
    errors: Errors = []
    seen = _Seen()
    for index, one in enumerate(given):
        where, key = at.index(index), one.get("key") or ""
        errors += _extra_key(where.child("key"), key)
        if seen.twice(key):
            errors.append(duplicate(where.child("key"), key))
        elif not one.get("valueExpression"):
            errors.append(required(where.child("valueExpression")))
        else:
            errors += _compiled(where.child("valueExpression"), one["valueExpression"], "claims", verified)
    return errors


def _extra_key(at: Path, key: str) -> Errors:
    if not key:
        return [required(at)]
    host, _, path = key.partition("/")
    errors: Errors = []
    if not host or not path:
        errors.append(invalid(at, key, 'must be a domain-prefixed path (such as "acme.io/foo")'))
    else:
        errors += [invalid(at, host, wrong) for wrong in is_dns1123_subdomain(host)]
        if not _HTTP_PATH.match(path):
            pattern = _HTTP_PATH.pattern.removesuffix(r"\Z")
            errors.append(invalid(at, path, f"Invalid path (regex used for validation is '{pattern}')"))
    if key != key.lower():
        errors.append(invalid(at, key, "must be lowercase"))
    if path and any(host == domain or host.endswith(f".{domain}") for domain in ("kubernetes.io", "k8s.io")):
        say = "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use"
        errors.append(invalid(at, key, say))
    return errors


def _compiled(at: Path, expression: str, variable: str, used: set[str], *, wants_bool: bool = False) -> Errors:
    """Compiles the expression, and adds the claims that it looks at to `used`."""
    from kajitori import cel

    try:
        program = cel.compile(expression, {variable: cel.DYN})
    except cel.CompileError as error:
        return [invalid(at, expression, f"compilation failed: {error}")]
    if wants_bool and program.result not in (cel.BOOL, cel.DYN):
        return [invalid(at, expression, "must evaluate to bool")]
    used.update(_claims_of(program))
    return []


def _claims_of(program: Program) -> Iterable[str]:
    from kajitori.cel import ast

    waiting: list[ast.Node] = [program.node]
    while waiting:
        node = waiting.pop()
        operand = node.operand if isinstance(node, ast.Select | ast.Has) else None
        if isinstance(node, ast.Select | ast.Has) and isinstance(operand, ast.Ident) and operand.name == "claims":
            yield node.field
        waiting += ast.children(node)
