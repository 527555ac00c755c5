# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.core.v1
import kajitori.api.meta.v1

class CronJob(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: CronJobSpec
    status: CronJobStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: CronJobSpec = ...,
        status: CronJobStatus = ...,
    ) -> None: ...

class CronJobList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[CronJob]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[CronJob] = ...,
    ) -> None: ...

class CronJobSpec(msgspec.Struct):
    concurrency_policy: str | None
    failed_jobs_history_limit: int | None
    job_template: JobTemplateSpec | None
    schedule: str | None
    starting_deadline_seconds: int | None
    successful_jobs_history_limit: int | None
    suspend: bool | None
    time_zone: str | None
    def __init__(
        self,
        *,
        concurrency_policy: str | None = ...,
        failed_jobs_history_limit: int | None = ...,
        job_template: JobTemplateSpec | None = ...,
        schedule: str | None = ...,
        starting_deadline_seconds: int | None = ...,
        successful_jobs_history_limit: int | None = ...,
        suspend: bool | None = ...,
        time_zone: str | None = ...,
    ) -> None: ...

class CronJobStatus(msgspec.Struct):
    active: list[kajitori.api.core.v1.ObjectReference]
    last_schedule_time: str | None
    last_successful_time: str | None
    def __init__(
        self,
        *,
        active: list[kajitori.api.core.v1.ObjectReference] = ...,
        last_schedule_time: str | None = ...,
        last_successful_time: str | None = ...,
    ) -> None: ...

class Job(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: JobSpec
    status: JobStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: JobSpec = ...,
        status: JobStatus = ...,
    ) -> None: ...

class JobCondition(msgspec.Struct):
    last_probe_time: str | None
    last_transition_time: str | None
    message: str | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_probe_time: str | None = ...,
        last_transition_time: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class JobList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Job]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Job] = ...,
    ) -> None: ...

class JobSpec(msgspec.Struct):
    active_deadline_seconds: int | None
    backoff_limit: int | None
    backoff_limit_per_index: int | None
    completion_mode: str | None
    completions: int | None
    managed_by: str | None
    manual_selector: bool | None
    max_failed_indexes: int | None
    parallelism: int | None
    pod_failure_policy: PodFailurePolicy | None
    pod_replacement_policy: str | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    success_policy: SuccessPolicy | None
    suspend: bool | None
    template: kajitori.api.core.v1.PodTemplateSpec
    ttl_seconds_after_finished: int | None
    def __init__(
        self,
        *,
        active_deadline_seconds: int | None = ...,
        backoff_limit: int | None = ...,
        backoff_limit_per_index: int | None = ...,
        completion_mode: str | None = ...,
        completions: int | None = ...,
        managed_by: str | None = ...,
        manual_selector: bool | None = ...,
        max_failed_indexes: int | None = ...,
        parallelism: int | None = ...,
        pod_failure_policy: PodFailurePolicy | None = ...,
        pod_replacement_policy: str | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        success_policy: SuccessPolicy | None = ...,
        suspend: bool | None = ...,
        template: kajitori.api.core.v1.PodTemplateSpec = ...,
        ttl_seconds_after_finished: int | None = ...,
    ) -> None: ...

class JobStatus(msgspec.Struct):
    active: int | None
    completed_indexes: str | None
    completion_time: str | None
    conditions: list[JobCondition]
    failed: int | None
    failed_indexes: str | None
    ready: int | None
    start_time: str | None
    succeeded: int | None
    terminating: int | None
    uncounted_terminated_pods: UncountedTerminatedPods | None
    def __init__(
        self,
        *,
        active: int | None = ...,
        completed_indexes: str | None = ...,
        completion_time: str | None = ...,
        conditions: list[JobCondition] = ...,
        failed: int | None = ...,
        failed_indexes: str | None = ...,
        ready: int | None = ...,
        start_time: str | None = ...,
        succeeded: int | None = ...,
        terminating: int | None = ...,
        uncounted_terminated_pods: UncountedTerminatedPods | None = ...,
    ) -> None: ...

class JobTemplateSpec(msgspec.Struct):
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: JobSpec
    def __init__(
        self,
        *,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: JobSpec = ...,
    ) -> None: ...

class PodFailurePolicy(msgspec.Struct):
    rules: list[PodFailurePolicyRule]
    def __init__(
        self,
        *,
        rules: list[PodFailurePolicyRule] = ...,
    ) -> None: ...

class PodFailurePolicyOnExitCodesRequirement(msgspec.Struct):
    container_name: str | None
    operator: str | None
    values: list[int]
    def __init__(
        self,
        *,
        container_name: str | None = ...,
        operator: str | None = ...,
        values: list[int] = ...,
    ) -> None: ...

class PodFailurePolicyOnPodConditionsPattern(msgspec.Struct):
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class PodFailurePolicyRule(msgspec.Struct):
    action: str | None
    on_exit_codes: PodFailurePolicyOnExitCodesRequirement | None
    on_pod_conditions: list[PodFailurePolicyOnPodConditionsPattern]
    def __init__(
        self,
        *,
        action: str | None = ...,
        on_exit_codes: PodFailurePolicyOnExitCodesRequirement | None = ...,
        on_pod_conditions: list[PodFailurePolicyOnPodConditionsPattern] = ...,
    ) -> None: ...

class SuccessPolicy(msgspec.Struct):
    rules: list[SuccessPolicyRule]
    def __init__(
        self,
        *,
        rules: list[SuccessPolicyRule] = ...,
    ) -> None: ...

class SuccessPolicyRule(msgspec.Struct):
    succeeded_count: int | None
    succeeded_indexes: str | None
    def __init__(
        self,
        *,
        succeeded_count: int | None = ...,
        succeeded_indexes: str | None = ...,
    ) -> None: ...

class UncountedTerminatedPods(msgspec.Struct):
    failed: list[str]
    succeeded: list[str]
    def __init__(
        self,
        *,
        failed: list[str] = ...,
        succeeded: list[str] = ...,
    ) -> None: ...
