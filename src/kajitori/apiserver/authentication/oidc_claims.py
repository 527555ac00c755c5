"""From the claims of a verified token to a user, as an issuer's configuration says. Pure.

May import: authentication.oidc_config, user, cel, lazily.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kajitori.apiserver.authentication.oidc_config import Check, Issuer, Mapped
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Unauthorized

if TYPE_CHECKING:
    from kajitori.cel import Program

Claims = Mapping[str, Any]
CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"


def user_of(issuer: Issuer, claims: Claims) -> UserInfo:
    """Raises Unauthorized; its text is for the log."""
    _check(issuer.claim_checks, {"claims": claims}, claims)
    name = _username(issuer.username, claims)
    groups = _groups(issuer.groups, claims)
    uid = _text(issuer.uid, claims, "uid") if issuer.uid != Mapped() else ""
    jti = claims.get("jti")
    extra: dict[str, tuple[str, ...]] = {CREDENTIAL_ID: (f"JTI={jti}",)} if isinstance(jti, str) and jti else {}
    extra |= {key: values for key, program in issuer.extra.items() if (values := _values(program, claims))}
    user = UserInfo(name=name, uid=uid, groups=groups, extra=extra)
    if issuer.user_checks:
        seen = {"username": name, "uid": uid, "groups": list(groups), "extra": {k: list(v) for k, v in extra.items()}}
        _check(issuer.user_checks, {"user": seen}, {})
    return user


def _check(checks: Sequence[Check], variables: Mapping[str, Any], claims: Claims) -> None:
    for check in checks:
        if check.expression is not None:
            if evaluate(check.expression, variables) is not True:
                raise Unauthorized(
                    f"oidc: validation expression '{check.expression.expression}' failed: {check.message}"
                )
        elif check.claim not in claims:
            raise Unauthorized(f"oidc: required claim {check.claim} not present in ID token")
        elif claims[check.claim] != check.value:
            says = f"Got = {claims[check.claim]}, want = {check.value}"
            raise Unauthorized(f"oidc: required claim {check.claim} value does not match. {says}")


def evaluate(program: Program, variables: Mapping[str, Any]) -> Any:
    """The value of an expression; an error in it refuses the token."""
    from kajitori import cel

    try:
        return program.evaluate(variables)
    except cel.CelError as error:
        raise Unauthorized(f"oidc: error evaluating expression: {error}") from error


def _username(mapped: Mapped, claims: Claims) -> str:
    if mapped.claim == "email" and claims.get("email_verified", True) is not True:
        raise Unauthorized("oidc: email not verified")
    name = _text(mapped, claims, "username")
    if not name:
        raise Unauthorized("oidc: empty username via CEL expression is not allowed")
    return name


def _text(mapped: Mapped, claims: Claims, what: str) -> str:
    if mapped.expression is not None:
        value = evaluate(mapped.expression, {"claims": claims})
    elif mapped.claim in claims:
        value = claims[mapped.claim]
    else:
        raise Unauthorized(f"oidc: parse {what} claims '{mapped.claim}': claim not present")
    if not isinstance(value, str):
        raise Unauthorized(f"oidc: the {what} is not a string")
    return mapped.prefix + value


def _groups(mapped: Mapped, claims: Claims) -> tuple[str, ...]:
    if mapped.expression is not None:
        return _values(mapped.expression, claims)
    if not mapped.claim or claims.get(mapped.claim) is None:
        return ()
    return tuple(mapped.prefix + group for group in _strings(claims[mapped.claim]))


def _values(program: Program, claims: Claims) -> tuple[str, ...]:
    """A string, or a list of strings; empty ones do not count."""
    return tuple(value for value in _strings(evaluate(program, {"claims": claims})) if value)


def _strings(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    values = (value,) if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
        raise Unauthorized("oidc: a string or a list of strings is wanted")
    return tuple(values)
