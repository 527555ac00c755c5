"""Writes to roles and bindings: nobody hands out more than they have.

A role may hold only rules that its writer has, or the writer may `escalate` it; a binding may name only a role whose
rules its writer has, or the writer may `bind` it. An update that changes nothing but owners and finalizers (the garbage
collector's) is not asked about.
May import: hooks, attributes, authorization, deps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.apiserver.attributes import Attributes, Authorizer
from kajitori.apiserver.authorization.build import UnionAuthorizer
from kajitori.apiserver.authorization.rbac import GROUP, aggregate
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

    def _lacking(self, ctx: WriteContext, wanted: list[Rule]) -> str:
        """Which of these rules the user lacks, as the refusal says it; "" if none."""
        rbac = self._authorizer.rbac if isinstance(self._authorizer, UnionAuthorizer) else None
        if rbac is None:
            return ""
        missing = uncovered(rbac.rules_for(ctx.user, ctx.namespace), wanted)
        return escalation(ctx, missing, rbac.missing_roles(ctx.user, ctx.namespace, "s")) if missing else ""


def escalation(ctx: WriteContext, missing: list[Rule], unresolved: Sequence[str] = ()) -> str:
    """The refusal, in upstream's words; `unresolved` are the user's bindings to roles that are not there."""
    groups = " ".join(quote(group) for group in ctx.user.groups)
    lines = "\n".join(sorted(describe(rule) for rule in compact(missing)))
    return (
        f"user {quote(ctx.user.name)} (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n"
        f"{lines}{f'; resolution errors: [{aggregate(unresolved)}]' if unresolved else ''}"
    )


def is_cleanup(obj: Object, old: Object) -> bool:
    """Whether an update is what the garbage collector needs to do before the object may go."""

    def rest(one: Object) -> Object:
        metadata = {key: value for key, value in one["metadata"].items() if key not in _COLLECTORS and value}
        return {**one, "metadata": metadata}

    return rest(obj) == rest(old)


_COLLECTORS = ("ownerReferences", "finalizers", "managedFields", "resourceVersion")
_EVERYTHING: list[Rule] = [
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
]


class RoleHooks(_Guard):
    """For Roles and ClusterRoles."""

    async def before_create(self, ctx: WriteContext, obj: Object) -> None:
        await self._check(ctx, obj, {}, "")

    async def before_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        if not is_cleanup(obj, old):
            await self._check(ctx, obj, old, ctx.name)

    async def _check(self, ctx: WriteContext, obj: Object, old: Object, name: str) -> None:
        """`name` is the one that the request told: a new role has none yet."""
        if SYSTEM_MASTERS in ctx.user.groups:
            return
        if await self._may(ctx, "escalate", ctx.resource.plural, name, ctx.namespace):
            return
        why = self._lacking(ctx, list(obj.get("rules") or ()))
        if not why and (_aggregates(obj) or _aggregates(old)) and self._lacking(ctx, _EVERYTHING):
            why = "must have cluster-admin privileges to use the aggregationRule"  # what it will gather is anything
        if why:
            raise Forbidden.of(GROUP, ctx.resource.plural, obj["metadata"].get("name") or "", why)


def _aggregates(role: Object) -> bool:
    return bool((role.get("aggregationRule") or {}).get("clusterRoleSelectors"))


class BindingHooks(_Guard):
    """For RoleBindings and ClusterRoleBindings."""

    def __init__(self, authorizer: Authorizer, deps: ServerDeps) -> None:
        super().__init__(authorizer)
        self._reader = deps.reader

    async def before_create(self, ctx: WriteContext, obj: Object) -> None:
        await self._check(ctx, obj)

    async def before_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        if not is_cleanup(obj, old):
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
        if why := self._lacking(ctx, list(role.get("rules") or ())):
            raise Forbidden.of(GROUP, ctx.resource.plural, obj["metadata"].get("name") or "", why)
