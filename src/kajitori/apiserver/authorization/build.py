"""Composes authorization from --authorization-mode or --authorization-config: the first with an opinion decides.

system:masters may do everything before any other question is asked, as upstream.
May import: everything of authorization, deps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kajitori.aiokit.metrics import Labels
from kajitori.apiserver.attributes import Attributes, Authorizer, Decision, Verdict
from kajitori.apiserver.authorization.configuration import WEBHOOK, Configured, WebhookSettings, load
from kajitori.apiserver.authorization.node import NodeAuthorizer, node_name
from kajitori.apiserver.authorization.rbac import RBACAuthorizer, aggregate
from kajitori.apiserver.authorization.rules import Rule
from kajitori.apiserver.config import ConfigError, ServerConfig
from kajitori.apiserver.configfile import FollowedFile
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.user import SYSTEM_MASTERS, UserInfo

_ALLOW = Decision(Verdict.ALLOW)
_NO_OPINION = Decision(Verdict.NO_OPINION)
_STAYING = ("Node", "RBAC")
_EVERYTHING: tuple[Rule, ...] = (
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
)


class ConfigurationError(ConfigError):
    """--authorization-mode names a mode that does not exist, or one without what it needs."""


class AlwaysAllow:
    """Mode AlwaysAllow."""

    async def authorize(self, attributes: Attributes) -> Decision:
        return _ALLOW


class AlwaysDeny:
    """Mode AlwaysDeny: no opinion, so an authorizer after it may still allow."""

    async def authorize(self, attributes: Attributes) -> Decision:
        return Decision(Verdict.NO_OPINION, "Everything is forbidden.")


class Asked:
    """One authorizer of the list, and how often it has decided."""

    __slots__ = ("allowed", "authorizer", "denied", "kind", "name")

    def __init__(self, authorizer: Authorizer, kind: str, name: str) -> None:
        self.authorizer, self.kind, self.name = authorizer, kind, name
        self.allowed = self.denied = 0


class UnionAuthorizer:
    """Asks in order; `rbac` is there for those who need its rules (escalation, SelfSubjectRulesReview)."""

    def __init__(self, asked: Sequence[Asked], rbac: RBACAuthorizer | None) -> None:
        self._asked, self.rbac = tuple(asked), rbac
        self._before: dict[Labels, float] = {}
        self.file: FollowedFile | None = None
        """--authorization-config, which the server follows."""

    def replace(self, asked: Sequence[Asked]) -> None:
        """From now on these."""
        self._before = self.decisions()
        self._asked = tuple(asked)

    def decisions(self) -> dict[Labels, float]:
        """Type, name and `allowed` or `denied` → how often an authorizer has decided so."""
        found = dict(self._before)
        for one in self._asked:
            for decision, count in (("allowed", one.allowed), ("denied", one.denied)):
                if count:
                    labels = one.kind, one.name, decision
                    found[labels] = found.get(labels, 0) + count
        return found

    async def authorize(self, attributes: Attributes) -> Decision:
        """Nobody's opinion is a refusal, with all reasons given joined."""
        if SYSTEM_MASTERS in attributes.user.groups:
            return _ALLOW
        reasons = []
        for one in self._asked:
            decision = await one.authorizer.authorize(attributes)
            if decision.verdict is not Verdict.NO_OPINION:
                if decision.verdict is Verdict.ALLOW:
                    one.allowed += 1
                else:
                    one.denied += 1
                return decision
            if decision.reason:
                reasons.append(decision.reason)
        return Decision(Verdict.NO_OPINION, "\n".join(reasons)) if reasons else _NO_OPINION

    def rules_for(self, user: UserInfo, namespace: str) -> tuple[list[Rule], bool, str]:
        """(the rules known, whether there may be more, what went wrong): SelfSubjectRulesReview."""
        rules: list[Rule] = []
        is_incomplete, errors = False, list[str]()
        for authorizer in (one.authorizer for one in self._asked):
            if isinstance(authorizer, RBACAuthorizer):
                rules += authorizer.rules_for(user, namespace)
                errors += authorizer.missing_roles(user, namespace)
            elif isinstance(authorizer, AlwaysAllow):
                rules += _EVERYTHING
            elif isinstance(authorizer, NodeAuthorizer):
                if node_name(user) is not None:
                    is_incomplete = True
                    errors.append("node authorizer does not support user rule resolution")
            elif not isinstance(authorizer, AlwaysDeny):
                is_incomplete = True
                errors.append("webhook authorizer does not support user rule resolution")
        return rules, is_incomplete, aggregate(errors)


def build_authorizer(deps: ServerDeps) -> UnionAuthorizer:
    """Raises ConfigurationError for flags and files that contradict each other."""
    built: dict[str, Authorizer] = {}  # what stays when the rest is configured anew
    path = deps.config.authorization_config
    wanted = load(path) if path else list(_from_flags(deps.config))
    if path and deps.config.authorization_webhook_config_file:
        raise ConfigurationError(
            "--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags "
            "are defined"
        )
    union = UnionAuthorizer([_asked(one, deps, built) for one in wanted], None)
    deps.metrics.registry.callback(
        "apiserver_authorization_decisions_total",
        "Decisions, by the type and the name of the authorizer that made them.",
        ("type", "name", "decision"),
        union.decisions,
        "ALPHA",
        "counter",
    )
    rbac = built.get("RBAC")
    union.rbac = rbac if isinstance(rbac, RBACAuthorizer) else None
    if path:
        union.file = FollowedFile(path, deps.clock, lambda: union.replace(_again(path, deps, built)))
    return union


def _from_flags(config: ServerConfig) -> Iterator[Configured]:
    for mode in config.authorization_mode:
        if mode != WEBHOOK:
            yield Configured(mode, mode.lower())
            continue
        if not config.authorization_webhook_config_file:
            raise ConfigurationError("authorization-mode Webhook's authorization config file not passed")
        settings = WebhookSettings(
            kubeconfig=config.authorization_webhook_config_file,
            version=config.authorization_webhook_version,
            allowed_ttl_s=config.authorization_webhook_cache_authorized_ttl_s,
            denied_ttl_s=config.authorization_webhook_cache_unauthorized_ttl_s,
        )
        yield Configured(mode, "default", settings)


def _again(path: str, deps: ServerDeps, built: dict[str, Authorizer]) -> list[Asked]:
    """The authorizers of a changed file. Raises ConfigurationError."""
    wanted = load(path)
    for kind in _STAYING:
        if (kind in built) != any(one.type == kind for one in wanted):
            raise ConfigurationError(f"the {kind} authorizer can be neither added nor removed while the server runs")
    return [_asked(one, deps, built) for one in wanted]


def _asked(one: Configured, deps: ServerDeps, built: dict[str, Authorizer]) -> Asked:
    return Asked(_authorizer(one, deps, built), one.type, one.name)


def _authorizer(one: Configured, deps: ServerDeps, built: dict[str, Authorizer]) -> Authorizer:
    if one.type == WEBHOOK:
        from kajitori.apiserver.authorization.webhook import WebhookAuthorizer
        from kajitori.apiserver.webhookclient import WebhookClient

        client = WebhookClient(one.webhook.kubeconfig, one.webhook.timeout_s)
        return WebhookAuthorizer(client, one.webhook, deps.clock)
    if one.type not in built:
        built[one.type] = _plain(one.type, deps)
    return built[one.type]


def _plain(kind: str, deps: ServerDeps) -> Authorizer:
    match kind:
        case "RBAC":
            return RBACAuthorizer(deps.reader)
        case "Node":
            return NodeAuthorizer(deps.reader)
        case "AlwaysAllow":
            return AlwaysAllow()
        case "AlwaysDeny":
            return AlwaysDeny()
    raise ConfigurationError(f'unknown authorization mode "{kind}" specified')
