"""The feature gates of v1.34 that are known, with their stage and whether they are on by default.

What they guard is here, or not, as docs/limits.md says; they cannot be switched. Components tell them as upstream's do,
in `kubernetes_feature_enabled`. May import: aiokit.metrics.
"""

from __future__ import annotations

from kajitori.aiokit.metrics import Registry

ALPHA, BETA, GA, DEPRECATED = "ALPHA", "BETA", "", "DEPRECATED"

_ALPHA = """
    APIServingWithRoutine AllAlpha AllowUnsafeMalformedObjectDeletion CBORServingAndStorage CPUCFSQuotaPeriod
    CPUManagerPolicyAlphaOptions CSIVolumeHealth ClearingNominatedNodeNameAfterBinding ClientsAllowCBOR
    ClientsPreferCBOR CloudControllerManagerWebhook ComponentFlagz ComponentStatusz ContainerRestartRules
    ContainerStopSignals CrossNamespaceVolumeDataSource DRAConsumableCapacity DRADeviceBindingConditions
    DRADeviceTaints DRAExtendedResource DRAPartitionableDevices DeploymentReplicaSetTerminatingReplicas EnvFiles
    EventedPLEG HPAConfigurableTolerance HPAScaleToZero HostnameOverride InPlacePodVerticalScalingExclusiveCPUs
    InPlacePodVerticalScalingExclusiveMemory InTreePluginPortworxUnregister InformerResourceVersion
    KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages KubeletInUserNamespace LoggingAlphaOptions
    MaxUnavailableStatefulSet MemoryQoS NominatedNodeNameForExpectation PodAndContainerStatsFromCRI
    PodCertificateRequest PodLogsQuerySplitStreams PodTopologyLabelsAdmission QOSReserved
    ReduceDefaultCrashLoopBackOffDecay RelaxedServiceNameValidation ResourceHealthStatus RuntimeClassInImageCriAPI
    StorageCapacityScoring StorageVersionAPI StorageVersionMigrator StrictIPCIDRValidation
    TopologyManagerPolicyAlphaOptions UnknownVersionInteroperabilityProxy WindowsCPUAndMemoryAffinity
"""
_BETA_ON = """
    APIResponseCompression APIServerIdentity AllowParsingUserUIDFromCertAuth CPUManagerPolicyBetaOptions
    ContainerCheckpoint ContextualLogging DRAAdminAccess DRAPrioritizedList DRAResourceClaimDeviceStatus
    DRASchedulerFilterTimeout DeclarativeValidation DetectCacheInconsistency DisableCPUQuotaWithExclusiveCPUs
    ExternalServiceAccountTokenSigner GracefulNodeShutdown GracefulNodeShutdownBasedOnPodPriority ImageMaximumGCAge
    InOrderInformers InPlacePodVerticalScaling JobManagedBy KubeletFineGrainedAuthz KubeletPSI
    KubeletPodResourcesDynamicResources KubeletPodResourcesGet KubeletSeparateDiskGC
    KubeletServiceAccountTokenForCredentialProviders ListFromCacheSnapshot LoggingBetaOptions
    MatchLabelKeysInPodTopologySpread MatchLabelKeysInPodTopologySpreadSelectorMerge OpenAPIEnums PodDeletionCost
    PodLevelResources PodObservedGenerationTracking PodReadyToStartContainersCondition PortForwardWebsockets
    PreferSameTrafficDistribution PreventStaticPodAPIReferences ProcMountType ReloadKubeletServerCertificateFile
    RemoteRequestHeaderUID RotateKubeletServerCertificate SELinuxChangePolicy SELinuxMountReadWriteOncePod
    SchedulerAsyncPreemption SchedulerPopFromBackoffQ ServiceAccountNodeAudienceRestriction
    SizeBasedListCostEstimate StatefulSetSemanticRevisionComparison StorageVersionHash
    StructuredAuthenticationConfigurationEgressSelector SupplementalGroupsPolicy SystemdWatchdog
    TokenRequestServiceAccountUIDValidation TopologyManagerPolicyBetaOptions TranslateStreamCloseWebsocketRequests
    UnauthenticatedHTTP2DOSMitigation UserNamespacesSupport WatchList WindowsGracefulNodeShutdown
"""
_BETA_OFF = """
    AllBeta ClusterTrustBundle ClusterTrustBundleProjection ConcurrentWatchObjectDecode CoordinatedLeaderElection
    DeclarativeValidationTakeover ImageVolume LocalStorageCapacityIsolationFSQuotaMonitoring
    MutableCSINodeAllocatableCount MutatingAdmissionPolicy NodeLogQuery SELinuxMount SchedulerAsyncAPICalls
    WatchCacheInitializationPostStartHook WatchListClient
"""
_GA = """
    APIServerTracing AnonymousAuthConfigurableEndpoints AnyVolumeDataSource AuthorizeNodeWithSelectors
    AuthorizeWithSelectors BtreeWatchCache CPUManagerPolicyOptions CRDValidationRatcheting CSIMigrationPortworx
    ConsistentListFromCache CustomResourceFieldSelectors DisableAllocatorDualWrite DynamicResourceAllocation
    ExecProbeTimeout HonorPVReclaimPolicy JobBackoffLimitPerIndex JobPodReplacementPolicy JobSuccessPolicy
    KubeletCgroupDriverFromCRI KubeletTracing LogarithmicScaleDown MatchLabelKeysInPodAffinity MemoryManager
    MultiCIDRServiceAllocator NFTablesProxyMode NodeInclusionPolicyInPodTopologySpread NodeSwap
    OrderedNamespaceDeletion PodLifecycleSleepAction PodLifecycleSleepActionAllowZero PodSchedulingReadiness
    RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation
    RelaxedEnvironmentVariableValidation ResilientWatchCacheInitialization RetryGenerateName SchedulerQueueingHints
    SeparateTaintEvictionController ServiceAccountTokenJTI ServiceAccountTokenNodeBinding
    ServiceAccountTokenNodeBindingValidation ServiceAccountTokenPodNodeInfo ServiceTrafficDistribution
    SidecarContainers StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf
    StructuredAuthenticationConfiguration StructuredAuthorizationConfiguration TopologyAwareHints
    TopologyManagerPolicyOptions VolumeAttributesClass WinDSR WinOverlay
"""
_DEPRECATED_ON = """
    AggregatedDiscoveryRemoveBetaType DisableNodeKubeProxyVersion KubeletPodResourcesListUseActivePods
    StorageNamespaceIndex
"""
_DEPRECATED_OFF = """
    AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests AllowOverwriteTerminationGracePeriodSeconds
    GitRepoVolumeDriver InPlacePodVerticalScalingAllocatedStatus KMSv1 KubeletRegistrationGetOnExistsOnly
    SeparateCacheWatchRPC WatchFromStorageWithoutResourceVersion WindowsHostNetwork
"""
_STATES = (
    (_ALPHA, ALPHA, 0),
    (_BETA_ON, BETA, 1),
    (_BETA_OFF, BETA, 0),
    (_GA, GA, 1),
    (_DEPRECATED_ON, DEPRECATED, 1),
    (_DEPRECATED_OFF, DEPRECATED, 0),
)


def defaults() -> dict[tuple[str, ...], float]:
    """(name, stage) → 1 for a gate that is on."""
    return {(name, stage): on for names, stage, on in _STATES for name in names.split()}


def add_to(registry: Registry) -> None:
    """The metric, as everybody asks it of `/metrics`."""
    text = "1 for a feature gate that v1.34 has on by default, 0 for one that it has off."
    registry.callback("kubernetes_feature_enabled", text, ("name", "stage"), defaults, "BETA")
