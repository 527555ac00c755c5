"""What is wrong with a KubeletConfiguration file: fields that do not exist, thresholds that are no amounts.

The names are those of kubelet.config.k8s.io/v1beta1 in v1.34; a field without effect here is still a field. May import:
aiokit.flags, machinery.quantity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.aiokit.flags import UsageError
from kajitori.machinery.quantity import Quantity

_FIELDS = frozenset(
    name
    for line in (
        "apiVersion kind",
        "enableServer staticPodPath podLogsDir syncFrequency fileCheckFrequency httpCheckFrequency staticPodURL",
        "staticPodURLHeader address port readOnlyPort tlsCertFile tlsPrivateKeyFile tlsCipherSuites tlsMinVersion",
        "rotateCertificates serverTLSBootstrap authentication authorization registryPullQPS registryBurst",
        "imagePullCredentialsVerificationPolicy preloadedImagesVerificationAllowlist eventRecordQPS eventBurst",
        "enableDebuggingHandlers enableContentionProfiling healthzPort healthzBindAddress oomScoreAdj clusterDomain",
        "clusterDNS streamingConnectionIdleTimeout nodeStatusUpdateFrequency nodeStatusReportFrequency",
        "nodeLeaseDurationSeconds imageMinimumGCAge imageMaximumGCAge imageGCHighThresholdPercent",
        "imageGCLowThresholdPercent volumeStatsAggPeriod kubeletCgroups systemCgroups cgroupRoot cgroupsPerQOS",
        "cgroupDriver cpuManagerPolicy singleProcessOOMKill cpuManagerPolicyOptions cpuManagerReconcilePeriod",
        "memoryManagerPolicy topologyManagerPolicy topologyManagerScope topologyManagerPolicyOptions qosReserved",
        "runtimeRequestTimeout hairpinMode maxPods podCIDR podPidsLimit resolvConf runOnce cpuCFSQuota",
        "cpuCFSQuotaPeriod nodeStatusMaxImages maxOpenFiles contentType kubeAPIQPS kubeAPIBurst serializeImagePulls",
        "maxParallelImagePulls evictionHard evictionSoft evictionSoftGracePeriod evictionPressureTransitionPeriod",
        "evictionMaxPodGracePeriod evictionMinimumReclaim mergeDefaultEvictionSettings podsPerCore",
        "enableControllerAttachDetach protectKernelDefaults makeIPTablesUtilChains iptablesMasqueradeBit",
        "iptablesDropBit featureGates failSwapOn memorySwap containerLogMaxSize containerLogMaxFiles",
        "containerLogMaxWorkers containerLogMonitorInterval configMapAndSecretChangeDetectionStrategy systemReserved",
        "kubeReserved reservedSystemCPUs showHiddenMetricsForVersion systemReservedCgroup kubeReservedCgroup",
        "enforceNodeAllocatable allowedUnsafeSysctls volumePluginDir providerID kernelMemcgNotification logging",
        "enableSystemLogHandler enableSystemLogQuery shutdownGracePeriod shutdownGracePeriodCriticalPods",
        "shutdownGracePeriodByPodPriority reservedMemory enableProfilingHandler enableDebugFlagsHandler seccompDefault",
        "memoryThrottlingFactor registerWithTaints registerNode tracing localStorageCapacityIsolation",
        "containerRuntimeEndpoint imageServiceEndpoint failCgroupV1 userNamespaces crashLoopBackOff",
    )
    for name in line.split()
)
_SIGNALS = frozenset(
    (
        *("memory.available", "allocatableMemory.available", "nodefs.available", "nodefs.inodesFree"),
        *("imagefs.available", "imagefs.inodesFree", "containerfs.available", "containerfs.inodesFree"),
        "pid.available",
    )
)


def check(body: Mapping[str, Any]) -> None:
    """Raises `UsageError` that names every unknown field, or the first broken threshold of ``evictionHard``."""
    if strangers := sorted(str(name) for name in body.keys() - _FIELDS):
        raise UsageError("strict decoding error: " + ", ".join(f'unknown field "{name}"' for name in strangers))
    thresholds = body.get("evictionHard") or {}
    if not isinstance(thresholds, dict):
        raise UsageError("evictionHard: not a mapping of signals to thresholds")
    for signal, amount in thresholds.items():
        _check_threshold(signal, str(amount))


def _check_threshold(signal: str, amount: str) -> None:
    if signal not in _SIGNALS:
        raise UsageError(f"unknown eviction signal {signal}")
    try:
        number = float(amount.removesuffix("%")) if amount.endswith("%") else Quantity.parse(amount).value()
    except ValueError as error:
        raise UsageError(f"eviction threshold {signal}: {amount}: {error}") from error
    if number < 0:
        raise UsageError(f"eviction threshold {signal} must be >= 0: {amount}")
    if amount.endswith("%") and number > 100:
        raise UsageError(f"eviction percentage threshold {signal} must be <= 100%: {amount}")
