"""Webhooks over TLS: what they are asked, what their answers do, what their failures mean."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from tests.integration.apiserver.admission.conftest import WebhookServer, configuration, patch, set_label, webhook
from tests.integration.commandline import Kubectl

pytestmark = pytest.mark.integration
Object = dict[str, Any]


def config_map(name: str = "x", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def allow(request: Object) -> Object:
    return {"allowed": True}


class TestValidating:
    def test_a_refusal_reaches_the_user(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/no"] = lambda request: {"allowed": False, "status": {"message": "not on a Friday", "code": 403}}
        kubectl.create(configuration("Validating", "no", webhook(hooks, "/no")))
        error = kubectl.fails("create", "configmap", "x")
        assert error == (
            'error: failed to create configmap: admission webhook "check.example.com" denied the request: '
            "not on a Friday\n"
        )
        assert "not found" in kubectl.fails("get", "configmap", "x")

    def test_access_reviews_are_asked_about_too(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/no"] = lambda request: {"allowed": False, "status": {"message": request["kind"]["kind"]}}
        rule = {"operations": ["*"], "apiGroups": ["authorization.k8s.io"], "apiVersions": ["*"], "resources": ["*"]}
        kubectl.create(configuration("Validating", "no", webhook(hooks, "/no", rules=[rule])))
        assert "denied the request: SelfSubjectAccessReview" in kubectl.fails("auth", "can-i", "get", "pods")

    def test_a_refusal_without_a_word(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/no"] = lambda request: {"allowed": False}
        kubectl.create(configuration("Validating", "no", webhook(hooks, "/no")))
        error = kubectl.fails("create", "-f", "-", stdin=config_map())
        assert error == (
            'Error from server: error when creating "STDIN": admission webhook "check.example.com" denied the request '
            "without explanation\n"
        )

    def test_what_a_webhook_is_asked(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/ask"] = allow
        kubectl.create(configuration("Validating", "ask", webhook(hooks, "/ask", timeoutSeconds=7)))
        kubectl.ok("create", "configmap", "x", "--from-literal=a=1")
        asked = hooks.requests[0]
        kind = {"group": "", "version": "v1", "kind": "ConfigMap"}
        resource = {"group": "", "version": "v1", "resource": "configmaps"}
        assert asked["kind"] == asked["requestKind"] == kind
        assert asked["resource"] == asked["requestResource"] == resource
        assert asked["name"] == "x" and asked["namespace"] == kubectl.namespace
        assert asked["operation"] == "CREATE" and asked["dryRun"] is False
        assert asked["userInfo"]["username"] == "kubernetes-admin" and "system:masters" in asked["userInfo"]["groups"]
        assert asked["object"]["data"] == {"a": "1"} and asked["object"]["kind"] == "ConfigMap"
        assert asked["oldObject"] is None
        assert asked["options"]["kind"] == "CreateOptions" and asked["options"]["fieldManager"] == "kubectl-create"
        assert hooks.paths == ["/ask?timeout=7s"]

    def test_an_update_shows_both_objects(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        kubectl.ok("create", "configmap", "x", "--from-literal=a=1")
        hooks.answers["/ask"] = allow
        kubectl.create(configuration("Validating", "ask", webhook(hooks, "/ask")))
        kubectl.ok("patch", "configmap", "x", "-p", '{"data":{"a":"2"}}')
        asked = hooks.requests[0]
        assert asked["operation"] == "UPDATE"
        assert (asked["object"]["data"], asked["oldObject"]["data"]) == ({"a": "2"}, {"a": "1"})

    def test_deletion_can_be_refused(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        kubectl.ok("create", "configmap", "x")
        hooks.answers["/no"] = lambda request: {"allowed": False, "status": {"message": "keep it"}}
        kubectl.create(configuration("Validating", "no", webhook(hooks, "/no", operations=["DELETE"])))
        assert "denied the request: keep it" in kubectl.fails("delete", "configmap", "x")
        asked = hooks.requests[0]
        assert asked["object"] is None and asked["oldObject"]["metadata"]["name"] == "x"
        assert asked["options"]["kind"] == "DeleteOptions"
        kubectl.ok("delete", "validatingwebhookconfiguration", "no")
        kubectl.ok("delete", "configmap", "x")

    def test_warnings_reach_the_user(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/warn"] = lambda request: {"allowed": True, "warnings": ["mind the gap"]}
        kubectl.create(configuration("Validating", "warn", webhook(hooks, "/warn")))
        assert kubectl.run("create", "configmap", "x").stderr == "Warning: mind the gap\n"

    def test_all_are_asked_at_once(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        together = threading.Barrier(3, timeout=10)

        def wait(request: Object) -> Object:
            together.wait()
            return {"allowed": True}

        hooks.answers["/wait"] = wait
        three = [webhook(hooks, "/wait", f"n{n}.example.com") for n in range(3)]
        kubectl.create(configuration("Validating", "wait", *three))
        kubectl.ok("create", "configmap", "x")
        assert len(hooks.requests) == 3

    def test_connections_are_kept(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/ask"] = allow
        kubectl.create(configuration("Validating", "ask", webhook(hooks, "/ask")))
        before = hooks.connections
        for n in range(4):
            kubectl.ok("create", "configmap", f"x{n}")
        assert len(hooks.requests) == 4 and hooks.connections == before + 1


class TestMutating:
    def test_a_patch_changes_the_object(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/set"] = set_label("team", "blue")
        kubectl.create(configuration("Mutating", "set", webhook(hooks, "/set")))
        assert kubectl.create(config_map())["metadata"]["labels"] == {"team": "blue"}
        assert kubectl.json("get", "configmap", "x")["metadata"]["labels"] == {"team": "blue"}

    def test_later_webhooks_see_what_earlier_ones_made(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/one"], hooks.answers["/two"] = set_label("one", "1"), set_label("two", "2")
        chosen = webhook(hooks, "/two", "two.example.com", objectSelector={"matchLabels": {"one": "1"}})
        kubectl.create(configuration("Mutating", "a", webhook(hooks, "/one", "one.example.com"), chosen))
        assert kubectl.create(config_map())["metadata"]["labels"] == {"one": "1", "two": "2"}

    def test_reinvocation(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        seen: list[list[str]] = []

        def look(request: Object) -> Object:
            seen.append(sorted(request["object"]["metadata"].get("labels") or {}))
            return {"allowed": True}

        hooks.answers["/look"], hooks.answers["/once"] = look, allow
        hooks.answers["/set"] = set_label("two", "2")
        first = webhook(hooks, "/look", "look.example.com", reinvocationPolicy="IfNeeded")
        never = webhook(hooks, "/once", "once.example.com")
        kubectl.create(configuration("Mutating", "a", first, never, webhook(hooks, "/set", "set.example.com")))
        kubectl.create(config_map())
        assert seen == [[], ["two"]]
        assert [p.partition("?")[0] for p in hooks.paths] == ["/look", "/once", "/set", "/look"]

    def test_a_patch_that_makes_nonsense_is_our_error(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/bad"] = lambda request: patch({"op": "add", "path": "/data", "value": 3})
        kubectl.create(configuration("Mutating", "bad", webhook(hooks, "/bad")))
        error = kubectl.fails("create", "-f", "-", stdin=config_map())
        assert error.startswith(
            'Error from server (InternalError): error when creating "STDIN": Internal error occurred'
        )

    def test_what_a_webhook_makes_is_validated_and_defaulted(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        sidecar = {"name": "sidecar", "image": "proxy:1", "unknown": True}
        hooks.answers["/inject"] = lambda request: patch({"op": "add", "path": "/spec/containers/-", "value": sidecar})
        kubectl.create(configuration("Mutating", "inject", webhook(hooks, "/inject", resources=["pods"])))
        pod = kubectl.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "p"},
                "spec": {"containers": [{"name": "c", "image": "i"}]},
            }
        )
        injected = pod["spec"]["containers"][1]
        assert injected["imagePullPolicy"] == "IfNotPresent" and "unknown" not in injected
        assert injected["volumeMounts"][0]["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"
        sidecar["name"] = "Not_A_Name"
        pod = {**pod, "metadata": {"name": "q"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        assert "spec.containers[1].name: Invalid value" in kubectl.fails("create", "-f", "-", stdin=pod)

    def test_dry_run_is_told(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/set"] = set_label("team", "blue")
        kubectl.create(configuration("Mutating", "set", webhook(hooks, "/set", sideEffects="NoneOnDryRun")))
        made = kubectl.json("create", "configmap", "x", "--dry-run=server")
        assert made["metadata"]["labels"] == {"team": "blue"}
        assert hooks.requests[0]["dryRun"] is True and hooks.requests[0]["options"]["dryRun"] == ["All"]
        assert "not found" in kubectl.fails("get", "configmap", "x")

    def test_replicas_through_scale(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        labels = {"app": "a"}
        kubectl.create(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "d"},
                "spec": {
                    "replicas": 1,
                    "selector": {"matchLabels": labels},
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": {"containers": [{"name": "c", "image": "i"}]},
                    },
                },
            }
        )
        hooks.answers["/cap"] = lambda request: patch({"op": "replace", "path": "/spec/replicas", "value": 3})
        made = webhook(hooks, "/cap", groups=["apps"], resources=["deployments/scale"])
        kubectl.create(configuration("Mutating", "cap", made))
        kubectl.ok("scale", "deployment", "d", "--replicas=9")
        assert hooks.requests[0]["kind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
        assert hooks.requests[0]["object"]["spec"] == {"replicas": 9}
        assert kubectl.json("get", "deployment", "d")["spec"]["replicas"] == 3


class TestMatching:
    def test_namespaces_can_be_left_out(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/no"] = lambda request: {"allowed": False}
        chosen = {"matchLabels": {"watched": "yes"}}
        kubectl.create(configuration("Validating", "no", webhook(hooks, "/no", namespaceSelector=chosen)))
        kubectl.ok("create", "configmap", "x")
        kubectl.ok("label", "namespace", kubectl.namespace, "watched=yes")
        kubectl.fails("create", "configmap", "y")

    def test_other_versions_count_too_unless_exact(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/v1"], hooks.answers["/exact"] = allow, allow
        rule: Object = {"groups": ["autoscaling"], "versions": ["v1"], "resources": ["horizontalpodautoscalers"]}
        exact = webhook(hooks, "/exact", "exact.example.com", matchPolicy="Exact", **rule)
        kubectl.create(configuration("Validating", "v1", webhook(hooks, "/v1", **rule), exact))
        autoscaler = {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "h"},
            "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}},
        }
        kubectl.create(autoscaler)
        assert [p.partition("?")[0] for p in hooks.paths] == ["/v1"]
        asked = hooks.requests[0]
        assert asked["kind"]["version"] == asked["resource"]["version"] == "v1"
        assert asked["requestKind"]["version"] == asked["requestResource"]["version"] == "v2"
        assert asked["object"]["apiVersion"] == "autoscaling/v1"
        assert asked["object"]["spec"]["targetCPUUtilizationPercentage"] == 80

    def test_configurations_are_beyond_reach(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/no"] = lambda request: {"allowed": False}
        everything: Object = {"groups": ["*"], "versions": ["*"], "resources": ["*/*"], "operations": ["*"]}
        name = {"matchLabels": {"kubernetes.io/metadata.name": kubectl.namespace}}
        kubectl.create(configuration("Validating", "no", webhook(hooks, "/no", namespaceSelector=name, **everything)))
        kubectl.fails("create", "configmap", "x")
        kubectl.ok("delete", "validatingwebhookconfiguration", "no")
        kubectl.ok("create", "configmap", "x")

    def test_exec_is_a_connect(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/no"] = lambda request: {"allowed": False, "status": {"message": "no shells"}}
        made = webhook(hooks, "/no", operations=["CONNECT"], resources=["pods/exec"])
        kubectl.create(configuration("Validating", "no", made))
        kubectl.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}})
        address = '{"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}]}}'
        kubectl.ok("patch", "node", "n1", "--subresource=status", "-p", address)
        container = {"name": "c", "image": "i"}
        pod: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
        kubectl.create({**pod, "spec": {"containers": [container], "nodeName": "n1"}})
        assert "no shells" in kubectl.fails("exec", "p", "--", "sh")
        assert hooks.requests[0]["kind"]["kind"] == "PodExecOptions"


class TestFailures:
    def test_nobody_listens(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        gone = webhook(hooks, "/gone")
        gone["clientConfig"]["url"] = "https://127.0.0.1:1/gone"
        kubectl.create(configuration("Validating", "gone", gone))
        error = kubectl.fails("create", "-f", "-", stdin=config_map())
        assert error == (
            'Error from server (InternalError): error when creating "STDIN": Internal error occurred: failed calling '
            'webhook "check.example.com": failed to call webhook: Post "https://127.0.0.1:1/gone?timeout=10s": '
            "dial tcp 127.0.0.1:1: connect: connection refused\n"
        )

    def test_failing_open(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        gone = webhook(hooks, "/gone", failurePolicy="Ignore")
        gone["clientConfig"]["url"] = "https://127.0.0.1:1/gone"
        kubectl.create(configuration("Validating", "gone", gone))
        kubectl.create(configuration("Mutating", "gone", gone))
        kubectl.ok("create", "configmap", "x")

    def test_a_slow_one_is_given_up(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        release = threading.Event()

        def sleep(request: Object) -> Object:
            release.wait(20)
            return {"allowed": True}

        hooks.answers["/slow"] = sleep
        kubectl.create(configuration("Validating", "slow", webhook(hooks, "/slow", timeoutSeconds=1)))
        started = time.monotonic()
        error = kubectl.fails("create", "configmap", "x")
        release.set()
        assert f'Post "{hooks.url("/slow")}?timeout=1s": context deadline exceeded' in error
        assert time.monotonic() - started < 10

    def test_an_unknown_authority(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        made = webhook(hooks, "/x")
        del made["clientConfig"]["caBundle"]
        kubectl.create(configuration("Validating", "x", made))
        error = kubectl.fails("create", "configmap", "x")
        assert "tls: failed to verify certificate: x509: certificate signed by unknown authority" in error

    def test_answers_that_are_none(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/uid"] = lambda request: {"allowed": True, "uid": "another"}
        kubectl.create(configuration("Validating", "x", webhook(hooks, "/uid")))
        error = kubectl.fails("create", "configmap", "x")
        assert 'received invalid webhook response: expected response.uid="' in error
        hooks.answers["/uid"] = lambda request: {"_status": 404}
        assert "the server could not find the requested resource" in kubectl.fails("create", "configmap", "x")

    def test_a_service(self, kubectl: Kubectl, hooks: WebhookServer) -> None:
        hooks.answers["/ask"] = allow
        made = webhook(hooks, "/ask")
        service = {"name": "hook", "namespace": "default", "path": "/ask", "port": hooks.port}
        made["clientConfig"] = {"service": service, "caBundle": hooks.ca_bundle}
        kubectl.create(configuration("Validating", "svc", made))
        where = f"https://hook.default.svc:{hooks.port}/ask?timeout=10s"
        error = kubectl.fails("create", "configmap", "x")
        assert f'Post "{where}": service "hook" not found' in error
        kubectl.ok("create", "service", "externalname", "hook", "--external-name=localhost", "-n", "default")
        kubectl.ok("create", "configmap", "x")
        assert hooks.server_names == ["hook.default.svc"]
        assert hooks.hosts == [f"hook.default.svc:{hooks.port}"]
        kubectl.ok("delete", "service", "hook", "-n", "default")
