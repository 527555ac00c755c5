"""Which resources have hooks. May import: everything of registry, deps."""

from __future__ import annotations

from collections.abc import Mapping

from kajitori.apiserver.attributes import Authorizer
from kajitori.apiserver.authentication.build import RequestAuthenticator
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import RegistryHooks
from kajitori.apiserver.registry.certificates import SigningRequestHooks
from kajitori.apiserver.registry.namespaces import NamespaceHooks
from kajitori.apiserver.registry.pods import BindingHooks as PodBindingHooks
from kajitori.apiserver.registry.pods import PodHooks
from kajitori.apiserver.registry.rbac import BindingHooks, RoleHooks
from kajitori.apiserver.registry.resourceclaims import ClaimHooks
from kajitori.apiserver.registry.reviews import build_reviews
from kajitori.apiserver.registry.serviceaccounts import ServiceAccountHooks
from kajitori.apiserver.registry.services import ServiceHooks

_RBAC = "rbac.authorization.k8s.io"


def build_registry(
    deps: ServerDeps, authenticator: RequestAuthenticator, authorizer: Authorizer
) -> Mapping[str, RegistryHooks]:
    """ "plural.group" (just the plural in the core group) → hooks."""
    pods = PodHooks(deps)
    return {
        "services": ServiceHooks(deps),
        "pods": pods,
        "bindings": PodBindingHooks(pods),
        "namespaces": NamespaceHooks(deps),
        "serviceaccounts": ServiceAccountHooks(deps, authenticator.issuer),
        "certificatesigningrequests.certificates.k8s.io": SigningRequestHooks(deps, authorizer),
        "resourceclaims.resource.k8s.io": ClaimHooks(deps),
        "resourceclaimtemplates.resource.k8s.io": ClaimHooks(deps),
        f"roles.{_RBAC}": RoleHooks(authorizer),
        f"clusterroles.{_RBAC}": RoleHooks(authorizer),
        f"rolebindings.{_RBAC}": BindingHooks(authorizer, deps),
        f"clusterrolebindings.{_RBAC}": BindingHooks(authorizer, deps),
        **build_reviews(authenticator, authorizer),
    }
