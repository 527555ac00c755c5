"""/metrics after some traffic: upstream's main names, with numbers that came from where things happen."""

import re
import socket

import pytest
from tests.integration.apiserver.plainhttps import Api
from tests.waiting import eventually

pytestmark = pytest.mark.integration

EXPECTED = """
    apiserver_admission_controller_admission_duration_seconds apiserver_admission_step_admission_duration_seconds
    apiserver_admission_webhook_admission_duration_seconds apiserver_admission_webhook_fail_open_count
    apiserver_admission_webhook_rejection_count apiserver_admission_webhook_request_total
    apiserver_audit_event_total apiserver_audit_requests_rejected_total apiserver_cache_list_total
    apiserver_cel_compilation_duration_seconds apiserver_client_certificate_expiration_seconds
    apiserver_current_inflight_requests apiserver_longrunning_requests
    apiserver_request_duration_seconds apiserver_request_sli_duration_seconds apiserver_request_total
    apiserver_resource_objects apiserver_response_sizes apiserver_storage_list_total apiserver_storage_objects
    apiserver_tls_handshake_errors_total apiserver_validating_admission_policy_check_total
    apiserver_watch_cache_events_received_total apiserver_watch_events_sizes apiserver_watch_events_total
    authenticated_user_requests authentication_attempts authentication_duration_seconds authorization_attempts_total
    aggregator_unavailable_apiservice etcd_request_duration_seconds etcd_requests_total kubernetes_build_info
    kube_apiserver_clusterip_allocator_available_ips
    kube_apiserver_nodeport_allocator_available_ports kubernetes_feature_enabled
    process_resident_memory_bytes
"""
REGISTRATION = "/apis/admissionregistration.k8s.io/v1"


def scrape(admin: Api) -> str:
    answer = admin("GET", "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.body.decode()


def value(text: str, series: str) -> float:
    """The number of one series; 0 where it is not there."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_traffic_of_every_kind_shows_under_upstreams_names(admin: Api) -> None:
    for plural, body in (("validatingwebhookconfigurations", webhooks()), *policies()):
        assert admin("POST", f"{REGISTRATION}/{plural}", body).status == 201
    try:
        connection = admin.connection()
        path = "/api/v1/namespaces/default/configmaps"
        connection.request("GET", f"{path}?watch=1", headers={"authorization": f"Bearer {admin.token}"})
        watching = connection.getresponse()
        eventually(
            lambda: admin("POST", f"{path}?dryRun=All", named("x", "yes")).status == 500, "the webhook is called"
        )
        assert admin("POST", path, named("y", "open")).status == 201
        assert admin("POST", path, named("z", "never")).status == 422
        assert any(b'"metrics":"open"' in watching.readline() for _ in range(100))  # after what was there before
        running = scrape(admin)
        connection.close()
        socket.create_connection(("127.0.0.1", admin.server.port)).close()
        admin("GET", path)
        text = scrape(admin)
    finally:
        admin("DELETE", f"{path}/y")
        for plural, body in (("validatingwebhookconfigurations", webhooks()), *policies()):
            admin("DELETE", f"{REGISTRATION}/{plural}/{body['metadata']['name']}")
    shown = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    assert set(EXPECTED.split()) - shown == set()
    case = 'name="closed.example.com",operation="CREATE"'
    assert value(
        text, f'apiserver_admission_webhook_request_total{{code="503",{case},rejected="true",type="validating"}}'
    )
    refused = f'{{error_type="calling_webhook_error",{case},rejection_code="503",type="validating"}}'
    assert value(text, f"apiserver_admission_webhook_rejection_count{refused}")
    assert value(text, 'apiserver_admission_webhook_fail_open_count{name="open.example.com",type="validating"}') >= 1
    policy = '{enforcement_action="deny",error_type="no_error",policy="never",policy_binding="never"}'
    assert value(text, f"apiserver_validating_admission_policy_check_total{policy}") >= 1
    watch = '{component="apiserver",group="",resource="configmaps",scope="namespace",subresource="",verb="WATCH",version="v1"}'
    assert value(running, f"apiserver_longrunning_requests{watch}") >= 1
    created = 'dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="POST",version="v1"'
    assert value(text, f'apiserver_request_total{{code="422",component="apiserver",{created}}}') >= 1
    assert value(text, 'etcd_requests_total{group="",operation="create",resource="configmaps"}') >= 1
    assert value(text, 'apiserver_watch_events_total{group="",resource="configmaps",version="v1"}') >= 1
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \S+ .+|[a-z_:]+(\{[^}]*\})? \S+", line), line


def test_service_levels_of_health_are_told_apart(admin: Api) -> None:
    admin("GET", "/readyz")
    text = admin("GET", "/metrics/slis").body.decode()
    assert value(text, 'kubernetes_healthcheck{name="etcd",type="readyz"}') == 1
    assert value(text, 'kubernetes_healthchecks_total{name="etcd",status="success",type="readyz"}') >= 1


def named(name: str, case: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"metrics": case}}}


def webhooks() -> dict[str, object]:
    """Nobody answers: one fails closed, one open."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "metrics"},
        "webhooks": [webhook("closed", "Fail", "yes"), webhook("open", "Ignore", "open")],
    }


def webhook(name: str, failure_policy: str, case: str) -> dict[str, object]:
    return {
        "name": f"{name}.example.com",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}],
        "objectSelector": {"matchLabels": {"metrics": case}},
        "failurePolicy": failure_policy,
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }


def policies() -> list[tuple[str, dict[str, object]]]:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "never"},
        "spec": {
            "matchConstraints": {"resourceRules": rules},
            "validations": [{"expression": "object.metadata.?labels[?'metrics'].orValue('') != 'never'"}],
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "never"},
        "spec": {"policyName": "never", "validationActions": ["Deny"]},
    }
    return [("validatingadmissionpolicies", policy), ("validatingadmissionpolicybindings", binding)]


def test_who_is_refused_before_anybody_looks_is_not_counted_as_a_request_of_its_kind(admin: Api) -> None:
    path = "/apis/storage.k8s.io/v1/csinodes"
    assert Api(admin.server, token="nobody's")("GET", path).status == 401
    assert Api(admin.server)("GET", path).status == 403
    assert admin("GET", f"{path}/none").status == 404
    counted = [
        line for line in scrape(admin).splitlines() if line.startswith("apiserver_request_total") and "csinodes" in line
    ]
    assert [re.findall(r'code="(\d+)"', line) for line in counted] == [["404"]]
