"""matchConditions of webhooks: kept as they were written, changed, refused when they are no CEL, and obeyed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.apiserver.admission.conftest import WebhookServer, configuration, patch, webhook
from tests.integration.commandline import Kubectl

pytestmark = pytest.mark.integration
Object = dict[str, Any]
KINDS = ["Mutating", "Validating"]
FIRST = {"name": "expression-1", "expression": "object.metadata.namespace == 'production'"}
SECOND = {"name": "expression-2", "expression": "object.metadata.namespace == 'staging'"}


def conditions(kubectl: Kubectl, kind: str) -> Any:
    return kubectl.json("get", f"{kind.lower()}webhookconfiguration", "c")["webhooks"][0].get("matchConditions")


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_kept_and_changed(kubectl: Kubectl, hooks: WebhookServer, kind: str) -> None:
    wanted = configuration(kind, "c", webhook(hooks, "/x", resources=["none"], matchConditions=[FIRST]))
    kubectl.create(wanted)
    assert conditions(kubectl, kind) == [FIRST]
    current = kubectl.json("get", f"{kind.lower()}webhookconfiguration", "c")
    current["webhooks"][0]["matchConditions"] = [FIRST, SECOND]
    kubectl.ok("replace", "-f", "-", stdin=current)
    assert conditions(kubectl, kind) == [FIRST, SECOND]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            {"name": "expression-1", "expression": "... [] bad expression"},
            'webhooks[0].matchConditions[0].expression: Invalid value: "... [] bad expression": compilation failed',
        ),
        (
            {"name": "a", "expression": "object.metadata"},
            'webhooks[0].matchConditions[0].expression: Invalid value: "object.metadata": must evaluate to bool',
        ),
        ({"name": "a", "expression": ""}, "webhooks[0].matchConditions[0].expression: Required value"),
        ({"name": "not a name", "expression": "true"}, "webhooks[0].matchConditions[0].name: Invalid value"),
        ({"name": "", "expression": "true"}, "webhooks[0].matchConditions[0].name: Required value"),
    ],
)
def test_what_is_no_condition_is_refused(
    kubectl: Kubectl, hooks: WebhookServer, kind: str, condition: Object, message: str
) -> None:
    wanted = configuration(kind, "c", webhook(hooks, "/x", matchConditions=[condition]))
    assert message in kubectl.fails("create", "-f", "-", stdin=wanted)


def test_a_name_given_twice_is_refused(kubectl: Kubectl, hooks: WebhookServer) -> None:
    wanted = configuration("Mutating", "c", webhook(hooks, "/x", matchConditions=[FIRST, FIRST]))
    error = kubectl.fails("create", "-f", "-", stdin=wanted)
    assert 'webhooks[0].matchConditions[1].name: Duplicate value: "expression-1"' in error


def test_what_they_leave_out_is_not_mutated(kubectl: Kubectl, hooks: WebhookServer) -> None:
    hooks.answers["/mutate"] = lambda request: patch({"op": "add", "path": "/data/mutated", "value": "yes"})
    skip = {"name": "skip-me", "expression": "object.metadata.name != 'skip-me'"}
    here = {"name": "here", "expression": f"request.namespace == '{kubectl.namespace}'"}
    kubectl.create(configuration("Mutating", "c", webhook(hooks, "/mutate", matchConditions=[skip, here])))
    for name in ("skip-me", "mutate-me"):
        kubectl.ok("create", "configmap", name, "--from-literal=a=b")
    assert kubectl.json("get", "configmap", "skip-me")["data"] == {"a": "b"}
    assert kubectl.json("get", "configmap", "mutate-me")["data"] == {"a": "b", "mutated": "yes"}


def test_one_that_is_false_wins_over_one_that_fails(kubectl: Kubectl, hooks: WebhookServer) -> None:
    fails = {"name": "fails", "expression": "object.data.missing == 'x'"}
    false = {"name": "false", "expression": "object.metadata.name != 'let-through'"}
    hooks.answers["/no"] = lambda request: {"allowed": False}
    kubectl.create(configuration("Validating", "c", webhook(hooks, "/no", matchConditions=[fails, false])))
    kubectl.ok("create", "configmap", "let-through", "--from-literal=a=b")
    assert hooks.requests == []
    assert "no such key: missing" in kubectl.fails("create", "configmap", "other", "--from-literal=a=b")
    assert hooks.requests == []
