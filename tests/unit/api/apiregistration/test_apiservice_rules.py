"""APIServices: their name, group and version belong together."""

import pytest
from tests.unit.api.rulebook import made

TEXT = (
    "{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: %s}, "
    "spec: {groupPriorityMinimum: 1, versionPriority: 1, %s}}"
)
LABEL = "spec.version: Invalid value: "


@pytest.mark.parametrize(
    ("name", "spec", "expected"),
    [
        ("v1.a.b", "group: a.b, version: v1", []),
        ("v1.", "version: v1", []),
        (
            "v1.",
            "group: a.b, version: v1",
            ['metadata.name: Invalid value: "v1.": must be `spec.version+"."+spec.group`: "v1.a.b"'],
        ),
        (
            "v2.",
            "version: v2",
            ["spec.group: Required value: only v1 may have an empty group and it better be legacy kube"],
        ),
    ],
)
def test_name_group_and_version(name: str, spec: str, expected: list[str]) -> None:
    assert made(TEXT % (name, spec)) == expected


def test_group_and_version_are_well_formed() -> None:
    found = made(TEXT % ("1.A", "group: A, version: '1'"))
    assert [error.partition(": ")[0] for error in found] == ["spec.group", "spec.version"]
