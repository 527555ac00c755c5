"""The controller manager's role."""

from typing import Any

from kajitori.cluster import controllers_role


def role(name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "rules": list(rules)}


def test_the_role_is_the_union_of_the_controllers_and_of_nothing_else() -> None:
    pods, nodes, secrets = (
        {"verbs": ["get"], "resources": [name], "apiGroups": [""]} for name in ("pods", "nodes", "secrets")
    )
    roles = [role("system:controller:a", pods, nodes), role("system:controller:b", pods), role("admin", secrets)]
    assert controllers_role.union(roles) == [nodes, pods]


def test_the_role_is_bound_to_the_manager_alone() -> None:
    binding = controllers_role.objects([])[1]
    assert binding["roleRef"]["name"] == controllers_role.NAME
    assert [s["name"] for s in binding["subjects"]] == ["system:kube-controller-manager"]
