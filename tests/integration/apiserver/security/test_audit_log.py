"""The audit log of a running server, read back as its administrator would."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.apiserver.plainhttps import ask
from tests.integration.apiserver.security.neighbour import Neighbour
from tests.waiting import eventually

from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:apiserver"]
- level: Metadata
  resources: [{group: "", resources: ["secrets"]}]
- level: RequestResponse
  omitManagedFields: true
  resources: [{group: "", resources: ["configmaps"]}]
- level: Metadata
  omitStages: []
"""


@pytest.fixture
def audited(tmp_path: Path):
    (tmp_path / "policy.yaml").write_text(POLICY)
    log = tmp_path / "audit.log"
    with ControlPlane(audit_policy_file=str(tmp_path / "policy.yaml"), audit_log_path=str(log)) as control_plane:

        def events(**wanted: Any) -> list[dict[str, Any]]:
            found = [json.loads(line) for line in log.read_text().splitlines()]
            return [e for e in found if all(e.get(key) == value for key, value in wanted.items())]

        yield control_plane, events


def test_secrets_are_named_and_never_shown(audited, kubectl_for) -> None:
    control_plane, events = audited
    kubectl_for(control_plane).ok("create", "secret", "generic", "token", "--from-literal=key=swordfish")
    (event,) = eventually(lambda: events(verb="create", requestURI=_posting("secrets")), "the event is logged")
    assert event["level"] == "Metadata"
    assert event["stage"] == "ResponseComplete"
    wanted = {"resource": "secrets", "namespace": "default", "name": "token", "apiVersion": "v1"}
    assert event["objectRef"] == wanted
    assert event["user"]["username"] == "kubernetes-admin"
    assert event["user"]["groups"] == ["system:masters", "system:authenticated"]
    assert event["responseStatus"] == {"metadata": {}, "code": 201}
    assert event["annotations"]["authorization.k8s.io/decision"] == "allow"
    assert event["sourceIPs"] == ["127.0.0.1"]
    assert "c3dvcmRmaXNo" not in json.dumps(events())


def _posting(plural: str) -> str:
    return f"/api/v1/namespaces/default/{plural}?fieldManager=kubectl-create&fieldValidation=Strict"


def test_request_and_response_show_without_managed_fields(audited, kubectl_for) -> None:
    control_plane, events = audited
    kubectl_for(control_plane).ok("create", "configmap", "cfg", "--from-literal=key=value")
    (event,) = eventually(lambda: events(verb="create", requestURI=_posting("configmaps")), "the event is logged")
    assert event["requestObject"]["data"] == {"key": "value"}
    assert event["responseObject"]["metadata"]["uid"]
    assert "managedFields" not in event["responseObject"]["metadata"]


def test_refusals_say_who_was_impersonated(audited, kubectl_for) -> None:
    control_plane, events = audited
    kubectl_for(control_plane).fails("get", "secrets", "--as", "eve")
    (event,) = eventually(
        lambda: [e for e in events(verb="list") if e.get("impersonatedUser", {}).get("username") == "eve"],
        "the event is logged",
    )
    assert event["user"]["username"] == "kubernetes-admin"
    assert event["annotations"]["authorization.k8s.io/decision"] == "forbid"
    assert (event["responseStatus"]["code"], event["responseStatus"]["reason"]) == (403, "Forbidden")


def test_watch_has_a_start_and_an_end(audited) -> None:
    control_plane, events = audited
    answer = ask(control_plane, "/api/v1/nodes?watch=1&timeoutSeconds=1")
    audit_id = answer.headers["audit-id"]

    def both() -> Any:
        stages = [e["stage"] for e in events(auditID=audit_id)]
        return stages == ["ResponseStarted", "ResponseComplete"]

    eventually(both, "both stages are logged")


def test_wrong_credentials_leave_a_trace(audited) -> None:
    control_plane, events = audited
    assert ask(control_plane, "/api/v1/nodes", token="wrong").status == 401
    (event,) = eventually(
        lambda: [e for e in events() if e["responseStatus"].get("code") == 401], "the event is logged"
    )
    assert (event["user"], event["stage"]) == ({}, "ResponseStarted")
    assert "wrong" not in json.dumps(event)


def test_policy_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError),
        ControlPlane(audit_policy_file=str(tmp_path / "missing"), audit_log_path=str(tmp_path / "log")),
    ):
        pass


def test_a_webhook_is_sent_batches(tmp_path: Path, kubectl_for) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    with contextlib.closing(Neighbour(tmp_path, lambda path, body: {})) as hook:
        options = {
            "audit_policy_file": str(tmp_path / "policy.yaml"),
            "audit_webhook_config_file": hook.kubeconfig(tmp_path / "hook.kubeconfig"),
            "audit_webhook_batch_max_wait_s": 0.2,
        }
        with ControlPlane(**options) as server:
            kubectl_for(server).ok("create", "configmap", "cfg", "--from-literal=key=value")
            wanted = {"verb": "create", "requestURI": _posting("configmaps")}.items()
            (event,) = eventually(
                lambda: [e for _, batch in list(hook.asked) for e in batch["items"] if wanted <= e.items()],
                "the event is sent",
            )
        assert event["responseObject"]["data"] == {"key": "value"}
        path, batch = hook.asked[0]
        assert path == "/hook"
        assert (batch["kind"], batch["apiVersion"]) == ("EventList", "audit.k8s.io/v1")


def test_a_strict_log_that_cannot_be_written_refuses_requests(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n")
    options = {"audit_policy_file": str(policy), "audit_log_path": "/dev/full", "audit_log_mode": "blocking-strict"}
    with ControlPlane(**options) as server:
        refused = ask(server, "/version", token=server.admin_token)
    assert refused.status == 500
    assert refused.json["message"] == 'Internal Server Error: "/version": failed to store audit event'


def test_a_blocking_log_holds_what_was_answered(tmp_path: Path) -> None:
    policy, log = tmp_path / "policy.yaml", tmp_path / "audit.log"
    policy.write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n")
    with ControlPlane(audit_policy_file=str(policy), audit_log_path=str(log)) as server:
        for number in range(5):
            ask(server, f"/version?n={number}", token=server.admin_token)
            stages = [json.loads(line)["stage"] for line in log.read_text().splitlines() if f"n={number}" in line]
            assert stages == ["RequestReceived", "ResponseComplete"]


def test_a_deprecated_version_is_noted(tmp_path: Path) -> None:
    policy, log = tmp_path / "policy.yaml", tmp_path / "audit.log"
    policy.write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n")
    with ControlPlane(audit_policy_file=str(policy), audit_log_path=str(log)) as server:
        ask(server, "/api/v1/namespaces/default/endpoints?seen=1", token=server.admin_token)
    (event,) = [json.loads(line) for line in log.read_text().splitlines() if "seen=1" in line and "Complete" in line]
    assert event["annotations"]["k8s.io/deprecated"] == "true"
