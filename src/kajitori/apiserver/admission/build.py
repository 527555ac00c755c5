"""The admission plugins in upstream's order, those on by default in v1.34, and --enable/--disable-admission-plugins.

CertificateApproval and CertificateSigning are rules of the registry (registry/certificates.py), which has the
authorizer that they ask; ClusterTrustBundleAttest guards a kind that is not served, and MutatingAdmissionPolicy is
beta in v1.34 and off: naming one of these changes nothing. `MISSING` are upstream's plugins that do not exist here.
May import: everything of admission, deps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kajitori.apiserver.admission.certificates import CertificateSubjectRestriction
from kajitori.apiserver.admission.chain import PluginChain
from kajitori.apiserver.admission.classes import DefaultIngressClass, RuntimeClass
from kajitori.apiserver.admission.configuration import ConfigurationError, read_configuration
from kajitori.apiserver.admission.limitranger import LimitRanger
from kajitori.apiserver.admission.namespacelifecycle import NamespaceLifecycle
from kajitori.apiserver.admission.noderestriction import NodeRestriction
from kajitori.apiserver.admission.podsecurity.plugin import PodSecurity
from kajitori.apiserver.admission.policies.plugin import ValidatingAdmissionPolicy
from kajitori.apiserver.admission.priority import Priority
from kajitori.apiserver.admission.resourcequota import ResourceQuota
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

__all__ = ["MISSING", "OFF_BY_DEFAULT", "ORDER", "ConfigurationError", "build_admission"]

ORDER = (
    "AlwaysAdmit",
    "NamespaceAutoProvision",
    "NamespaceLifecycle",
    "NamespaceExists",
    "LimitPodHardAntiAffinityTopology",
    "LimitRanger",
    "ServiceAccount",
    "NodeRestriction",
    "TaintNodesByCondition",
    "AlwaysPullImages",
    "ImagePolicyWebhook",
    "PodSecurity",
    "PodNodeSelector",
    "Priority",
    "DefaultTolerationSeconds",
    "PodTolerationRestriction",
    "EventRateLimit",
    "ExtendedResourceToleration",
    "DefaultStorageClass",
    "StorageObjectInUseProtection",
    "OwnerReferencesPermissionEnforcement",
    "PersistentVolumeClaimResize",
    "RuntimeClass",
    "CertificateApproval",
    "CertificateSigning",
    "ClusterTrustBundleAttest",
    "CertificateSubjectRestriction",
    "DefaultIngressClass",
    "DenyServiceExternalIPs",
    "PodTopologyLabels",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
    "ResourceQuota",
    "AlwaysDeny",
)
OFF_BY_DEFAULT = frozenset(
    {
        "AlwaysAdmit",
        "AlwaysDeny",
        "AlwaysPullImages",
        "DenyServiceExternalIPs",
        "EventRateLimit",
        "ExtendedResourceToleration",
        "ImagePolicyWebhook",
        "LimitPodHardAntiAffinityTopology",
        "NamespaceAutoProvision",
        "NamespaceExists",
        "NodeRestriction",
        "OwnerReferencesPermissionEnforcement",
        "PodNodeSelector",
        "PodTolerationRestriction",
        "PodTopologyLabels",
    }
)
MISSING = frozenset({"ImagePolicyWebhook", "PodNodeSelector", "PodTolerationRestriction", "PodTopologyLabels"})


class Parts:
    """What plugins are made from."""

    def __init__(self, deps: ServerDeps, authorizer: Authorizer | None) -> None:
        self.deps, self.authorizer = deps, authorizer
        self._configurations = read_configuration(deps.config.admission_control_config_file)

    def configuration(self, plugin: str) -> Mapping[str, Any] | None:
        """The plugin's part of --admission-control-config-file; None if there is none."""
        return self._configurations.get(plugin)


Maker = Callable[[Parts], AdmissionPlugin]


def _optional(name: str, *, needs_deps: bool = False) -> Maker:
    """A plugin of optional.py, which is imported when it is asked for."""

    def make(parts: Parts) -> AdmissionPlugin:
        from kajitori.apiserver.admission import optional

        plugin: AdmissionPlugin = getattr(optional, name)(*([parts.deps] if needs_deps else []))
        return plugin

    return make


def _owner_references(parts: Parts) -> AdmissionPlugin:
    from kajitori.apiserver.admission.ownerreferences import OwnerReferencesPermissionEnforcement

    return OwnerReferencesPermissionEnforcement(parts.deps, parts.authorizer)


def _event_rate_limit(parts: Parts) -> AdmissionPlugin:
    from kajitori.apiserver.admission.eventratelimit import EventRateLimit

    return EventRateLimit(parts.deps, parts.configuration("EventRateLimit"))


def _default_tolerations(parts: Parts) -> AdmissionPlugin:
    config = parts.deps.config
    return DefaultTolerationSeconds(
        not_ready_s=config.default_not_ready_toleration_seconds,
        unreachable_s=config.default_unreachable_toleration_seconds,
    )


_MAKERS: Mapping[str, Maker] = {
    "AlwaysAdmit": _optional("AlwaysAdmit"),
    "NamespaceAutoProvision": _optional("NamespaceAutoProvision", needs_deps=True),
    "NamespaceLifecycle": lambda parts: NamespaceLifecycle(parts.deps),
    "NamespaceExists": _optional("NamespaceExists", needs_deps=True),
    "LimitPodHardAntiAffinityTopology": _optional("LimitPodHardAntiAffinityTopology"),
    "LimitRanger": lambda parts: LimitRanger(parts.deps),
    "ServiceAccount": lambda parts: ServiceAccount(parts.deps),
    "NodeRestriction": lambda parts: NodeRestriction(parts.deps, parts.authorizer),
    "TaintNodesByCondition": lambda parts: TaintNodesByCondition(),
    "AlwaysPullImages": _optional("AlwaysPullImages"),
    "PodSecurity": lambda parts: PodSecurity(parts.deps, parts.configuration("PodSecurity")),
    "Priority": lambda parts: Priority(parts.deps),
    "DefaultTolerationSeconds": _default_tolerations,
    "EventRateLimit": _event_rate_limit,
    "ExtendedResourceToleration": _optional("ExtendedResourceToleration"),
    "DefaultStorageClass": lambda parts: DefaultStorageClass(parts.deps),
    "StorageObjectInUseProtection": lambda parts: StorageObjectInUseProtection(),
    "OwnerReferencesPermissionEnforcement": _owner_references,
    "PersistentVolumeClaimResize": lambda parts: PersistentVolumeClaimResize(parts.deps),
    "RuntimeClass": lambda parts: RuntimeClass(parts.deps),
    "CertificateSubjectRestriction": lambda parts: CertificateSubjectRestriction(),
    "DefaultIngressClass": lambda parts: DefaultIngressClass(parts.deps),
    "DenyServiceExternalIPs": _optional("DenyServiceExternalIPs"),
    "MutatingAdmissionWebhook": lambda parts: MutatingAdmissionWebhook(parts.deps, parts.authorizer),
    "ValidatingAdmissionPolicy": lambda parts: ValidatingAdmissionPolicy(parts.deps, parts.authorizer),
    "ValidatingAdmissionWebhook": lambda parts: ValidatingAdmissionWebhook(parts.deps, parts.authorizer),
    "ResourceQuota": lambda parts: ResourceQuota(parts.deps, parts.configuration("ResourceQuota")),
    "AlwaysDeny": _optional("AlwaysDeny"),
}


def build_admission(deps: ServerDeps, authorizer: Authorizer | None = None) -> PluginChain:
    """The chain that the flags ask for. Raises ConfigurationError."""
    enabled, disabled = deps.config.enable_admission_plugins, deps.config.disable_admission_plugins
    check_names(enabled, disabled)
    chosen = [name for name in ORDER if name not in disabled and (name in enabled or name not in OFF_BY_DEFAULT)]
    parts = Parts(deps, authorizer)
    return PluginChain([_MAKERS[name](parts) for name in chosen if name in _MAKERS], deps.metrics)


def check_names(enabled: tuple[str, ...], disabled: tuple[str, ...]) -> None:
    """Raises ConfigurationError for plugins that nobody knows, or that are both on and off."""
    for flag, names in (("enable", enabled), ("disable", disabled)):
        for name in names:
            if name not in ORDER:
                raise ConfigurationError(f'{flag}-admission-plugins plugin "{name}" is unknown')
    for name in enabled:
        if name in MISSING:
            raise ConfigurationError(f'enable-admission-plugins plugin "{name}" does not exist in Kajitori')
        if name in disabled:
            both = "enable-admission-plugins and disable-admission-plugins"
            raise ConfigurationError(f"[{name}] in {both} overlapped")
