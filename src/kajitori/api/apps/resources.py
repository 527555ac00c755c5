"""The kinds of apps/v1 and how they are served. May import: api."""

from __future__ import annotations

from kajitori.api.apps import columns, defaults, stateful_sets, status, validation
from kajitori.api.core import warnings
from kajitori.api.registration import Resource
from kajitori.api.rules import SCALE, Rules, resource, selectable

V1 = "apps/v1"

RESOURCES: list[Resource] = [
    resource(
        V1,
        "controllerrevisions",
        "ControllerRevision",
        Rules(validate=validation.revision, validate_update=validation.revision_update, table=columns.REVISIONS),
    ),
    resource(
        V1,
        "daemonsets",
        "DaemonSet",
        Rules(
            defaults=defaults.daemon_set,
            on_create=defaults.create_daemon_set,
            on_update=defaults.update_daemon_set,
            validate=validation.daemon_set,
            validate_update=validation.daemon_set_update,
            validate_status=status.daemon_set,
            warnings=warnings.workload,
            status=True,
            generation=True,
            table=columns.DAEMON_SETS,
        ),
        short_names=("ds",),
        categories=("all",),
    ),
    resource(
        V1,
        "deployments",
        "Deployment",
        Rules(
            defaults=defaults.deployment,
            validate=validation.deployment,
            validate_update=validation.deployment_update,
            validate_status=status.deployment,
            on_status=status.drop_disabled,
            warnings=warnings.named_workload,
            status=True,
            status_keeps=("labels",),
            generation=True,
            counted=("annotations",),
            table=columns.DEPLOYMENTS,
        ),
        short_names=("deploy",),
        categories=("all",),
        subresources=SCALE,
    ),
    resource(
        V1,
        "replicasets",
        "ReplicaSet",
        Rules(
            defaults=defaults.replica_set,
            validate=validation.replica_set,
            validate_update=validation.replica_set_update,
            validate_status=status.replicas,
            on_status=status.drop_disabled,
            warnings=warnings.named_workload,
            status=True,
            generation=True,
            table=columns.REPLICA_SETS,
        ),
        short_names=("rs",),
        categories=("all",),
        subresources=SCALE,
        selectable_fields=selectable(status__replicas="0"),
    ),
    resource(
        V1,
        "statefulsets",
        "StatefulSet",
        Rules(
            defaults=defaults.stateful_set,
            validate=stateful_sets.stateful_set,
            validate_update=stateful_sets.update,
            validate_status=status.stateful_set,
            on_create=defaults.create_stateful_set,
            on_update=defaults.update_stateful_set,
            warnings=warnings.workload,
            status=True,
            generation=True,
            table=columns.STATEFUL_SETS,
        ),
        short_names=("sts",),
        categories=("all",),
        subresources=SCALE,
    ),
]
