"""Texts and codes of Status errors."""

import pytest

from kajitori.machinery import errors
from kajitori.machinery.fieldpath import Path, invalid, required

REPLICAS = invalid(Path("spec", "replicas"), -1, "must be greater than or equal to 0")
SELECTOR = required(Path("spec").child("selector"))
CASES = [
    (errors.NotFound.of("", "pods", "x"), 404, "NotFound", 'pods "x" not found'),
    (errors.NotFound.of("apps", "deployments", "x"), 404, "NotFound", 'deployments.apps "x" not found'),
    (errors.AlreadyExists.of("", "pods", "x"), 409, "AlreadyExists", 'pods "x" already exists'),
    (
        errors.Conflict.modified("apps", "deployments", "x"),
        409,
        "Conflict",
        'Operation cannot be fulfilled on deployments.apps "x": the object has been modified; '
        "please apply your changes to the latest version and try again",
    ),
    (
        errors.Invalid.of("apps", "Deployment", "x", [REPLICAS]),
        422,
        "Invalid",
        'Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ),
    (
        errors.Invalid.of("", "Pod", "x", [REPLICAS, SELECTOR, SELECTOR]),
        422,
        "Invalid",
        'Pod "x" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, '
        "spec.selector: Required value]",
    ),
    (errors.Forbidden.of("", "pods", "x", "no"), 403, "Forbidden", 'pods "x" is forbidden: no'),
    (errors.Forbidden.of("", "pods", "", "no"), 403, "Forbidden", "pods is forbidden: no"),
    (errors.InternalError.of("boom"), 500, "InternalError", "Internal error occurred: boom"),
    (errors.Expired.too_old(1, 5), 410, "Expired", "too old resource version: 1 (5)"),
]


@pytest.mark.parametrize(("error", "code", "reason", "message"), CASES, ids=lambda value: str(value)[:40])
def test_error_has_upstreams_words(error, code, reason, message):
    assert (error.code, error.reason, str(error)) == (code, reason, message)


def test_invalid_carries_a_cause_per_field():
    causes = errors.Invalid.of("", "Pod", "x", [REPLICAS]).causes
    assert causes == [
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: -1: must be greater than or equal to 0",
            "field": "spec.replicas",
        }
    ]


def test_retry_after_is_read_from_the_details():
    assert errors.TooManyRequests.of("slow", 3).retry_after_s == 3
