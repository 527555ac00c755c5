"""The admission plugins in upstream's order, those on by default in v1.34, and --enable/--disable-admission-plugins.

Not here yet, with their places kept in `ORDER`: ResourceQuota, the webhooks and policies (issue 3). Naming
one of them in a flag is accepted and does nothing. CertificateApproval and CertificateSigning are rules of the
registry (registry/certificates.py), which has the authorizer that they ask.
May import: everything of admission, deps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kajitori.apiserver.admission.certificates import CertificateSubjectRestriction
from kajitori.apiserver.admission.chain import PluginChain
from kajitori.apiserver.admission.classes import DefaultIngressClass, RuntimeClass
from kajitori.apiserver.admission.limitranger import LimitRanger
from kajitori.apiserver.admission.namespacelifecycle import NamespaceLifecycle
from kajitori.apiserver.admission.noderestriction import NodeRestriction
from kajitori.apiserver.admission.podsecurity import PodSecurity
from kajitori.apiserver.admission.priority import Priority
from kajitori.apiserver.admission.serviceaccount import ServiceAccount
from kajitori.apiserver.admission.storage import (
    DefaultStorageClass,
    PersistentVolumeClaimResize,
    StorageObjectInUseProtection,
)
from kajitori.apiserver.admission.tolerations import DefaultTolerationSeconds, TaintNodesByCondition
from kajitori.apiserver.admission.webhooks.mutating import MutatingAdmissionWebhook
from kajitori.apiserver.admission.webhooks.validating import ValidatingAdmissionWebhook
from kajitori.apiserver.admission_types import AdmissionPlugin
from kajitori.apiserver.attributes import Authorizer
from kajitori.apiserver.deps import ServerDeps

ORDER = (
    "NamespaceLifecycle",
    "LimitRanger",
    "ServiceAccount",
    "NodeRestriction",
    "TaintNodesByCondition",
    "PodSecurity",
    "Priority",
    "DefaultTolerationSeconds",
    "DefaultStorageClass",
    "StorageObjectInUseProtection",
    "PersistentVolumeClaimResize",
    "RuntimeClass",
    "CertificateApproval",
    "CertificateSigning",
    "ClusterTrustBundleAttest",
    "CertificateSubjectRestriction",
    "DefaultIngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
    "ResourceQuota",
)
Maker = Callable[[ServerDeps, Authorizer | None], AdmissionPlugin]
_OFF_BY_DEFAULT = frozenset({"NodeRestriction"})
_MAKERS: Mapping[str, Maker] = {
    "NamespaceLifecycle": lambda deps, _: NamespaceLifecycle(deps),
    "LimitRanger": lambda deps, _: LimitRanger(deps),
    "ServiceAccount": lambda deps, _: ServiceAccount(deps),
    "NodeRestriction": lambda deps, _: NodeRestriction(deps),
    "TaintNodesByCondition": lambda deps, _: TaintNodesByCondition(),
    "PodSecurity": lambda deps, _: PodSecurity(deps),
    "Priority": lambda deps, _: Priority(deps),
    "DefaultTolerationSeconds": lambda deps, _: DefaultTolerationSeconds(),
    "DefaultStorageClass": lambda deps, _: DefaultStorageClass(deps),
    "StorageObjectInUseProtection": lambda deps, _: StorageObjectInUseProtection(),
    "PersistentVolumeClaimResize": lambda deps, _: PersistentVolumeClaimResize(deps),
    "RuntimeClass": lambda deps, _: RuntimeClass(deps),
    "CertificateSubjectRestriction": lambda deps, _: CertificateSubjectRestriction(),
    "DefaultIngressClass": lambda deps, _: DefaultIngressClass(deps),
    "MutatingAdmissionWebhook": MutatingAdmissionWebhook,
    "ValidatingAdmissionWebhook": ValidatingAdmissionWebhook,
}


class ConfigurationError(ValueError):
    """A flag names an admission plugin that does not exist."""


def build_admission(deps: ServerDeps, authorizer: Authorizer | None = None) -> PluginChain:
    enabled, disabled = set(deps.config.enable_admission_plugins), set(deps.config.disable_admission_plugins)
    for name in sorted(enabled | disabled):
        if name not in ORDER:
            raise ConfigurationError(f'unknown admission plugin "{name}"')
    chosen = [name for name in ORDER if name not in disabled and (name in enabled or name not in _OFF_BY_DEFAULT)]
    return PluginChain([_MAKERS[name](deps, authorizer) for name in chosen if name in _MAKERS])
