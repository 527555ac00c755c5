"""Impersonation: each part is asked for, and refused in upstream's words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.unit.apiserver.authentication.identities import http_request

from kajitori.apiserver.attributes import Attributes, Decision, Verdict
from kajitori.apiserver.authentication.impersonation import impersonate
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Forbidden, InternalError


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
        return asyncio.run(impersonate(http_request(*headers), self.me, authorizer))

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
