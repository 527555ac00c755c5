"""Jobs and CronJobs: what v1.34 refuses, in its words."""

from typing import Any

import pytest
from tests.unit.api.rulebook import changed, made, read, status, warned

POD = "template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}"
JOB = "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {%s" + POD + "}}"
INDEXED = "completionMode: Indexed, completions: 3, "
FAILURE = "podFailurePolicy: {rules: [%s]}, "
SUCCESS = INDEXED + "successPolicy: {rules: [{%s}]}, "


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("", []),
        (
            "completionMode: '', ",
            ['spec.completionMode: Unsupported value: "": supported values: "NonIndexed", "Indexed"'],
        ),
        (
            "completionMode: Indexed, parallelism: 1, ",
            ["spec.completions: Required value: when completion mode is Indexed"],
        ),
        (
            INDEXED + "maxFailedIndexes: 1, ",
            ["spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"],
        ),
        (
            "backoffLimitPerIndex: 1, ",
            ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
        ),
        (
            INDEXED + "backoffLimitPerIndex: 1, maxFailedIndexes: 4, ",
            ["spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions"],
        ),
        (
            "completionMode: Indexed, completions: 100001, backoffLimitPerIndex: 1, ",
            ["spec.maxFailedIndexes: Required value: must be specified when completions is above 100000"],
        ),
        (
            "managedBy: me, ",
            ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
        ),
        (
            "podReplacementPolicy: '', ",
            ['spec.podReplacementPolicy: Unsupported value: "": supported values: "Failed", "TerminatingOrFailed"'],
        ),
        (
            FAILURE % "{}",
            [
                "spec.podFailurePolicy.rules[0].action: Required value: valid values: "
                '["Count" "FailIndex" "FailJob" "Ignore"]',
                "spec.podFailurePolicy.rules[0]: Invalid value: "
                "specifying one of OnExitCodes and OnPodConditions is required",
            ],
        ),
        (
            FAILURE % "{action: FailIndex, onPodConditions: [{type: T}]}",
            [
                'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": '
                "requires the backoffLimitPerIndex to be set"
            ],
        ),
        (
            FAILURE % "{action: Count, onExitCodes: {operator: In, containerName: d, values: [2, 0, 2]}}",
            [
                'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "d": '
                "must be one of the container or initContainer names in the pod template",
                "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: "
                "must not be 0 for the In operator",
                "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2",
                "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered",
            ],
        ),
        (
            "successPolicy: {rules: [{succeededCount: 1}]}, ",
            ['spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode'],
        ),
        (
            SUCCESS % "",
            [
                "spec.successPolicy.rules[0]: Required value: "
                "at least one of succeededCount or succeededIndexes must be specified"
            ],
        ),
        (
            SUCCESS % "succeededIndexes: 0-3",
            [
                'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-3": '
                'error parsing succeededIndexes: too large index: "3"'
            ],
        ),
        (
            SUCCESS % "succeededIndexes: 0-1, succeededCount: 3",
            [
                "spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 "
                "(the number of indexes in the specified succeededIndexes field)"
            ],
        ),
    ],
)
def test_jobs(spec: str, expected: list[str]) -> None:
    assert made(JOB % spec) == expected


def test_an_indexed_jobs_name_leaves_room_for_the_index() -> None:
    long = (JOB % INDEXED).replace("name: j}", "name: " + "j" * 62 + "}")
    assert any("will not able to create pod with invalid DNS label: jjj" in error for error in made(long))


def test_labels_that_stand_in_the_servers_place_are_refused() -> None:
    own = (JOB % "").replace("template: {", "template: {metadata: {labels: {job-name: other}}, ")
    errors = made(own)
    assert "spec.template.metadata.labels[job-name]: Invalid value: " in errors[0]
    assert errors[0].endswith(": must be 'j'")


def test_a_job_without_labels_has_those_of_its_template() -> None:
    found, obj = read((JOB % "").replace("template: {", "template: {metadata: {labels: {a: b}}, "))
    found.strategy.prepare_for_create(obj)
    assert obj["metadata"]["labels"].keys() >= {"a", "job-name"}
    assert obj["metadata"]["labels"] == obj["spec"]["template"]["metadata"]["labels"]


def test_defaults() -> None:
    _, obj = read(JOB % "podFailurePolicy: {rules: []}, ")
    assert obj["spec"]["podReplacementPolicy"] == "Failed" and obj["spec"]["manualSelector"] is False


def test_the_warning_of_more_indexes_than_can_be_followed() -> None:
    many = JOB % "completionMode: Indexed, completions: 100001, parallelism: 10001, "
    assert warned(many)[0].startswith("In Indexed Jobs with a number of completions higher than 10^5")


START, END = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"
MET, DONE = {"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}
FAILED, TARGET = {"type": "Failed", "status": "True"}, {"type": "FailureTarget", "status": "True"}


@pytest.mark.parametrize(
    ("spec", "new", "expected"),
    [
        ("", {"startTime": START, "completionTime": END, "conditions": [MET, DONE], "succeeded": 1}, []),
        (
            "",
            {"startTime": START, "completionTime": END, "conditions": [DONE]},
            [
                "conditions: Invalid value: cannot set Complete=True condition "
                "without the SuccessCriteriaMet=true condition"
            ],
        ),
        (
            "",
            {"startTime": START, "conditions": [FAILED]},
            ["conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition"],
        ),
        (
            "",
            {"startTime": START, "conditions": [FAILED, TARGET], "active": 1},
            ["active: Invalid value: 1: active>0 is invalid for finished job"],
        ),
        (
            "",
            {"startTime": START, "conditions": [MET, DONE]},
            ["completionTime: Required value: completionTime is required for Complete jobs"],
        ),
        (
            "",
            {"startTime": END, "completionTime": START, "conditions": [MET, DONE]},
            [f'completionTime: Invalid value: "{START}": completionTime cannot be set before startTime'],
        ),
        ("", {"ready": 1}, ["ready: Invalid value: 1: cannot set more ready pods than active"]),
        (
            "",
            {"completedIndexes": "1"},
            [
                'completedIndexes: Invalid value: "1": error parsing completedIndexes: too large index: "1"',
                'completedIndexes: Invalid value: "1": '
                "cannot set non-empty completedIndexes when non-indexed completion mode",
            ],
        ),
        (
            INDEXED + "backoffLimitPerIndex: 1, ",
            {"completedIndexes": "0-1", "failedIndexes": "1,2"},
            ['failedIndexes: Invalid value: "1,2": failedIndexes and completedIndexes overlap at index: 1'],
        ),
    ],
)
def test_status(spec: str, new: dict[str, Any], expected: list[str]) -> None:
    assert status(JOB % spec, status=new) == [f"status.{error}" for error in expected]


def test_what_a_status_never_takes_back() -> None:
    old = (JOB % "").removesuffix("}") + ", status: {failed: 2, startTime: '%s', conditions: [%s]}}"
    old = old % (START, "{type: Failed, status: 'True'}, {type: FailureTarget, status: 'True'}")
    assert status(old, status={"failed": 1}) == [
        "status.conditions: Invalid value: cannot disable the terminal Failed=True condition",
        "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition",
        "status.failed: Invalid value: 1: cannot decrease the failed counter",
        "status.startTime: Required value: startTime cannot be removed for unsuspended job",
    ]


CRON = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {%s, jobTemplate: {spec: {" + POD + "}}}}"
NIGHTLY = "schedule: '0 0 * * *'"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (NIGHTLY, []),
        (NIGHTLY + ", timeZone: Europe/Paris", []),
        (NIGHTLY + ", timeZone: ''", ['timeZone: Invalid value: "": timeZone must be nil or non-empty string']),
        (NIGHTLY + ", timeZone: Nowhere", ['timeZone: Invalid value: "Nowhere": unknown time zone Nowhere']),
        (
            NIGHTLY + ", timeZone: Local",
            [
                'timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in '
                "https://www.iana.org/time-zones"
            ],
        ),
        (
            "schedule: 'TZ=UTC 0 0 * * *'",
            [
                'schedule: Invalid value: "TZ=UTC 0 0 * * *": '
                "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            ],
        ),
        (
            "schedule: '0 25 * * *'",
            ['schedule: Invalid value: "0 25 * * *": end of range (25) above maximum (23): 25'],
        ),
    ],
)
def test_cron_jobs(spec: str, expected: list[str]) -> None:
    assert made(CRON % spec) == [f"spec.{error}" for error in expected]


def test_what_an_older_cron_job_may_keep() -> None:
    old = CRON % "schedule: 'TZ=UTC 0 0 * * *', timeZone: Nowhere"
    assert changed(old.replace(", timeZone: Nowhere", ""), spec__suspend=True) == []
    assert changed(old, spec__suspend=True) == [
        'spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule'
    ]
    long = (CRON % NIGHTLY).replace("name: c}", "name: " + "c" * 53 + "}")
    assert changed(long, spec__suspend=True) == []
    assert any("must be no more than 52 characters" in error for error in made(long))


def test_the_selector_inside_a_cron_job_is_nobodys() -> None:
    own = (CRON % NIGHTLY).replace("jobTemplate: {spec: {", "jobTemplate: {spec: {manualSelector: true, selector: {}, ")
    assert made(own) == [
        "spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated",
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ]
