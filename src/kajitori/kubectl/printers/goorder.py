"""The order in which Go's structs write their fields as JSON, for the objects that verbs such as ``create`` build.

Fields that are not listed come last, in the order given. Pure.
"""

from __future__ import annotations

from typing import Any

_TYPE = ("kind", "apiVersion", "metadata", "spec", "status")
_META = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
    "managedFields",
)  # fmt: skip
_ORDERS: dict[str, tuple[str, ...]] = {
    "": _TYPE,
    "metadata": _META,
    "spec": (
        "minReadySeconds", "parallelism", "completions", "activeDeadlineSeconds", "schedule", "timeZone",
        "startingDeadlineSeconds", "concurrencyPolicy", "suspend", "jobTemplate", "replicas", "ports", "selector",
        "template", "strategy", "volumes", "initContainers", "containers", "restartPolicy",
        "terminationGracePeriodSeconds", "dnsPolicy", "nodeSelector", "serviceAccountName", "serviceAccount",
        "nodeName", "hostNetwork", "securityContext", "schedulerName", "clusterIP", "clusterIPs", "type",
        "externalIPs", "sessionAffinity", "externalName", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy",
        "revisionHistoryLimit", "progressDeadlineSeconds", "hard", "scopes", "defaultBackend", "tls", "rules",
        "minAvailable", "maxUnavailable", "scaleTargetRef", "minReplicas", "maxReplicas", "metrics",
        "audiences", "expirationSeconds", "boundObjectRef", "ingressClassName",
    ),
    "containers": (
        "name", "image", "command", "args", "workingDir", "ports", "envFrom", "env", "resources", "volumeMounts",
        "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "terminationMessagePath",
        "terminationMessagePolicy", "imagePullPolicy", "securityContext", "stdin", "stdinOnce", "tty",
    ),
    "ports": ("name", "hostPort", "protocol", "appProtocol", "port", "targetPort", "nodePort", "containerPort"),
    "subjects": ("kind", "apiGroup", "name", "namespace"),
    "roleRef": ("apiGroup", "kind", "name"),
    "rules": ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs", "host", "http"),
    "scaleTargetRef": ("kind", "name", "apiVersion"),
    "managedFields": ("manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"),
    "conditions": ("type", "status", "lastUpdateTime", "lastTransitionTime", "reason", "message"),
    "status": (
        "loadBalancer", "observedGeneration", "phase", "conditions", "message", "reason", "token",
        "expirationTimestamp",
    ),
}  # fmt: skip
_ORDERS["initContainers"] = _ORDERS["containers"]


def ordered(value: Any, field: str = "") -> Any:
    """The same value with its mappings in Go's order."""
    if isinstance(value, list):
        return [ordered(one, "" if field == "items" else field) for one in value]
    if not isinstance(value, dict):
        return value
    order = _ORDERS.get(field, _TYPE)
    if field in ("labels", "annotations", "matchLabels", "data", "hard", "selector") and all(
        isinstance(one, str) for one in value.values()
    ):
        return {key: value[key] for key in sorted(value)}
    known = [key for key in order if key in value]
    rest = [key for key in value if key not in known]
    if "spec" not in known and "status" not in known and field == "":
        rest = sorted(rest, key=lambda key: key not in ("rules", "subjects", "secrets", "immutable"))
    return {key: ordered(value[key], _child(key)) for key in (*known, *rest)}


def _child(key: str) -> str:
    return "" if key in ("template", "jobTemplate") else key
