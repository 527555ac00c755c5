"""Validation: what is wrong with an object, in upstream's words at upstream's paths."""

from typing import Any

import pytest
import yaml

from kajitori.api.core.pod_rules import IMMUTABLE_SPEC, grace_period_s, qos_class
from kajitori.api.scheme import builtin
from kajitori.apiserver.objects.validation import name_check

SCHEME = builtin()
POD = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: %s}"
DEPLOYMENT = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: %s}"
SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: %s}, spec: %s}"
TEMPLATE = "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}"


def errors(text: str) -> list[str]:
    obj = yaml.safe_load(text)
    found = SCHEME.for_object(obj)
    assert found is not None
    found.strategy.default(obj)
    return [str(error) for error in found.strategy.validate(obj)]


MISMATCH = 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (POD % "{containers: [{name: c, image: i}]}", []),
        (POD % "{}", ["spec.containers: Required value"]),
        (POD % "{containers: [{name: c}]}", ["spec.containers[0].image: Required value"]),
        (
            POD % "{containers: [{name: c, image: i}, {name: c, image: i}]}",
            ['spec.containers[1].name: Duplicate value: "c"'],
        ),
        (
            POD % "{restartPolicy: Sometimes, containers: [{name: c, image: i}]}",
            ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
        ),
        (
            POD % "{containers: [{name: c, image: i, volumeMounts: [{name: x, mountPath: /x}]}]}",
            ['spec.containers[0].volumeMounts[0].name: Not found: "x"'],
        ),
        (
            POD % "{containers: [{name: c, image: i, resources: {requests: {cpu: 2}, limits: {cpu: 1}}}]}",
            ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
        ),
        (
            POD % "{containers: [{name: c, image: i, livenessProbe: {}}]}",
            ["spec.containers[0].livenessProbe: Required value: must specify a handler type"],
        ),
        (
            DEPLOYMENT % ("{replicas: -1, selector: {matchLabels: {a: b}}, " + TEMPLATE + "}"),
            ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
        ),
        (
            DEPLOYMENT % ("{selector: {matchLabels: {a: c}}, " + TEMPLATE + "}"),
            ['spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
        ),
        (DEPLOYMENT % ("{" + TEMPLATE + "}"), ["spec.selector: Required value", MISMATCH]),
        (SERVICE % ("s", "{}"), ["spec.ports: Required value"]),
        (
            SERVICE % ("s", "{ports: [{}]}"),
            ["spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"],
        ),
        (
            SERVICE % ("s", "{ports: [{port: 0}]}"),
            [
                "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            ],
        ),
        (
            SERVICE % ("s", "{ports: [{port: 80}, {port: 81}]}"),
            ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
        ),
        (
            SERVICE % ("s", "{type: ClusterIP, ports: [{port: 80, nodePort: 30000}]}"),
            ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
        ),
    ],
)
def test_an_object_gets_exactly_these_errors(text: str, expected: list[str]) -> None:
    found = errors(text)
    assert [e for e in found if "targetPort" not in e] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [(SERVICE % ("1abc", "{}"), "a DNS-1035 label"), ("{apiVersion: apps/v1, kind: StatefulSet}", "RFC 1123 label")],
)
def test_what_is_named_by_labels(text: str, words: str) -> None:
    found = SCHEME.for_object(yaml.safe_load(text))
    assert found is not None
    (problem,) = name_check(found)("1.bc")
    assert words in problem


def pod(**spec: Any) -> dict[str, Any]:
    obj = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "i"}], **spec},
    }
    SCHEME.for_object(obj).strategy.default(obj)  # type: ignore[union-attr]
    return obj


def test_a_pod_may_change_its_image_but_not_its_hostname() -> None:
    strategy = SCHEME.for_object(pod()).strategy  # type: ignore[union-attr]
    changed = pod()
    changed["spec"]["containers"][0]["image"] = "other"
    assert strategy.validate_update(changed, pod()) == []
    (error,) = strategy.validate_update(pod(hostname="h"), pod())
    text, _, difference = str(error).partition("\n")
    assert text == f"spec: Forbidden: {IMMUTABLE_SPEC}"
    assert '- \tHostname: "",\n+ \tHostname: "h",\n' in difference


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1000m", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}}, "Burstable"),
    ],
)
def test_qos_class_follows_the_resources(resources: dict[str, Any], expected: str) -> None:
    assert qos_class({"containers": [{"name": "c", "resources": resources}]}) == expected


@pytest.mark.parametrize(
    ("node", "phase", "requested", "expected"),
    [
        ("n", "Running", None, 30),
        ("n", "Running", 5, 5),
        ("n", "Running", -1, 1),
        ("", "Pending", None, 0),
        ("n", "Failed", None, 0),
    ],
)
def test_a_deleted_pod_gets_the_grace_that_it_needs(
    node: str, phase: str, requested: int | None, expected: int
) -> None:
    obj = pod(nodeName=node)
    obj["status"] = {"phase": phase}
    assert grace_period_s(obj, requested) == expected


def test_a_jobs_selector_is_the_servers_unless_said_otherwise() -> None:
    from kajitori.api.batch import job_validation

    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [], "restartPolicy": "Never"}}
    job = {"metadata": {"uid": "u"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}}
    text = 'spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` not auto-generated'
    assert text in [str(error) for error in job_validation.job(job)]
    job["spec"]["manualSelector"] = True
    assert text not in [str(error) for error in job_validation.job(job)]
