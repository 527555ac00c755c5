"""``auth reconcile``: what is missing is added, extras go only when asked."""

from __future__ import annotations

from typing import Any

import pytest

from kajitori.kubectl.maintenance.reconciling import (
    CREATE,
    NONE,
    PROTECTED,
    RECREATE,
    UPDATE,
    covers,
    plan_binding,
    plan_role,
)


def rule(verbs: str, resources: str, names: str = "", groups: tuple[str, ...] = ("",)) -> dict[str, Any]:
    made: dict[str, Any] = {"verbs": verbs.split(), "apiGroups": list(groups), "resources": resources.split()}
    return made | ({"resourceNames": names.split()} if names else {})


def role(*rules: dict[str, Any], **meta: Any) -> dict[str, Any]:
    return {"metadata": {"name": "r", **meta}, "rules": list(rules)}


def binding(*users: str, to: str = "r") -> dict[str, Any]:
    subjects = [{"kind": "User", "name": user} for user in users]
    return {"metadata": {"name": "b"}, "roleRef": {"kind": "Role", "name": to}, "subjects": subjects}


@pytest.mark.parametrize(
    ("owner", "wanted", "holds"),
    [
        (rule("*", "*"), rule("get", "pods"), True),
        (rule("get list", "pods"), rule("get", "pods"), True),
        (rule("get", "pods"), rule("get list", "pods"), False),
        (rule("get", "pods", "a b"), rule("get", "pods", "a"), True),
        (rule("get", "pods", "a"), rule("get", "pods"), False),
        (rule("get", "pods"), rule("get", "pods", "a"), True),
        (rule("get", "pods"), rule("get", "pods", groups=("apps",)), False),
    ],
)
def test_one_rule_covers_another(owner: dict[str, Any], wanted: dict[str, Any], holds: bool) -> None:
    assert covers(owner, wanted) is holds


def test_a_missing_role_is_created() -> None:
    assert plan_role(None, role(rule("get", "pods")), remove_extra=False).operation == CREATE


def test_a_role_that_allows_all_is_left_alone() -> None:
    plan = plan_role(role(rule("*", "*")), role(rule("get", "pods")), remove_extra=False)
    assert (plan.operation, plan.missing) == (NONE, [])


def test_missing_permissions_are_added_to_what_is_there() -> None:
    plan = plan_role(role(rule("get", "pods")), role(rule("get list", "pods")), remove_extra=False)
    assert plan.operation == UPDATE
    assert plan.object["rules"][0] == rule("get", "pods")
    assert plan.missing == [rule("list", "pods")]


def test_extra_permissions_go_only_when_asked() -> None:
    existing, wanted = role(rule("get list", "pods")), role(rule("get", "pods"))
    assert plan_role(existing, wanted, remove_extra=False).operation == NONE
    plan = plan_role(existing, wanted, remove_extra=True)
    assert (plan.operation, plan.object["rules"], plan.extra) == (UPDATE, wanted["rules"], [rule("list", "pods")])


def test_marks_are_added_and_never_overwritten() -> None:
    existing = role(labels={"a": "ours"})
    plan = plan_role(existing, role(labels={"a": "theirs", "b": "2"}), remove_extra=False)
    assert (plan.operation, plan.object["metadata"]["labels"]) == (UPDATE, {"a": "ours", "b": "2"})


def test_a_role_can_be_protected() -> None:
    existing = role(annotations={PROTECTED: "false"})
    assert plan_role(existing, role(rule("get", "pods")), remove_extra=False).protected


def test_subjects_are_added_and_taken_away_when_asked() -> None:
    plan = plan_binding(binding("ann", "bob"), binding("bob", "cid"), remove_extra=False)
    assert [one["name"] for one in plan.object["subjects"]] == ["ann", "bob", "cid"]
    plan = plan_binding(binding("ann", "bob"), binding("bob", "cid"), remove_extra=True)
    assert [one["name"] for one in plan.object["subjects"]] == ["bob", "cid"]


def test_a_binding_to_another_role_is_made_anew() -> None:
    assert plan_binding(binding("ann"), binding("ann", to="other"), remove_extra=False).operation == RECREATE
