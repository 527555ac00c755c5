"""What claims and nodes say twice, and texts that are empty: settled before anything is checked."""

from typing import Any

import pytest
from tests.unit.api.rulebook import made, read

from kajitori.api import checking, scheme
from kajitori.machinery.errors import BadRequest

CLAIM = "{apiVersion: v1, kind: PersistentVolumeClaim, spec: {%s}}"


@pytest.mark.parametrize(
    ("spec", "source", "ref"),
    [
        ("dataSource: {kind: PersistentVolumeClaim, name: a}", "a", "a"),
        ("dataSourceRef: {kind: Thing, apiGroup: x.y, name: a}", "a", "a"),
        ("dataSource: {kind: Thing, apiGroup: x.y, name: a}", None, None),
        ("dataSourceRef: {kind: PersistentVolumeClaim, name: a, namespace: other}", None, None),
    ],
)
def test_sources_of_claims(spec: str, source: str | None, ref: str | None) -> None:
    found, obj = read(CLAIM % spec)
    found.strategy.prepare_for_create(obj)
    assert [(obj["spec"].get(name) or {}).get("name") for name in ("dataSource", "dataSourceRef")] == [source, ref]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"podCIDR": "10.0.0.0/24"}, ("10.0.0.0/24", ["10.0.0.0/24"])),
        ({"podCIDRs": ["10.0.0.0/24"]}, ("10.0.0.0/24", ["10.0.0.0/24"])),
        ({"podCIDR": "10.0.1.0/24", "podCIDRs": ["10.0.0.0/24"]}, ("10.0.1.0/24", ["10.0.1.0/24"])),
    ],
)
def test_ranges_of_nodes(spec: dict[str, Any], expected: tuple[str, list[str]]) -> None:
    _, obj = read(f"{{apiVersion: v1, kind: Node, spec: {spec}}}")
    assert (obj["spec"]["podCIDR"], obj["spec"]["podCIDRs"]) == expected


def test_empty_texts_of_plain_fields_are_filled_in() -> None:
    empty = "restartPolicy: '', dnsPolicy: '', containers: [{name: c, image: i, terminationMessagePolicy: ''}]"
    assert made("{apiVersion: v1, kind: Pod, spec: {%s}}" % empty) == []  # noqa: UP031


def test_times_are_read() -> None:
    lease = {"spec": {"renewTime": "yesterday"}}
    found = scheme.builtin().for_object({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"})
    assert found is not None
    with pytest.raises(BadRequest, match="yesterday"):
        checking.check("coordination.k8s.io", "v1", "Lease", found.schema, lease)
    with pytest.raises(BadRequest, match=r'cannot parse "Z" as "\.000000"$'):
        checking.check(
            "coordination.k8s.io", "v1", "Lease", found.schema, {"spec": {"renewTime": "2026-01-01T00:00:00Z"}}
        )
    for given, kept in (
        ("2026-01-31T00:00:00.000000Z", "2026-01-31T00:00:00.000000Z"),
        ("2026-01-01T00:00:00.123456+02:00", "2025-12-31T22:00:00.123456Z"),
        (None, None),
    ):
        lease = {"spec": {"renewTime": given}}  # type: ignore[dict-item]
        assert checking.check("coordination.k8s.io", "v1", "Lease", found.schema, lease) == []
        assert lease["spec"].get("renewTime") == kept
