"""ValidatingAdmissionPolicy: what expressions see, what bindings do with failures, parameters, texts."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from tests.integration.commandline import Kubectl
from tests.waiting import eventually

pytestmark = pytest.mark.integration
Object = dict[str, Any]
V1 = "admissionregistration.k8s.io/v1"


def rule(*resources: str, group: str = "", **more: Any) -> Object:
    operations = more.pop("operations", ["CREATE", "UPDATE"])
    return {
        "apiGroups": [group],
        "apiVersions": ["v1"],
        "operations": operations,
        "resources": list(resources) or ["configmaps"],
        **more,
    }


def policy(*validations: Object | str, name: str = "p", **spec: Any) -> Object:
    match = spec.pop("match", {"resourceRules": [spec.pop("rule", rule())]})
    given = [{"expression": v} if isinstance(v, str) else v for v in validations]
    return {
        "apiVersion": V1,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {"matchConstraints": match, "validations": given, **spec},
    }


def binding(kubectl: Kubectl, name: str = "b", to: str = "p", **spec: Any) -> Object:
    """For the test's own namespace."""
    selector = {"matchLabels": {"kubernetes.io/metadata.name": kubectl.namespace}}
    return {
        "apiVersion": V1,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {
            "policyName": to,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": selector},
            **spec,
        },
    }


def config_map(name: str = "x", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def version(name: str, *, storage: bool) -> Object:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"most": {"type": "integer"}}}}}
    return {"name": name, "served": True, "storage": storage, "schema": {"openAPIV3Schema": schema}}


def definition(plural: str, kind: str, versions: list[Object]) -> Object:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": versions,
        },
    }


class TestDenials:
    def test_the_text(self, kubectl: Kubectl) -> None:
        kubectl.create(policy({"expression": "object.data.size() < 2", "message": "too much data"}))
        kubectl.ok("create", "-f", "-", stdin=config_map("before", a="1", b="2"))
        kubectl.create(binding(kubectl))
        kubectl.create(config_map(a="1"))
        assert kubectl.fails("create", "-f", "-", stdin=config_map("y", a="1", b="2")) == (
            "The configmaps \"y\" is invalid: : ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
            "too much data\n"
        )

    def test_without_a_message_the_expression_is_shown(self, kubectl: Kubectl) -> None:
        kubectl.create(policy("object.metadata.name.startsWith('a')"))
        kubectl.create(binding(kubectl))
        error = kubectl.fails("create", "configmap", "x")
        assert "denied request: failed expression: object.metadata.name.startsWith('a')" in error

    def test_reasons_and_message_expressions(self, kubectl: Kubectl) -> None:
        validation = {
            "expression": "object.metadata.name.size() <= 3",
            "messageExpression": "'the name ' + object.metadata.name + ' has ' + string(object.metadata.name.size())",
            "reason": "Forbidden",
        }
        kubectl.create(policy(validation))
        kubectl.create(binding(kubectl))
        error = kubectl.fails("create", "configmap", "long")
        assert error == (
            "error: failed to create configmap: configmaps \"long\" is forbidden: ValidatingAdmissionPolicy 'p' with "
            "binding 'b' denied request: the name long has 4\n"
        )

    def test_warnings(self, kubectl: Kubectl) -> None:
        kubectl.create(policy({"expression": "false", "message": "never"}))
        kubectl.create(binding(kubectl, validationActions=["Warn", "Audit"]))
        done = kubectl.run("create", "configmap", "x")
        assert done.returncode == 0
        assert done.stderr == ("Warning: Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': never\n")

    def test_an_expression_that_fails(self, kubectl: Kubectl) -> None:
        kubectl.create(policy("object.data.missing == 'x'"))
        kubectl.create(binding(kubectl))
        error = kubectl.fails("create", "-f", "-", stdin=config_map(a="1"))
        assert "expression 'object.data.missing == 'x'' resulted in error: no such key: missing" in error
        kubectl.ok("patch", "validatingadmissionpolicy", "p", "-p", '{"spec":{"failurePolicy":"Ignore"}}')
        kubectl.ok("create", "-f", "-", stdin=config_map(a="1"))

    def test_deletions_have_only_an_old_object(self, kubectl: Kubectl) -> None:
        kubectl.ok("create", "configmap", "x")
        given = rule(operations=["DELETE"])
        kubectl.create(policy("object == null && oldObject.metadata.name != 'x'", rule=given))
        kubectl.create(binding(kubectl))
        assert "denied request" in kubectl.fails("delete", "configmap", "x")


class TestVariables:
    def test_all_of_them(self, kubectl: Kubectl) -> None:
        expressions = [
            "request.operation == 'CREATE' && request.kind.kind == 'ConfigMap' && request.name == 'x'",
            "request.userInfo.username == 'kubernetes-admin' && 'system:masters' in request.userInfo.groups",
            "!request.dryRun && request.options.fieldManager == 'kubectl-create'",
            "oldObject == null",
            "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == object.metadata.namespace",
            "authorizer.group('').resource('secrets').namespace('default').check('delete').allowed()",
            "!authorizer.serviceAccount('default', 'nobody').group('').resource('secrets').check('list').allowed()",
            "authorizer.requestResource.check('create').allowed()",
            "variables.total == 2 && variables.named",
        ]
        variables = [
            {"name": "keys", "expression": "object.data.map(k, k)"},
            {"name": "total", "expression": "variables.keys.size()"},
            {"name": "named", "expression": "object.metadata.name == 'x'"},
        ]
        kubectl.create(policy(*expressions, variables=variables))
        kubectl.create(binding(kubectl))
        kubectl.ok("create", "configmap", "x", "--from-literal=a=1", "--from-literal=b=2")

    def test_match_conditions_leave_requests_alone(self, kubectl: Kubectl) -> None:
        conditions = [{"name": "not-mine", "expression": "object.metadata.name != 'mine'"}]
        kubectl.create(policy("false", matchConditions=conditions))
        kubectl.create(binding(kubectl))
        kubectl.ok("create", "configmap", "mine")
        kubectl.fails("create", "configmap", "theirs")

    def test_other_versions_are_shown_in_the_rules_version(self, kubectl: Kubectl) -> None:
        given = rule("horizontalpodautoscalers", group="autoscaling")
        kubectl.create(policy("object.spec.targetCPUUtilizationPercentage <= 50", rule=given))
        kubectl.create(binding(kubectl))
        autoscaler = {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "h"},
            "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}},
        }
        assert "denied request" in kubectl.fails("create", "-f", "-", stdin=autoscaler)

    def test_exclusions_and_resource_names(self, kubectl: Kubectl) -> None:
        match = {"resourceRules": [rule("*")], "excludeResourceRules": [rule("secrets"), rule(resourceNames=["free"])]}
        kubectl.create(policy("false", match=match))
        kubectl.create(binding(kubectl))
        kubectl.ok("create", "secret", "generic", "s")
        kubectl.ok("create", "configmap", "free")
        kubectl.fails("create", "configmap", "bound")


class TestParams:
    KIND: ClassVar[Object] = {"apiVersion": "v1", "kind": "ConfigMap"}

    def test_a_named_object(self, kubectl: Kubectl) -> None:
        kubectl.create(config_map("limits", most="2"))
        kubectl.create(policy("object.data.size() <= int(params.data.most)", paramKind=self.KIND))
        ref = {"name": "limits", "namespace": kubectl.namespace, "parameterNotFoundAction": "Deny"}
        kubectl.create(binding(kubectl, paramRef=ref))
        kubectl.create(config_map("x", a="1", b="2"))
        assert "denied request" in kubectl.fails("create", "-f", "-", stdin=config_map("y", a="1", b="2", c="3"))
        kubectl.ok("patch", "configmap", "limits", "-p", '{"data":{"most":"3"}}')
        kubectl.create(config_map("y", a="1", b="2", c="3"))

    def test_all_that_a_selector_finds(self, kubectl: Kubectl) -> None:
        for name in ("a", "b"):
            kubectl.create(config_map(name, forbidden=name))
            kubectl.ok("label", "configmap", name, "use=yes")
        kubectl.create(policy("object.metadata.name != 'no-' + params.data.forbidden", paramKind=self.KIND))
        ref = {"selector": {"matchLabels": {"use": "yes"}}, "parameterNotFoundAction": "Deny"}
        kubectl.create(binding(kubectl, paramRef=ref))
        kubectl.create(config_map("fine"))
        for name in ("no-a", "no-b"):
            assert "denied request" in kubectl.fails("create", "configmap", name)

    def test_custom_resources(self, kubectl: Kubectl) -> None:
        versions = [version("v1", storage=True), version("v2", storage=False)]
        kubectl.create(definition("limits", "Limit", versions))
        kubectl.ok("wait", "crd", "limits.example.com", "--for=condition=Established")
        limit = {"apiVersion": "example.com/v1", "kind": "Limit", "metadata": {"name": "l"}, "spec": {"most": 1}}
        kubectl.create(limit)
        kind = {"apiVersion": "example.com/v2", "kind": "Limit"}
        expression = "params.apiVersion == 'example.com/v2' && object.data.size() <= params.spec.most"
        kubectl.create(policy(expression, paramKind=kind))
        kubectl.create(binding(kubectl, paramRef={"name": "l", "parameterNotFoundAction": "Deny"}))
        kubectl.create(config_map("x", a="1"))
        assert "denied request" in kubectl.fails("create", "-f", "-", stdin=config_map("y", a="1", b="2"))
        kubectl.ok("delete", "crd", "limits.example.com")

    def test_missing_ones(self, kubectl: Kubectl) -> None:
        kubectl.create(policy("params != null", paramKind=self.KIND))
        ref = {"name": "none", "parameterNotFoundAction": "Deny"}
        kubectl.create(binding(kubectl, paramRef=ref))
        assert (
            "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed to configure binding: no params "
            "found for policy binding with `Deny` parameterNotFoundAction"
        ) in kubectl.fails("create", "configmap", "x")
        patch = '{"spec":{"paramRef":{"parameterNotFoundAction":"Allow"}}}'
        kubectl.ok("patch", "validatingadmissionpolicybinding", "b", "--type=merge", "-p", patch)
        kubectl.ok("create", "configmap", "x")

    def test_an_unknown_kind(self, kubectl: Kubectl) -> None:
        kubectl.create(policy("true", paramKind={"apiVersion": "example.com/v1", "kind": "Limit"}))
        kubectl.create(binding(kubectl, paramRef={"name": "x", "parameterNotFoundAction": "Deny"}))
        error = kubectl.fails("create", "configmap", "x")
        say = "failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'"
        assert f"ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: {say}" in error


class TestValidation:
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (policy("object.data +"), "spec.validations[0].expression: Invalid value: "),
            (policy("1 + 1"), "must evaluate to bool"),
            (policy("nothing == 1"), "undeclared reference to 'nothing'"),
            (policy("params.x == 1"), "undeclared reference to 'params'"),
            (policy("request.nothing == ''"), "undefined field 'nothing'"),
            (policy(), "validations or auditAnnotations must contain at least one item"),
            (policy({"expression": "true", "reason": "Nope"}), 'spec.validations[0].reason: Unsupported value: "Nope"'),
            (policy({"expression": "true", "messageExpression": "1"}), "must evaluate to string"),
            (policy("variables.a == 1", variables=[{"name": "if", "expression": "1"}]), "not a valid CEL identifier"),
            (policy("true", match={}), "spec.matchConstraints.resourceRules: Required value"),
            (policy("true", rule=rule("pods", operations=["EAT"])), 'Unsupported value: "EAT"'),
        ],
    )
    def test_policies(self, kubectl: Kubectl, given: Object, message: str) -> None:
        assert message in kubectl.fails("create", "-f", "-", stdin=given)

    @pytest.mark.parametrize(
        ("spec", "message"),
        [
            ({"validationActions": []}, "at least one validation action is required"),
            ({"validationActions": ["Deny", "Warn"]}, "must not contain both Deny and Warn"),
            ({"paramRef": {"parameterNotFoundAction": "Deny"}}, "one of name or selector must be specified"),
            ({"paramRef": {"name": "x"}}, "spec.paramRef.parameterNotFoundAction: Required value"),
            ({"policyName": ""}, "spec.policyName: Required value"),
        ],
    )
    def test_bindings(self, kubectl: Kubectl, spec: Object, message: str) -> None:
        assert message in kubectl.fails("create", "-f", "-", stdin=binding(kubectl, **spec))

    @pytest.mark.usefixtures("controllers")
    def test_types_are_checked_afterwards(self, kubectl: Kubectl) -> None:
        wrong = {"expression": "object.spec.replicaz > 1", "messageExpression": "'only ' + object.metadata.name"}
        kubectl.create(policy(wrong, "object.spec.replicas > 1", rule=rule("deployments", group="apps")))

        def status() -> Any:
            return kubectl.json("get", "validatingadmissionpolicy", "p").get("status")

        found = eventually(status, "the policy has a status")
        assert found["observedGeneration"] == 1
        (warning,) = found["typeChecking"]["expressionWarnings"]
        assert warning["fieldRef"] == "spec.validations[0].expression"
        assert warning["warning"].startswith(
            "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicaz'"
        )

    def test_columns(self, kubectl: Kubectl) -> None:
        kubectl.create(policy("true", paramKind={"apiVersion": "v1", "kind": "ConfigMap"}))
        kubectl.create(binding(kubectl, paramRef={"name": "x", "parameterNotFoundAction": "Allow"}))
        header, row = kubectl.ok("get", "validatingadmissionpolicies").splitlines()
        assert header.split() == ["NAME", "VALIDATIONS", "PARAMKIND", "AGE"]
        assert row.split()[:3] == ["p", "1", "v1/ConfigMap"]
        header, row = kubectl.ok("get", "validatingadmissionpolicybindings").splitlines()
        assert header.split() == ["NAME", "POLICYNAME", "PARAMREF", "AGE"]
        assert row.split()[:3] == ["b", "p", "*/x"]
