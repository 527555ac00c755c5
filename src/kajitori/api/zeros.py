"""Fields that are there even when nobody has set them: upstream's types print a struct's zero where it is no pointer.

A Deployment has `status: {}` before any controller has seen it, a container `resources: {}`, a Role without rules
`rules: null`. What is always there anyhow, since validation demands it, is not in the table.

    fill    puts the zeros of a kind into a wire dict, as deep as it has objects

May import: api.definitions.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import orjson

from kajitori.api import definitions

Object = dict[str, Any]

_TABLE = """
apps.v1.DaemonSet spec={} status={}
apps.v1.DaemonSetStatus currentNumberScheduled=0 desiredNumberScheduled=0 numberMisscheduled=0 numberReady=0
apps.v1.DaemonSetSpec updateStrategy={}
apps.v1.Deployment spec={} status={}
apps.v1.DeploymentSpec strategy={}
apps.v1.ReplicaSet spec={} status={}
apps.v1.ReplicaSetSpec template={}
apps.v1.ReplicaSetStatus replicas=0
apps.v1.StatefulSet spec={} status={}
apps.v1.StatefulSetSpec updateStrategy={}
apps.v1.StatefulSetStatus availableReplicas=0 replicas=0
core.v1.ReplicationController spec={} status={}
core.v1.ReplicationControllerStatus replicas=0
core.v1.PodTemplate template={}
core.v1.PodTemplateSpec metadata={} spec={}
batch.v1.Job spec={} status={}
batch.v1.CronJob spec={} status={}
batch.v1.JobTemplateSpec metadata={} spec={}
policy.v1.PodDisruptionBudget spec={} status={}
policy.v1.PodDisruptionBudgetStatus currentHealthy=0 desiredHealthy=0 disruptionsAllowed=0 expectedPods=0
core.v1.Container resources={}
core.v1.EphemeralContainer resources={}
core.v1.ContainerStatus image="" imageID="" lastState={} ready=false restartCount=0 state={}
core.v1.ContainerStateRunning startedAt=null
core.v1.ContainerStateTerminated exitCode=0 finishedAt=null startedAt=null
core.v1.PodCondition lastProbeTime=null lastTransitionTime=null
core.v1.ResourceFieldSelector divisor="0"
core.v1.Event eventTime=null firstTimestamp=null lastTimestamp=null source={}
core.v1.Event reportingComponent="" reportingInstance=""
events.v1.Event deprecatedFirstTimestamp=null deprecatedLastTimestamp=null deprecatedSource={}
events.v1.Event eventTime=null regarding={}
core.v1.Namespace spec={} status={}
core.v1.NodeCondition lastHeartbeatTime=null lastTransitionTime=null
core.v1.Node spec={} status={}
core.v1.NodeStatus daemonEndpoints={} nodeInfo={}
core.v1.NodeDaemonEndpoints kubeletEndpoint={}
core.v1.DaemonEndpoint Port=0
core.v1.NodeSystemInfo architecture="" bootID="" containerRuntimeVersion="" kernelVersion="" kubeProxyVersion=""
core.v1.NodeSystemInfo kubeletVersion="" machineID="" operatingSystem="" osImage="" systemUUID=""
core.v1.LimitRange spec={}
core.v1.LimitRangeSpec limits=null
core.v1.PersistentVolume spec={} status={}
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
storage.v1.CSIDriver spec={}
storage.v1.CSINodeSpec drivers=null
storage.v1.CSINodeDriver topologyKeys=null
storage.v1.VolumeAttachment status={}
storage.v1.VolumeAttachmentStatus attached=false
flowcontrol.v1.FlowSchema spec={} status={}
flowcontrol.v1.PriorityLevelConfiguration spec={} status={}
admissionregistration.v1.ValidatingAdmissionPolicy spec={} status={}
admissionregistration.v1.ValidatingAdmissionPolicyBinding spec={}
apiregistration.v1.APIService spec={} status={}
resource.v1.ResourceClaim spec={} status={}
resource.v1.ResourceClaimSpec devices={}
autoscaling.v1.HorizontalPodAutoscaler spec={} status={}
autoscaling.v1.HorizontalPodAutoscalerStatus currentReplicas=0 desiredReplicas=0
autoscaling.v2.HorizontalPodAutoscaler spec={} status={}
autoscaling.v2.HorizontalPodAutoscalerStatus currentMetrics=null desiredReplicas=0
"""


class Filler(NamedTuple):
    """The zeros of a type, as JSON, for each use is a fresh value; and those of the types of its fields."""

    zeros: dict[str, bytes]
    children: dict[str, Filler]


def fill(filler: Filler, obj: Object) -> None:
    """Put in what is not there."""
    for key, zero in filler.zeros.items():
        if key not in obj:
            obj[key] = orjson.loads(zero)
    for key, child in filler.children.items():
        value = obj.get(key)
        if isinstance(value, dict):
            fill(child, value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    fill(child, item)


@functools.cache
def filler_of(definition: str) -> Filler | None:
    """For a type and all within it; None where nothing is ever missing."""
    return _filler(definition, ())


def _filler(definition: str, above: tuple[str, ...]) -> Filler | None:
    children = {}
    for key, child in definitions.node(definition).properties.items():
        name = (child.items or child).target
        if not name or name in above:  # schemas within schemas have no zeros of their own
            continue
        found = _filler(name, (*above, definition))
        if found is not None:
            children[key] = found
    zeros = _zeros().get(".".join(definition.split(".")[-3:]), {})
    return Filler(zeros, children) if zeros or children else None


@functools.cache
def _zeros() -> dict[str, dict[str, bytes]]:
    table: dict[str, dict[str, bytes]] = {}
    for line in _TABLE.strip().split("\n"):
        name, *words = line.split()
        found = table.setdefault(name, {})
        for word in words:
            key, _, zero = word.partition("=")
            found[key] = zero.encode()
    return table
