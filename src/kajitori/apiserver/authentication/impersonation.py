"""Impersonation: a request may act as someone else, if its own user is allowed to `impersonate` each part of them.

Headers: Impersonate-User, Impersonate-Group (repeatable), Impersonate-Uid, Impersonate-Extra-<key> (repeatable). Each
user, service account, group, uid and extra value is authorized on its own, as upstream does.
May import: user, attributes, authorization.forbidden, authentication.serviceaccount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from kajitori.aiokit.http.message import Headers, Request
from kajitori.apiserver.attributes import Attributes, Authorizer
from kajitori.apiserver.authentication.serviceaccount import groups as account_groups
from kajitori.apiserver.authentication.serviceaccount import split_username
from kajitori.apiserver.authorization.forbidden import forbidden
from kajitori.apiserver.user import ALL_AUTHENTICATED, ALL_UNAUTHENTICATED, ANONYMOUS, UserInfo
from kajitori.machinery.errors import InternalError

_USER, _GROUP, _UID, _EXTRA = "impersonate-user", "impersonate-group", "impersonate-uid", "impersonate-extra-"
_AUTHENTICATION = "authentication.k8s.io"


async def impersonate(request: Request, user: UserInfo, authorizer: Authorizer) -> UserInfo:
    """The user to act as: `user` itself when nobody is impersonated. Raises Forbidden or InternalError."""
    wanted = wanted_user(request.headers)
    if wanted is None:
        return user
    for question in questions(user, wanted):
        decision = await authorizer.authorize(question)
        if not decision.allowed:
            raise forbidden(question, decision.reason)
    return effective(wanted)


def wanted_user(headers: Headers) -> UserInfo | None:
    """Whom the headers ask for, word for word."""
    name, uid = headers.get(_USER), headers.get(_UID)
    groups = tuple(headers.getall(_GROUP))
    extra: dict[str, tuple[str, ...]] = {}
    for header, value in headers.pairs:
        if header.startswith(_EXTRA):
            key = unquote(header.removeprefix(_EXTRA).lower())
            extra[key] = (*extra.get(key, ()), value)
    if not name:
        if groups or extra or uid:
            raise InternalError(f"requested [{_references(groups, extra, uid)}] without impersonating a user")
        return None
    return UserInfo(name=name, uid=uid, groups=groups, extra=extra)


def _references(groups: Sequence[str], extra: Mapping[str, Sequence[str]], uid: str) -> str:
    """What was asked for, as Go prints object references: kind, namespace, name, uid, version, revision, path."""
    version = f"{_AUTHENTICATION}/v1"
    found = [f"{{Group  {group}    }}" for group in groups]
    found += [f"{{UserExtra  {value}  {version}  {key}}}" for key, values in extra.items() for value in values]
    return " ".join([*found, *([f"{{UID  {uid}  {version}  }}"] if uid else [])])


def questions(user: UserInfo, wanted: UserInfo) -> Iterator[Attributes]:
    """One authorization question per thing that is taken on."""

    def ask(resource: str, name: str, *, group: str = "", namespace: str = "", subresource: str = "") -> Attributes:
        return Attributes(
            user=user,
            verb="impersonate",
            is_resource_request=True,
            group=group,
            version="v1",
            resource=resource,
            subresource=subresource,
            namespace=namespace,
            name=name,
        )

    account = split_username(wanted.name)
    if account:
        yield ask("serviceaccounts", account[1], namespace=account[0])
    else:
        yield ask("users", wanted.name)
    for group in wanted.groups:
        yield ask("groups", group)
    for key, values in wanted.extra.items():
        for value in values:
            yield ask("userextras", value, group=_AUTHENTICATION, subresource=key)
    if wanted.uid:
        yield ask("uids", wanted.uid, group=_AUTHENTICATION)


def effective(wanted: UserInfo) -> UserInfo:
    """The impersonated user with the groups that it would have had by logging in."""
    groups = wanted.groups
    account = split_username(wanted.name)
    if account and not groups:
        groups = account_groups(account[0])
    if wanted.name == ANONYMOUS:
        if ALL_UNAUTHENTICATED not in groups:
            groups = (*groups, ALL_UNAUTHENTICATED)
    elif ALL_AUTHENTICATED not in groups and ALL_UNAUTHENTICATED not in groups:
        groups = (*groups, ALL_AUTHENTICATED)
    return UserInfo(name=wanted.name, uid=wanted.uid, groups=groups, extra=wanted.extra)
