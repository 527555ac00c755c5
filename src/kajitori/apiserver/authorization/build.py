"""Composes authorization from --authorization-mode: the first authorizer with an opinion decides.

system:masters may do everything before any other question is asked, as upstream.
May import: everything of authorization, deps.
"""

from __future__ import annotations

from collections.abc import Sequence

from kajitori.apiserver.attributes import Attributes, Authorizer, Decision, Verdict
from kajitori.apiserver.authorization.node import NodeAuthorizer
from kajitori.apiserver.authorization.rbac import RBACAuthorizer
from kajitori.apiserver.authorization.rules import Rule
from kajitori.apiserver.config import ConfigError
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.user import SYSTEM_MASTERS, UserInfo

_ALLOW = Decision(Verdict.ALLOW)
_NO_OPINION = Decision(Verdict.NO_OPINION)
_EVERYTHING: tuple[Rule, ...] = (
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
)


class ConfigurationError(ConfigError):
    """--authorization-mode names a mode that does not exist, or one without what it needs."""


class AlwaysAllow:
    async def authorize(self, attributes: Attributes) -> Decision:
        return _ALLOW


class AlwaysDeny:
    async def authorize(self, attributes: Attributes) -> Decision:
        return Decision(Verdict.NO_OPINION, "Everything is forbidden.")


class UnionAuthorizer:
    def __init__(self, authorizers: Sequence[Authorizer], rbac: RBACAuthorizer | None) -> None:
        self._authorizers, self.rbac = tuple(authorizers), rbac

    async def authorize(self, attributes: Attributes) -> Decision:
        if SYSTEM_MASTERS in attributes.user.groups:
            return _ALLOW
        reasons = []
        for authorizer in self._authorizers:
            decision = await authorizer.authorize(attributes)
            if decision.verdict is not Verdict.NO_OPINION:
                return decision
            if decision.reason:
                reasons.append(decision.reason)
        return Decision(Verdict.NO_OPINION, ", ".join(reasons)) if reasons else _NO_OPINION

    def rules_for(self, user: UserInfo, namespace: str) -> tuple[list[Rule], str]:
        """(the rules known, why that may not be all; "": it is): SelfSubjectRulesReview."""
        rules = self.rbac.rules_for(user, namespace) if self.rbac else []
        missing = []
        for authorizer in self._authorizers:
            if isinstance(authorizer, AlwaysAllow):
                rules = [*rules, *_EVERYTHING]
            elif isinstance(authorizer, NodeAuthorizer):
                missing.append("node authorizer does not support user rule resolution")
            elif not isinstance(authorizer, RBACAuthorizer | AlwaysDeny):
                missing.append("webhook authorizer does not support user rule resolution")
        return rules, missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]" if missing else ""


def build_authorizer(deps: ServerDeps) -> UnionAuthorizer:
    authorizers: list[Authorizer] = []
    rbac: RBACAuthorizer | None = None
    for mode in deps.config.authorization_mode:
        if mode == "RBAC":
            rbac = RBACAuthorizer(deps.reader)
            authorizers.append(rbac)
        elif mode == "Node":
            authorizers.append(NodeAuthorizer(deps.reader))
        elif mode == "AlwaysAllow":
            authorizers.append(AlwaysAllow())
        elif mode == "AlwaysDeny":
            authorizers.append(AlwaysDeny())
        elif mode == "Webhook":
            authorizers.append(_webhook(deps))
        else:
            raise ConfigurationError(f'unknown authorization mode "{mode}" specified')
    return UnionAuthorizer(authorizers, rbac)


def _webhook(deps: ServerDeps) -> Authorizer:
    from kajitori.apiserver.authorization.webhook import WebhookAuthorizer
    from kajitori.apiserver.webhookclient import WebhookClient

    config = deps.config
    if not config.authorization_webhook_config_file:
        raise ConfigurationError("authorization-mode Webhook's authorization config file not passed")
    return WebhookAuthorizer(
        WebhookClient(config.authorization_webhook_config_file),
        version=config.authorization_webhook_version,
        allowed_ttl_s=config.authorization_webhook_cache_authorized_ttl_s,
        denied_ttl_s=config.authorization_webhook_cache_unauthorized_ttl_s,
        clock=deps.clock,
    )
