"""Writes to roles and bindings: nobody hands out more than they have.

A role may hold only rules that its writer has, or the writer may `escalate` it; a binding may name only a role whose
rules its writer has, or the writer may `bind` it. An update that leaves the rules (the role) alone is not asked about.
May import: hooks, attributes, authorization, deps.
"""

from __future__ import annotations

from typing import Any

from kajitori.apiserver.attributes import Attributes, Authorizer
from kajitori.apiserver.authorization.build import UnionAuthorizer
from kajitori.apiserver.authorization.rbac import GROUP
from kajitori.apiserver.authorization.rules import Rule, compact, describe, uncovered
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import RegistryHooks, WriteContext
from kajitori.apiserver.user import SYSTEM_MASTERS
from kajitori.machinery.errors import Forbidden, NotFound
from kajitori.machinery.gotext import quote

Object = dict[str, Any]


class _Guard(RegistryHooks):
    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    async def _may(self, ctx: WriteContext, verb: str, plural: str, name: str, namespace: str) -> bool:
        question = Attributes(
            user=ctx.user,
            verb=verb,
            is_resource_request=True,
            group=GROUP,
            version="v1",
            resource=plural,
            namespace=namespace,
            name=name,
        )
        return (await self._authorizer.authorize(question)).allowed

    def _refuse_missing(self, ctx: WriteContext, wanted: list[Rule]) -> None:
        """Raise Forbidden when the user lacks any of these rules."""
        rbac = self._authorizer.rbac if isinstance(self._authorizer, UnionAuthorizer) else None
        if rbac is None:
            return
        missing = uncovered(rbac.rules_for(ctx.user, ctx.namespace), wanted)
        if missing:
            raise Forbidden.of(GROUP, ctx.resource.plural, ctx.name, escalation(ctx, missing))


def escalation(ctx: WriteContext, missing: list[Rule]) -> str:
    """The refusal, in upstream's words."""
    groups = " ".join(quote(group) for group in ctx.user.groups)
    lines = "\n".join(sorted(describe(rule) for rule in compact(missing)))
    return (
        f"user {quote(ctx.user.name)} (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n"
        f"{lines}"
    )


class RoleHooks(_Guard):
    """For Roles and ClusterRoles."""

    async def before_create(self, ctx: WriteContext, obj: Object) -> None:
        await self._check(ctx, obj)

    async def before_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        same = (obj.get("rules") or []) == (old.get("rules") or [])
        if not same or obj.get("aggregationRule") != old.get("aggregationRule"):
            await self._check(ctx, obj)

    async def _check(self, ctx: WriteContext, obj: Object) -> None:
        if SYSTEM_MASTERS in ctx.user.groups:
            return
        name = obj["metadata"].get("name") or ""
        if await self._may(ctx, "escalate", ctx.resource.plural, name, ctx.namespace):
            return
        if obj.get("aggregationRule"):  # what it will gather is anything
            everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
            self._refuse_missing(ctx, [everything, {"verbs": ["*"], "nonResourceURLs": ["*"]}])
        self._refuse_missing(ctx, list(obj.get("rules") or ()))


class BindingHooks(_Guard):
    """For RoleBindings and ClusterRoleBindings."""

    def __init__(self, authorizer: Authorizer, deps: ServerDeps) -> None:
        super().__init__(authorizer)
        self._reader = deps.reader

    async def before_create(self, ctx: WriteContext, obj: Object) -> None:
        await self._check(ctx, obj)

    async def before_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        if obj.get("roleRef") != old.get("roleRef") or obj.get("subjects") != old.get("subjects"):
            await self._check(ctx, obj)

    async def _check(self, ctx: WriteContext, obj: Object) -> None:
        if SYSTEM_MASTERS in ctx.user.groups:
            return
        reference = obj.get("roleRef") or {}
        kind, name = reference.get("kind", ""), reference.get("name", "")
        plural = "clusterroles" if kind == "ClusterRole" else "roles"
        if await self._may(ctx, "bind", plural, name, ctx.namespace):
            return
        namespace = "" if kind == "ClusterRole" else ctx.namespace
        role = self._reader.get(GROUP, plural, namespace, name)
        if role is None:
            raise NotFound.of(GROUP, plural, name)
        self._refuse_missing(ctx, list(role.get("rules") or ()))
