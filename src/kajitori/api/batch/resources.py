"""The kinds of batch/v1 and how they are served. May import: api."""

from __future__ import annotations

from kajitori.api.batch.rules import CRON_JOB_RULES, JOB_RULES
from kajitori.api.registration import Resource
from kajitori.api.rules import resource, selectable

V1 = "batch/v1"

RESOURCES: list[Resource] = [
    resource(V1, "cronjobs", "CronJob", CRON_JOB_RULES, short_names=("cj",), categories=("all",)),
    resource(
        V1,
        "jobs",
        "Job",
        JOB_RULES,
        categories=("all",),
        selectable_fields=selectable(status__successful="0"),
        orphans=True,
        orphan_warning="child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to "
        "remove them or set propagationPolicy=Orphan to suppress this warning",
    ),
]
