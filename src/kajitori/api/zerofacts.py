"""What Kubernetes' schemas do not tell of its types: which zeros they print.

Three things decide whether a field that is false, 0, empty or null is there when an object is printed. A struct that is
held by value always is, and so is a field that its type never leaves out: those are listed, type by type, with the zero
they show. Of the rest an empty list or map is never there. A number, a word or a yes-or-no is not there when it is held
by value, and there when it is pointed to: that follows from its name, but for a few types where it is the other way
round. What validation demands anyhow is in no list.

May import: orjson.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import orjson

_SHOWN = """
apps.v1.ControllerRevision revision=0
apps.v1.DaemonSet spec={} status={}
apps.v1.DaemonSetStatus currentNumberScheduled=0 desiredNumberScheduled=0 numberMisscheduled=0 numberReady=0
apps.v1.DaemonSetSpec updateStrategy={}
apps.v1.DaemonSetCondition lastTransitionTime=null
apps.v1.Deployment spec={} status={}
apps.v1.DeploymentSpec strategy={}
apps.v1.DeploymentCondition lastTransitionTime=null lastUpdateTime=null
apps.v1.ReplicaSet spec={} status={}
apps.v1.ReplicaSetSpec template={}
apps.v1.ReplicaSetStatus replicas=0
apps.v1.ReplicaSetCondition lastTransitionTime=null
apps.v1.StatefulSet spec={} status={}
apps.v1.StatefulSetSpec serviceName="" updateStrategy={}
apps.v1.StatefulSetOrdinals start=0
apps.v1.StatefulSetCondition lastTransitionTime=null
apps.v1.StatefulSetStatus availableReplicas=0 replicas=0
core.v1.ReplicationController spec={} status={}
core.v1.ReplicationControllerStatus replicas=0
core.v1.ReplicationControllerCondition lastTransitionTime=null
core.v1.Pod spec={} status={}
core.v1.PodTemplate template={}
core.v1.PodTemplateSpec metadata={} spec={}
batch.v1.Job spec={} status={}
batch.v1.CronJob spec={} status={}
batch.v1.PodFailurePolicy rules=null
batch.v1.JobCondition lastProbeTime=null lastTransitionTime=null
batch.v1.JobTemplateSpec metadata={} spec={}
policy.v1.PodDisruptionBudget spec={} status={}
policy.v1.PodDisruptionBudgetStatus currentHealthy=0 desiredHealthy=0 disruptionsAllowed=0 expectedPods=0
core.v1.Container resources={}
core.v1.EphemeralContainer resources={}
core.v1.ContainerStatus image="" imageID="" lastState={} ready=false restartCount=0 state={}
core.v1.ContainerStateRunning startedAt=null
core.v1.ContainerStateTerminated exitCode=0 finishedAt=null startedAt=null
core.v1.PodCondition lastProbeTime=null lastTransitionTime=null
core.v1.GRPCAction service=""
core.v1.ProjectedVolumeSource sources=null
core.v1.PersistentVolumeClaimTemplate metadata={}
core.v1.ResourceFieldSelector divisor="0"
core.v1.Event eventTime=null firstTimestamp=null lastTimestamp=null source={}
core.v1.EventSeries lastObservedTime=null
core.v1.Event reportingComponent="" reportingInstance=""
events.v1.Event deprecatedFirstTimestamp=null deprecatedLastTimestamp=null deprecatedSource={}
events.v1.Event eventTime=null regarding={}
core.v1.Namespace spec={} status={}
core.v1.NamespaceCondition lastTransitionTime=null
core.v1.NodeCondition lastHeartbeatTime=null lastTransitionTime=null
core.v1.Node spec={} status={}
core.v1.NodeStatus daemonEndpoints={} nodeInfo={}
core.v1.NodeDaemonEndpoints kubeletEndpoint={}
core.v1.DaemonEndpoint Port=0
core.v1.NodeSystemInfo architecture="" bootID="" containerRuntimeVersion="" kernelVersion="" kubeProxyVersion=""
core.v1.NodeSystemInfo kubeletVersion="" machineID="" operatingSystem="" osImage="" systemUUID=""
core.v1.NodeRuntimeHandler name=""
core.v1.ContainerImage names=null
core.v1.LimitRange spec={}
core.v1.LimitRangeSpec limits=null
core.v1.PersistentVolume spec={} status={}
core.v1.AzureFilePersistentVolumeSource secretNamespace=null
core.v1.TypedLocalObjectReference apiGroup=null
core.v1.TypedObjectReference apiGroup=null
core.v1.PersistentVolumeClaim spec={} status={}
core.v1.PersistentVolumeClaimSpec resources={}
core.v1.PersistentVolumeClaimCondition lastProbeTime=null lastTransitionTime=null
core.v1.ResourceQuota spec={} status={}
core.v1.Service spec={} status={}
core.v1.ServiceStatus loadBalancer={}
networking.v1.Ingress spec={} status={}
networking.v1.IngressStatus loadBalancer={}
networking.v1.IngressClass spec={}
networking.v1.IngressServiceBackend port={}
networking.v1.NetworkPolicy spec={}
networking.v1.NetworkPolicySpec podSelector={}
networking.v1.ServiceCIDR spec={} status={}
discovery.v1.EndpointSlice endpoints=null ports=null
discovery.v1.Endpoint conditions={}
coordination.v1.Lease spec={}
rbac.v1.ClusterRole rules=null
rbac.v1.Role rules=null
certificates.v1.CertificateSigningRequest status={}
certificates.v1.CertificateSigningRequestCondition lastTransitionTime=null lastUpdateTime=null
storage.v1.CSIDriver spec={}
storage.v1.CSINodeSpec drivers=null
storage.v1.CSINodeDriver topologyKeys=null
storage.v1.VolumeAttachment status={}
storage.v1.VolumeAttachmentStatus attached=false
storage.v1.VolumeError time=null
scheduling.v1.PriorityClass value=0
flowcontrol.v1.FlowSchema spec={} status={}
flowcontrol.v1.FlowSchemaCondition lastTransitionTime=null
flowcontrol.v1.ResourcePolicyRule namespaces=null
flowcontrol.v1.PriorityLevelConfiguration spec={} status={}
flowcontrol.v1.PriorityLevelConfigurationCondition lastTransitionTime=null
flowcontrol.v1.LimitedPriorityLevelConfiguration limitResponse={}
admissionregistration.v1.ValidatingAdmissionPolicy spec={} status={}
admissionregistration.v1.ValidatingAdmissionPolicyBinding spec={}
apiregistration.v1.APIService spec={} status={}
resource.v1.ResourceClaim spec={} status={}
resource.v1.ResourceClaimSpec devices={}
resource.v1.ResourceClaimTemplateSpec metadata={}
resource.v1.DeviceClaim requests=null
resource.v1.AllocationResult devices={}
resource.v1.AllocatedDeviceStatus conditions=null
resource.v1.CapacityRequestPolicy default=null
autoscaling.v1.HorizontalPodAutoscaler spec={} status={}
autoscaling.v1.HorizontalPodAutoscalerStatus currentReplicas=0 desiredReplicas=0
autoscaling.v2.HorizontalPodAutoscaler spec={} status={}
autoscaling.v2.HorizontalPodAutoscalerStatus currentMetrics=null desiredReplicas=0
autoscaling.v2.HorizontalPodAutoscalerCondition lastTransitionTime=null
apiextensions.v1.CustomResourceDefinitionCondition lastTransitionTime=null
networking.v1.IPAddress spec={}
"""
"""What is there though nobody has set it, and what it shows then. A list that is empty shows the same as none."""

_PLAIN_NUMBERS = """
    active authenticated availableReplicas chapAuthDiscovery chapAuthSession clusterScope count currentReplicas denied
    deprecated deprecatedCount exclusiveMaximum exclusiveMinimum failed failureThreshold fullyLabeledReplicas
    generation globalDefault healthCheckNodePort hostIPC hostNetwork hostPID hostPort initialDelaySeconds
    insecureSkipTLSVerify minReadySeconds nodePort nullable number numberAvailable numberUnavailable
    observedGeneration partition paused periodSeconds preserveUnknownFields publishNotReadyAddresses readOnly
    readyReplicas signal sizeBytes sslEnabled stdin stdinOnce succeeded successThreshold tty unavailableReplicas
    uniqueItems unschedulable updatedNumberScheduled updatedReplicas x-kubernetes-embedded-resource
    x-kubernetes-int-or-string
"""
"""Optional numbers and booleans that are held by value; all others are pointed to."""

_POINTED_STRINGS = """
    $ref appProtocol cachingMode completionMode currentVolumeAttributesClassName deprecationWarning distinctAttribute
    endpointsNamespace extendedResourceName failedIndexes failurePolicy fsGroupChangePolicy fsGroupPolicy
    gmsaCredentialSpec gmsaCredentialSpecName holderIdentity hostnameOverride ingressClassName initiatorName
    internalTrafficPolicy ipFamilyPolicy ipMode labelSelectorPath loadBalancerClass localhostProfile managedBy
    matchAttribute matchPolicy mountPropagation nodeAffinityPolicy nodeTaintsPolicy parameterNotFoundAction
    persistentVolumeName podReplacementPolicy preemptionPolicy preferredHolder procMount propagationPolicy
    reclaimPolicy recursiveReadOnly reinvocationPolicy resourceClaimName resourceClaimTemplateName runAsUserName
    runtimeClassName scope seLinuxChangePolicy selectPolicy shareID stopSignal strategy string succeededIndexes
    supplementalGroupsPolicy timeZone trafficDistribution unhealthyPodEvictionPolicy volumeAttributesClassName
    volumeBindingMode volumeMode x-kubernetes-list-type x-kubernetes-map-type zone
"""
"""Optional strings that are pointed to; all others are held by value."""

_OTHERWISE = """
admissionregistration.v1.ServiceReference path
admissionregistration.v1.Validation reason
admissionregistration.v1.WebhookClientConfig url
apiextensions.v1.CustomResourceColumnDefinition priority
apiextensions.v1.JSONSchemaProps dependencies
apiextensions.v1.ServiceReference path
apiextensions.v1.ValidationRule reason
apiextensions.v1.WebhookClientConfig url
apps.v1.DeploymentStatus replicas
apps.v1.RollingUpdateStatefulSetStrategy partition
autoscaling.v1.HorizontalPodAutoscalerStatus observedGeneration
autoscaling.v1.ScaleSpec replicas
autoscaling.v2.HPAScalingRules policies
autoscaling.v2.HorizontalPodAutoscalerStatus observedGeneration
batch.v1.PodFailurePolicyOnExitCodesRequirement containerName
core.v1.AzureDiskVolumeSource fsType kind readOnly
core.v1.CSIVolumeSource fsType readOnly
core.v1.ClusterTrustBundleProjection name signerName
core.v1.Container restartPolicy
core.v1.EndpointAddress nodeName
core.v1.EphemeralContainer restartPolicy
core.v1.HostPathVolumeSource type
core.v1.LocalVolumeSource fsType
core.v1.PersistentVolumeClaimSpec storageClassName
core.v1.PodDNSConfigOption value
core.v1.PortStatus error
core.v1.Probe timeoutSeconds
core.v1.TypedObjectReference namespace
discovery.v1.Endpoint hostname nodeName
discovery.v1.EndpointPort name protocol
meta.v1.Preconditions resourceVersion uid
networking.v1.IngressClassParametersReference apiGroup namespace
networking.v1.IngressPortStatus error
networking.v1.NetworkPolicyPort protocol
resource.v1.Device nodeName
resource.v1.DeviceAttribute version
resource.v1.ResourceSliceSpec nodeName
storage.v1.VolumeNodeResources count
"""
"""Scalars that are the other way round than their names say; a list or map that is refused when it is empty."""

POINTED_STRUCTS = frozenset({"secretRef", "selector", "parentRef"})
"""Required structs that are pointed to, so that there is nothing before somebody sets them."""

_SCHEMA = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
SCHEMAS_OR = {_SCHEMA + "Or" + other: _SCHEMA for other in ("Array", "Bool", "StringArray")}
"""Types that are a schema or something else; to their own schema they are anything."""


class Facts(NamedTuple):
    """Of one type: what it shows though nobody has set it, and the fields that are otherwise than their names say."""

    shown: dict[str, Any]
    otherwise: frozenset[str]

    def is_plain(self, name: str, kind: str) -> bool:
        """Whether an optional scalar is held by value, so that its zero means that it is not there."""
        numbers, strings = _names()
        by_name = name not in strings if kind == "string" else name in numbers
        return by_name is not (name in self.otherwise)


def of(definition: str) -> Facts:
    """Of the type with a definition's full name, such as `io.k8s.api.core.v1.Pod`."""
    name = ".".join(definition.split(".")[-3:])
    shown, otherwise = _by_type()
    return Facts(shown.get(name, {}), otherwise.get(name, frozenset()))


@functools.cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(_PLAIN_NUMBERS.split()), frozenset(_POINTED_STRINGS.split())


@functools.cache
def _by_type() -> tuple[dict[str, dict[str, Any]], dict[str, frozenset[str]]]:
    shown: dict[str, dict[str, Any]] = {}
    for line in _SHOWN.strip().split("\n"):
        name, *words = line.split()
        for word in words:
            field, _, zero = word.partition("=")
            shown.setdefault(name, {})[field] = orjson.loads(zero)
    fields = (line.split() for line in _OTHERWISE.strip().split("\n"))
    return shown, {name: frozenset(others) for name, *others in fields}
