"""RBAC: what roles, bound to a user or to its groups, allow.

Bindings are indexed by subject, so a question looks only at the user's own bindings; decisions are remembered per
(user, question) until anything in RBAC changes, which the watch caches' revisions tell. A remembered decision costs
two or three microseconds. Reads are synchronous: no decision is made on half an update.
May import: attributes, deps, authorization.rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kajitori.apiserver.attributes import Attributes, Decision, Verdict
from kajitori.apiserver.authentication.lru import LRU
from kajitori.apiserver.authentication.serviceaccount import split_username
from kajitori.apiserver.authorization.rules import Rule, allows
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.user import SYSTEM_MASTERS, UserInfo

GROUP = "rbac.authorization.k8s.io"
_RESOURCES = ("clusterroles", "clusterrolebindings", "roles", "rolebindings")
_NO_OPINION = Decision(Verdict.NO_OPINION)
_MASTERS = Decision(Verdict.ALLOW)
_CACHE_SIZE = 8192


@dataclass(frozen=True, slots=True)
class Binding:
    """A binding, seen from its subject."""

    description: str
    role_kind: str
    role_name: str
    namespace: str  # "" for a ClusterRoleBinding


class RBACAuthorizer:
    """Allows or has no opinion; it never denies."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._revision: tuple[int, ...] = ()
        self._by_subject: dict[tuple[str, str], list[Binding]] = {}
        self._decisions: LRU[Any, Decision] = LRU(_CACHE_SIZE)

    async def authorize(self, a: Attributes) -> Decision:
        return self.decide(a)

    def decide(self, a: Attributes) -> Decision:
        """As `authorize`, without awaiting."""
        if SYSTEM_MASTERS in a.user.groups:
            return _MASTERS
        self.refresh()
        user = a.user
        key = (user.name, user.groups, a.verb, a.resource, a.namespace, a.name, a.subresource, a.group, a.path)
        decision = self._decisions.get(key)
        if decision is None:
            decision = self._decisions[key] = self._evaluate(a)
        return decision

    def refresh(self) -> None:
        """Throw away what was derived from an older state of RBAC."""
        revision = self._reader.revision
        now = tuple([revision(GROUP, plural) for plural in _RESOURCES])
        if now != self._revision:
            self._by_subject = index_bindings(self._reader)
            self._decisions.clear()
            self._revision = now

    def _evaluate(self, a: Attributes) -> Decision:
        missing: list[str] = []
        for binding in self.bindings(a.user):
            if binding.namespace and binding.namespace != a.namespace:
                continue
            if binding.namespace and not a.is_resource_request:
                continue
            role = self._role(binding)
            if role is None:
                missing.append(_not_found(binding))
            elif any(allows(rule, a) for rule in role.get("rules") or ()):
                return Decision(Verdict.ALLOW, f"RBAC: allowed by {binding.description}")
        return Decision(Verdict.NO_OPINION, f"RBAC: {aggregate(missing)}") if missing else _NO_OPINION

    def bindings(self, user: UserInfo) -> Iterator[Binding]:
        """The bindings that name this user, its groups or its service account; the cluster's first."""
        self.refresh()
        found: dict[Binding, None] = {}
        for subject in subjects_of(user):
            found.update(dict.fromkeys(self._by_subject.get(subject, ())))
        return iter(sorted(found, key=lambda binding: binding.namespace != ""))

    def role_rules(self, binding: Binding) -> list[Rule]:
        """The rules of the role that a binding refers to; none if the role is missing."""
        return list((self._role(binding) or {}).get("rules") or ())

    def _role(self, binding: Binding) -> dict[str, Any] | None:
        if binding.role_kind == "ClusterRole":
            return self._reader.get(GROUP, "clusterroles", "", binding.role_name)
        return self._reader.get(GROUP, "roles", binding.namespace, binding.role_name)

    def rules_for(self, user: UserInfo, namespace: str) -> list[Rule]:
        """Every rule that this user has in this namespace ("" for those of the whole cluster only), role by role."""
        return [rule for binding in self._reaching(user, namespace) for rule in self.role_rules(binding)]

    def missing_roles(self, user: UserInfo, namespace: str, plural: str = "") -> list[str]:
        """What is wrong with this user's bindings: missing roles, by kind (with `plural` "s" by resource)."""
        reaching = self._reaching(user, namespace)
        return [_not_found(binding, plural) for binding in reaching if self._role(binding) is None]

    def _reaching(self, user: UserInfo, namespace: str) -> Iterator[Binding]:
        return (one for one in self.bindings(user) if not one.namespace or one.namespace == namespace)


def aggregate(errors: Sequence[str]) -> str:
    """Several errors as Go's aggregates print them: one as it is, more in brackets, each once."""
    once = list(dict.fromkeys(errors))
    return f"[{', '.join(once)}]" if len(once) > 1 else "".join(once)


def _not_found(binding: Binding, plural: str = "") -> str:
    return f'{binding.role_kind.lower()}{plural}.{GROUP} "{binding.role_name}" not found'


def subjects_of(user: UserInfo) -> Iterable[tuple[str, str]]:
    """How bindings may call this user: (kind, name), a service account as "namespace/name"."""
    yield "User", user.name
    account = split_username(user.name)
    if account:
        yield "ServiceAccount", f"{account[0]}/{account[1]}"
    for group in user.groups:
        yield "Group", group


def index_bindings(reader: Reader) -> dict[tuple[str, str], list[Binding]]:
    """(subject kind, subject name) → bindings."""
    index: dict[tuple[str, str], list[Binding]] = defaultdict(list)
    for plural in ("clusterrolebindings", "rolebindings"):
        for obj in reader.list(GROUP, plural):
            metadata, role = obj["metadata"], obj.get("roleRef") or {}
            namespace = metadata.get("namespace", "") if plural == "rolebindings" else ""
            for subject in obj.get("subjects") or ():
                kind, name = subject.get("kind", ""), subject.get("name", "")
                if kind == "ServiceAccount":
                    name = f"{subject.get('namespace') or namespace}/{name}"
                binding = Binding(
                    description=_describe(obj, namespace, subject),
                    role_kind=role.get("kind", ""),
                    role_name=role.get("name", ""),
                    namespace=namespace,
                )
                index[kind, name].append(binding)
    return dict(index)


def _describe(obj: dict[str, Any], namespace: str, subject: dict[str, Any]) -> str:
    """`ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`, as the audit log and SubjectAccessReview show it."""
    metadata, role = obj["metadata"], obj.get("roleRef") or {}
    name = f"{metadata['name']}/{namespace}" if namespace else metadata["name"]
    who = subject.get("name", "")
    if subject.get("kind") == "ServiceAccount":
        who = f"{who}/{subject.get('namespace') or namespace}"
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return f'{kind} "{name}" of {role.get("kind", "")} "{role.get("name", "")}" to {subject.get("kind", "")} "{who}"'
