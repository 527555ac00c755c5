"""Which resources have hooks. May import: everything of registry, deps."""

from __future__ import annotations

from collections.abc import Mapping

from kajitori.apiserver.attributes import Authorizer
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import RegistryHooks
from kajitori.apiserver.registry.services import ServiceHooks
from kajitori.apiserver.user import Authenticator


def build_registry(
    deps: ServerDeps, authenticator: Authenticator, authorizer: Authorizer
) -> Mapping[str, RegistryHooks]:
    """ "plural.group" (the core group's without the dot) → hooks."""
    return {"services": ServiceHooks(deps)}
