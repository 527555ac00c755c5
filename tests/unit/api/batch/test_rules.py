"""Jobs: what an update may change."""

import copy
from typing import Any

import pytest

from kajitori.api.batch.job_validation import update_job

JOB: dict[str, Any] = {
    "spec": {
        "parallelism": 2,
        "completions": 2,
        "completionMode": "Indexed",
        "suspend": True,
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
    }
}


def updated(change: Any, *, status: dict[str, Any] | None = None, **spec: Any) -> list[str]:
    old = copy.deepcopy(JOB) | {"status": status or {}}
    old["spec"] |= spec
    new = copy.deepcopy(old)
    change(new["spec"])
    return [str(error) for error in update_job(new, old)]


def moved(spec: dict[str, Any]) -> None:
    pod = spec["template"]["spec"]
    pod["nodeSelector"] = {"zone": "a"}
    pod["tolerations"] = [{"operator": "Exists"}]
    pod["schedulingGates"] = [{"name": "example.com/wait"}]
    pod["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}}
    spec["template"]["metadata"] = {"labels": {"a": "c"}, "annotations": {"x": "y"}}


def other_image(spec: dict[str, Any]) -> None:
    spec["template"]["spec"]["containers"][0]["image"] = "j"


def near_others(spec: dict[str, Any]) -> None:
    spec["template"]["spec"]["affinity"] = {"podAffinity": {}}


def test_a_suspended_job_may_be_told_where_to_run() -> None:
    assert updated(moved) == []


@pytest.mark.parametrize(
    ("status", "spec"),
    [({"startTime": "2026-01-01T00:00:00Z"}, {}), ({}, {"suspend": False})],
    ids=["it has started", "it is not suspended"],
)
def test_any_other_job_stays_where_it_is(status: dict[str, Any], spec: dict[str, Any]) -> None:
    assert [error.partition(":")[0] for error in updated(moved, status=status, **spec)] == ["spec.template"]


@pytest.mark.parametrize("change", [other_image, near_others])
def test_what_a_suspended_job_runs_stays(change: Any) -> None:
    (error,) = updated(change)
    assert error.startswith("spec.template: Invalid value: ") and error.endswith(": field is immutable")


@pytest.mark.parametrize(
    ("spec", "wanted", "expected"),
    [
        ({}, {"completions": 3, "parallelism": 3}, []),
        (
            {},
            {"completions": 3},
            ["spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism"],
        ),
        (
            {"completionMode": "NonIndexed"},
            {"completions": 3, "parallelism": 3},
            ["spec.completions: Invalid value: 3: field is immutable"],
        ),
    ],
    ids=["in tandem", "alone", "without indices"],
)
def test_only_an_indexed_job_grows(spec: dict[str, Any], wanted: dict[str, Any], expected: list[str]) -> None:
    assert updated(lambda new: new.update(wanted), **spec) == expected


@pytest.mark.parametrize(
    "field", ["managedBy", "successPolicy", "podFailurePolicy", "backoffLimitPerIndex", "selector"]
)
def test_some_fields_never_change(field: str) -> None:
    (error,) = updated(lambda new: new.update({field: "other"}))
    assert error == f'spec.{field}: Invalid value: "other": field is immutable'
