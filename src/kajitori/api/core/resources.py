"""The kinds of core/v1 and how they are served. May import: api."""

from __future__ import annotations

from typing import Any

from kajitori.api.apps import status as workload_status
from kajitori.api.cells import NAME_AND_CREATED
from kajitori.api.core import (
    columns,
    defaults,
    event_validation,
    lifecycle,
    limit_validation,
    node_validation,
    persistent_validation,
    quota_validation,
    validation,
    warnings,
)
from kajitori.api.core.pod_rules import POD_RULES
from kajitori.api.core.service_rules import SERVICE_RULES
from kajitori.api.registration import ALL_VERBS, CREATE_ONLY, Resource, Subresource
from kajitori.api.rules import SCALE, Rules, resource, selectable, unchecked

V1 = "v1"
CONNECT = frozenset({"create", "get"})
PROXY = frozenset({"create", "delete", "get", "patch", "update"})
BIND = Subresource(kind="Binding", verbs=CREATE_ONLY)

POD_SUBRESOURCES = {
    "attach": Subresource(kind="PodAttachOptions", verbs=CONNECT),
    "binding": BIND,
    "ephemeralcontainers": Subresource(),
    "eviction": Subresource(kind="Eviction", group="policy", version="v1", verbs=CREATE_ONLY),
    "exec": Subresource(kind="PodExecOptions", verbs=CONNECT),
    "log": Subresource(verbs=frozenset({"get"})),
    "portforward": Subresource(kind="PodPortForwardOptions", verbs=CONNECT),
    "proxy": Subresource(kind="PodProxyOptions", verbs=PROXY),
    "resize": Subresource(),
}


_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def event_fields(obj: dict[str, Any]) -> dict[str, str]:
    """What core/v1 lets select. The Event may be in either group's form: one cache serves both."""
    reporting, source = _reporter(obj)
    names = {"reportingComponent": reporting, "source": source}
    return _EVENT_FIELDS(obj) | names | _about(obj, "involvedObject")


def new_event_fields(obj: dict[str, Any]) -> dict[str, str]:
    """What events.k8s.io/v1 lets select: the same facts under its names, but for the source."""
    return _EVENT_FIELDS(obj) | {"reportingController": _reporter(obj)[0]} | _about(obj, "regarding")


def _reporter(obj: dict[str, Any]) -> tuple[str, str]:
    """Who reports, and the source, for which the former stands in."""
    reporting = obj.get("reportingComponent") or obj.get("reportingController") or ""
    return reporting, (obj.get("source") or obj.get("deprecatedSource") or {}).get("component") or reporting


def _about(obj: dict[str, Any], called: str) -> dict[str, str]:
    about = obj.get("involvedObject") or obj.get("regarding") or {}
    return {f"{called}.{name}": str(about.get(name) or "") for name in _ABOUT}


_EVENT_FIELDS = selectable(reason="", type="")

RESOURCES: list[Resource] = [
    resource(V1, "bindings", "Binding", verbs=CREATE_ONLY),
    resource(
        V1,
        "componentstatuses",
        "ComponentStatus",
        Rules(table=columns.COMPONENT_STATUSES),
        namespaced=False,
        short_names=("cs",),
        deprecation="v1 ComponentStatus is deprecated in v1.19+",
        verbs=frozenset({"get", "list"}),
    ),
    resource(
        V1,
        "configmaps",
        "ConfigMap",
        Rules(
            validate=validation.config_map,
            validate_update=validation.config_map_update,
            table=columns.CONFIG_MAPS,
        ),
        short_names=("cm",),
    ),
    resource(
        V1,
        "endpoints",
        "Endpoints",
        Rules(
            defaults=defaults.endpoints,
            validate=validation.endpoints,
            warnings=warnings.endpoints,
            table=columns.ENDPOINTS,
        ),
        deprecation="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        singular="endpoints",
        list_kind="EndpointsList",
        short_names=("ep",),
    ),
    resource(
        V1,
        "events",
        "Event",
        Rules(validate=event_validation.event, table=columns.EVENTS),
        short_names=("ev",),
        selectable_fields=event_fields,
    ),
    resource(
        V1,
        "limitranges",
        "LimitRange",
        Rules(
            defaults=defaults.limit_range,
            on_create=defaults.name_limit_range,
            validate=limit_validation.limit_range,
            table=NAME_AND_CREATED,
        ),
        short_names=("limits",),
    ),
    resource(
        V1,
        "namespaces",
        "Namespace",
        Rules(
            defaults=defaults.namespace,
            validate=validation.namespace,
            revalidate=unchecked,
            validate_status=validation.namespace_status,
            on_create=lifecycle.create_namespace,
            on_update=lifecycle.update_namespace,
            status=True,
            table=columns.NAMESPACES,
        ),
        namespaced=False,
        short_names=("ns",),
        verbs=ALL_VERBS - {"deletecollection"},
        subresources={"finalize": Subresource(verbs=frozenset({"update"}))},
        selectable_fields=selectable(status__phase=""),
    ),
    resource(
        V1,
        "nodes",
        "Node",
        Rules(
            defaults=defaults.node,
            on_update=lifecycle.update_node,
            validate=node_validation.node,
            revalidate=node_validation.changed,
            validate_update=node_validation.update,
            validate_status=node_validation.status_update,
            warnings=warnings.node,
            table=columns.NODES,
        ),
        namespaced=False,
        short_names=("no",),
        subresources={"status": Subresource(), "proxy": Subresource(kind="NodeProxyOptions", verbs=PROXY)},
        selectable_fields=selectable(spec__unschedulable="false"),
    ),
    resource(
        V1,
        "persistentvolumeclaims",
        "PersistentVolumeClaim",
        Rules(
            defaults=defaults.claim,
            validate=persistent_validation.claim,
            validate_update=persistent_validation.claim_update,
            validate_status=persistent_validation.claim_status,
            warnings=warnings.claim,
            on_create=lifecycle.create_claim,
            on_update=lifecycle.update_claim,
            status=True,
            table=columns.CLAIMS,
        ),
        short_names=("pvc",),
    ),
    resource(
        V1,
        "persistentvolumes",
        "PersistentVolume",
        Rules(
            defaults=defaults.volume,
            validate=persistent_validation.volume,
            validate_update=persistent_validation.volume_update,
            warnings=warnings.volume,
            on_create=lifecycle.create_volume,
            status=True,
            table=columns.VOLUMES,
        ),
        namespaced=False,
        short_names=("pv",),
    ),
    resource(
        V1,
        "pods",
        "Pod",
        POD_RULES,
        short_names=("po",),
        categories=("all",),
        subresources=POD_SUBRESOURCES,
        selectable_fields=selectable(
            spec__nodeName="",
            spec__restartPolicy="",
            spec__schedulerName="",
            spec__serviceAccountName="",
            spec__hostNetwork="false",
            status__phase="",
            status__podIP="",
            status__nominatedNodeName="",
        ),
    ),
    resource(
        V1,
        "podtemplates",
        "PodTemplate",
        Rules(
            defaults=defaults.pod_template_object,
            validate=validation.pod_template_object,
            warnings=warnings.pod_template,
            generation=True,
            table=columns.POD_TEMPLATES,
        ),
    ),
    resource(
        V1,
        "replicationcontrollers",
        "ReplicationController",
        Rules(
            defaults=defaults.replication_controller,
            validate=validation.replication_controller,
            validate_status=workload_status.replicas,
            on_status=workload_status.drop_disabled,
            warnings=warnings.named_workload,
            status=True,
            generation=True,
            table=columns.REPLICATION_CONTROLLERS,
        ),
        short_names=("rc",),
        categories=("all",),
        subresources=SCALE,
        selectable_fields=selectable(status__replicas="0"),
        orphans=True,
    ),
    resource(
        V1,
        "resourcequotas",
        "ResourceQuota",
        Rules(
            validate=quota_validation.validate,
            validate_update=quota_validation.validate_update,
            validate_status=quota_validation.validate_status,
            status=True,
            table=columns.QUOTAS,
        ),
        short_names=("quota",),
    ),
    resource(
        V1,
        "secrets",
        "Secret",
        Rules(
            defaults=defaults.secret,
            validate=validation.secret,
            validate_update=validation.secret_update,
            table=columns.SECRETS,
        ),
        selectable_fields=selectable(type=""),
    ),
    resource(
        V1,
        "serviceaccounts",
        "ServiceAccount",
        Rules(table=columns.SERVICE_ACCOUNTS),
        short_names=("sa",),
        subresources={
            "token": Subresource(kind="TokenRequest", group="authentication.k8s.io", version="v1", verbs=CREATE_ONLY)
        },
    ),
    resource(
        V1,
        "services",
        "Service",
        SERVICE_RULES,
        short_names=("svc",),
        categories=("all",),
        subresources={"proxy": Subresource(kind="ServiceProxyOptions", verbs=PROXY)},
        selectable_fields=selectable(spec__clusterIP="", spec__type=""),
    ),
]
