"""What a Table says of its columns, read when a Table of a kind is first made.

Most columns show a field, and are described as the field is: the texts are those of the OpenAPI definitions, so nothing
of them is kept here, only where to look (`PodStatus.podIP`, of the kind's own group and version). What no field says
stands in words.

May import: api.{definitions,naming}.
"""

from __future__ import annotations

from kajitori.api import definitions, naming

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_EVERYWHERE = {"Name": "name", "Age": "creationTimestamp", "Created At": "creationTimestamp"}
_READY = "How many of the wanted pods are ready."
_WORKLOAD = {
    "Containers": "The names of the template's containers.",
    "Images": "The images that the template's containers run.",
}
_PARAMETERS = {
    "PolicyName": "The policy that is bound.",
    "ParamRef": "The object that holds the policy's parameters.",
    "ParamKind": "The kind of objects that hold the policy's parameters.",
    "Validations": "How many validations the policy has.",
}
_WEBHOOKS = {"Webhooks": "How many webhooks the configuration registers."}


def _subjects(kind: str) -> dict[str, str]:
    return {
        "Role": f"{kind}.roleRef",
        "Users": "The users that the role is given to.",
        "Groups": "The groups that the role is given to.",
        "ServiceAccounts": "The service accounts that the role is given to.",
    }


_TEXTS: dict[str, dict[str, str]] = {
    "Pod": {
        "Ready": "How many of the pod's containers are ready to serve.",
        "Status": "What the states of the pod's containers come to.",
        "Restarts": "How often the pod's containers were started again, and when the last of them was.",
        "IP": "PodStatus.podIP",
        "Node": "PodSpec.nodeName",
        "Nominated Node": "PodStatus.nominatedNodeName",
        "Readiness Gates": "PodSpec.readinessGates",
    },
    "PodTemplate": {**_WORKLOAD, "Pod Labels": "The labels of pods made from the template."},
    "PodDisruptionBudget": {
        "Min Available": "PodDisruptionBudgetSpec.minAvailable",
        "Max Unavailable": "PodDisruptionBudgetSpec.maxUnavailable",
        "Allowed Disruptions": "PodDisruptionBudgetStatus.disruptionsAllowed",
    },
    "ReplicationController": {
        **_WORKLOAD,
        "Desired": "ReplicationControllerSpec.replicas",
        "Current": "ReplicationControllerStatus.replicas",
        "Ready": "ReplicationControllerStatus.readyReplicas",
        "Selector": "ReplicationControllerSpec.selector",
    },
    "ReplicaSet": {
        **_WORKLOAD,
        "Desired": "ReplicaSetSpec.replicas",
        "Current": "ReplicaSetStatus.replicas",
        "Ready": "ReplicaSetStatus.readyReplicas",
        "Selector": "ReplicaSetSpec.selector",
    },
    "DaemonSet": {
        **_WORKLOAD,
        "Desired": "DaemonSetStatus.desiredNumberScheduled",
        "Current": "DaemonSetStatus.currentNumberScheduled",
        "Ready": "DaemonSetStatus.numberReady",
        "Up-to-date": "DaemonSetStatus.updatedNumberScheduled",
        "Available": "DaemonSetStatus.numberAvailable",
        "Node Selector": "core.v1.PodSpec.nodeSelector",
        "Selector": "DaemonSetSpec.selector",
    },
    "Deployment": {
        **_WORKLOAD,
        "Ready": _READY,
        "Up-to-date": "DeploymentStatus.updatedReplicas",
        "Available": "DeploymentStatus.availableReplicas",
        "Selector": "DeploymentSpec.selector",
    },
    "StatefulSet": {**_WORKLOAD, "Ready": _READY},
    "ControllerRevision": {
        "Controller": "The object that the revision belongs to.",
        "Revision": "ControllerRevision.revision",
    },
    "Job": {
        **_WORKLOAD,
        "Status": "What the job is doing, or how it ended.",
        "Completions": "JobStatus.succeeded",
        "Duration": "How long the job took, or has taken until now.",
        "Selector": "JobSpec.selector",
    },
    "CronJob": {
        **_WORKLOAD,
        "Schedule": "CronJobSpec.schedule",
        "Timezone": "CronJobSpec.timeZone",
        "Suspend": "CronJobSpec.suspend",
        "Active": "CronJobStatus.active",
        "Last Schedule": "CronJobStatus.lastScheduleTime",
        "Selector": "JobSpec.selector",
    },
    "Service": {
        "Type": "ServiceSpec.type",
        "Cluster-IP": "ServiceSpec.clusterIP",
        "External-IP": "ServiceSpec.externalIPs",
        "Port(s)": "ServiceSpec.ports",
        "Selector": "ServiceSpec.selector",
    },
    "Ingress": {
        "Class": "IngressSpec.ingressClassName",
        "Hosts": "The host names whose requests the rules take.",
        "Address": "IngressLoadBalancerStatus.ingress",
        "Ports": "The ports that are open: 80, and 443 where TLS is configured.",
    },
    "IngressClass": {
        "Controller": "The controller that serves this class.",
        "Parameters": "The object that holds more parameters of the class.",
    },
    "IPAddress": {"ParentRef": "IPAddressSpec.parentRef"},
    "ServiceCIDR": {"CIDRs": "ServiceCIDRSpec.cidrs"},
    "NetworkPolicy": {"Pod-Selector": "NetworkPolicySpec.podSelector"},
    "Endpoints": {"Endpoints": "Endpoints.subsets"},
    "EndpointSlice": {
        "AddressType": "EndpointSlice.addressType",
        "Ports": "EndpointSlice.ports",
        "Endpoints": "EndpointSlice.endpoints",
    },
    "Node": {
        "Status": "Whether the node is ready, and whether pods may be put on it.",
        "Roles": "The node's roles, as its labels tell them.",
        "Version": "NodeSystemInfo.kubeletVersion",
        "Internal-IP": "NodeStatus.addresses",
        "External-IP": "NodeStatus.addresses",
        "OS-Image": "NodeSystemInfo.osImage",
        "Kernel-Version": "NodeSystemInfo.kernelVersion",
        "Container-Runtime": "NodeSystemInfo.containerRuntimeVersion",
    },
    "Event": {
        "Last Seen": "core.v1.Event.lastTimestamp",
        "Type": "core.v1.Event.type",
        "Reason": "core.v1.Event.reason",
        "Object": "core.v1.Event.involvedObject",
        "Subobject": "core.v1.ObjectReference.fieldPath",
        "Source": "core.v1.Event.source",
        "Message": "core.v1.Event.message",
        "First Seen": "core.v1.Event.firstTimestamp",
        "Count": "core.v1.Event.count",
    },
    "Namespace": {"Status": "NamespaceStatus.phase"},
    "Secret": {"Type": "Secret.type", "Data": "Secret.data"},
    "ConfigMap": {"Data": "ConfigMap.data"},
    "ServiceAccount": {"Secrets": "ServiceAccount.secrets"},
    "PersistentVolume": {
        "Capacity": "PersistentVolumeSpec.capacity",
        "Access Modes": "PersistentVolumeSpec.accessModes",
        "Reclaim Policy": "PersistentVolumeSpec.persistentVolumeReclaimPolicy",
        "Status": "PersistentVolumeStatus.phase",
        "Claim": "PersistentVolumeSpec.claimRef",
        "StorageClass": "PersistentVolumeSpec.storageClassName",
        "VolumeAttributesClass": "PersistentVolumeSpec.volumeAttributesClassName",
        "Reason": "PersistentVolumeStatus.reason",
        "VolumeMode": "PersistentVolumeSpec.volumeMode",
    },
    "PersistentVolumeClaim": {
        "Status": "PersistentVolumeClaimStatus.phase",
        "Volume": "PersistentVolumeClaimSpec.volumeName",
        "Capacity": "PersistentVolumeClaimStatus.capacity",
        "Access Modes": "PersistentVolumeClaimStatus.accessModes",
        "StorageClass": "PersistentVolumeClaimSpec.storageClassName",
        "VolumeAttributesClass": "PersistentVolumeClaimSpec.volumeAttributesClassName",
        "VolumeMode": "PersistentVolumeClaimSpec.volumeMode",
    },
    "ComponentStatus": {
        "Status": "Whether the component is healthy.",
        "Message": "ComponentCondition.message",
        "Error": "ComponentCondition.error",
    },
    "ResourceQuota": {
        "Request": "What is used of what may be requested, and how many objects there are and may be.",
        "Limit": "What is used of what containers may be limited to.",
    },
    "HorizontalPodAutoscaler": {
        "Reference": "autoscaling.v2.HorizontalPodAutoscalerSpec.scaleTargetRef",
        "Targets": "autoscaling.v2.HorizontalPodAutoscalerSpec.metrics",
        "MinPods": "autoscaling.v2.HorizontalPodAutoscalerSpec.minReplicas",
        "MaxPods": "autoscaling.v2.HorizontalPodAutoscalerSpec.maxReplicas",
        "Replicas": "autoscaling.v2.HorizontalPodAutoscalerStatus.currentReplicas",
    },
    "Scale": {"Desired": "ScaleSpec.replicas", "Available": "ScaleStatus.replicas"},
    "RoleBinding": _subjects("RoleBinding"),
    "ClusterRoleBinding": _subjects("ClusterRoleBinding"),
    "CertificateSigningRequest": {
        "SignerName": "CertificateSigningRequestSpec.signerName",
        "Requestor": "CertificateSigningRequestSpec.username",
        "RequestedDuration": "CertificateSigningRequestSpec.expirationSeconds",
        "Condition": "CertificateSigningRequestStatus.conditions",
    },
    "Lease": {"Holder": "LeaseSpec.holderIdentity"},
    "StorageClass": {
        "Provisioner": "StorageClass.provisioner",
        "ReclaimPolicy": "StorageClass.reclaimPolicy",
        "VolumeBindingMode": "StorageClass.volumeBindingMode",
        "AllowVolumeExpansion": "StorageClass.allowVolumeExpansion",
    },
    "VolumeAttributesClass": {"DriverName": "VolumeAttributesClass.driverName"},
    "VolumeAttachment": {
        "Attacher": "VolumeAttachmentSpec.attacher",
        "PV": "VolumeAttachmentSource.persistentVolumeName",
        "Node": "VolumeAttachmentSpec.nodeName",
        "Attached": "VolumeAttachmentStatus.attached",
    },
    "CSINode": {"Drivers": "How many CSI drivers are registered on the node."},
    "CSIDriver": {
        "AttachRequired": "CSIDriverSpec.attachRequired",
        "PodInfoOnMount": "CSIDriverSpec.podInfoOnMount",
        "StorageCapacity": "CSIDriverSpec.storageCapacity",
        "TokenRequests": "CSIDriverSpec.tokenRequests",
        "RequiresRepublish": "CSIDriverSpec.requiresRepublish",
        "Modes": "CSIDriverSpec.volumeLifecycleModes",
    },
    "CSIStorageCapacity": {
        "StorageClassName": "CSIStorageCapacity.storageClassName",
        "Capacity": "CSIStorageCapacity.capacity",
    },
    "PriorityClass": {
        "Value": "PriorityClass.value",
        "Global-Default": "PriorityClass.globalDefault",
        "PreemptionPolicy": "PriorityClass.preemptionPolicy",
    },
    "RuntimeClass": {"Handler": "RuntimeClass.handler"},
    "MutatingWebhookConfiguration": _WEBHOOKS,
    "ValidatingWebhookConfiguration": _WEBHOOKS,
    "ValidatingAdmissionPolicy": _PARAMETERS,
    "ValidatingAdmissionPolicyBinding": _PARAMETERS,
    "FlowSchema": {
        "PriorityLevel": "PriorityLevelConfigurationReference.name",
        "MatchingPrecedence": "FlowSchemaSpec.matchingPrecedence",
        "DistinguisherMethod": "FlowSchemaSpec.distinguisherMethod",
        "MissingPL": "Whether the priority level that is referred to is missing.",
    },
    "PriorityLevelConfiguration": {
        "Type": "PriorityLevelConfigurationSpec.type",
        "NominalConcurrencyShares": "LimitedPriorityLevelConfiguration.nominalConcurrencyShares",
        "Queues": "QueuingConfiguration.queues",
        "HandSize": "QueuingConfiguration.handSize",
        "QueueLengthLimit": "QueuingConfiguration.queueLengthLimit",
    },
    "ResourceClaim": {"State": "Whether the claim is pending, allocated, reserved or on its way out."},
    "ResourceSlice": {
        "Node": "ResourceSliceSpec.nodeName",
        "Driver": "ResourceSliceSpec.driver",
        "Pool": "ResourcePool.name",
    },
    "APIService": {
        "Service": "The Service that answers for this version; Local for the API server's own.",
        "Available": "Whether this version is served.",
    },
}


def text(group: str, version: str, kind: str, column: str) -> str:
    """The description of a column; empty where nothing is known of it."""
    if column in _EVERYWHERE:
        return _of_field(_META, _EVERYWHERE[column])
    told = _TEXTS.get(kind, {}).get(column, "")
    if not told or told.endswith("."):
        return told
    owner, _, field = told.rpartition(".")
    if "." in owner:
        return _of_field(f"io.k8s.api.{owner}", field)
    return _of_field(naming.definition_name(group, version, owner), field)


def _of_field(definition: str, field: str) -> str:
    return str(definitions.full(definition)["properties"][field].get("description", ""))
