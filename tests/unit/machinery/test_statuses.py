"""The way of a Status error over the wire, and of answers that carry none."""

import pytest

from kajitori.machinery import errors, statuses
from kajitori.machinery.fieldpath import Path, invalid, required

FAULTS = [
    invalid(Path("spec", "replicas"), -1, "must be greater than or equal to 0"),
    required(Path("spec", "selector")),
]
EVERY_KIND = [
    errors.BadRequest.of("what?"),
    errors.Unauthorized.of(),
    errors.Forbidden.of("", "pods", "x", "no"),
    errors.NotFound.of("apps", "deployments", "x"),
    errors.MethodNotSupported.of("", "bindings", "list"),
    errors.NotAcceptable.of(["application/json"]),
    errors.AlreadyExists.of("", "pods", "x"),
    errors.Conflict.modified("apps", "deployments", "x"),
    errors.ApplyConflict.between([('"kubectl"', ".spec.replicas")], "Apply failed"),
    errors.Gone.of("gone"),
    errors.Expired.too_old(1, 5),
    errors.RequestEntityTooLarge.of("limit is 3145728"),
    errors.UnsupportedMediaType.of(["application/json"]),
    errors.Invalid.of("apps", "Deployment", "x", FAULTS),
    errors.TooManyRequests.of("slow", 3),
    errors.InternalError.of("boom"),
    errors.ServerTimeout.of("", "pods", "list", 1),
    errors.ServiceUnavailable.of("not now", 2),
    errors.Timeout.of("too long", 1),
]


def kinds(of: type[errors.StatusError]) -> set[type[errors.StatusError]]:
    return {kind for one in of.__subclasses__() for kind in (one, *kinds(one))}


def test_every_kind_of_error_is_tried_below():
    assert {type(error) for error in EVERY_KIND} == {
        kind for kind in kinds(errors.StatusError) if kind.__module__ == errors.__name__
    }


@pytest.mark.parametrize("error", EVERY_KIND, ids=lambda error: type(error).__name__)
def test_error_survives_the_wire(error):
    again = statuses.from_status(error.to_status())
    assert type(again) is type(error)
    assert again.to_status() == error.to_status()


def test_unknown_reason_falls_back_to_the_code():
    assert type(statuses.from_status({"code": 404, "reason": "Odd"})) is errors.NotFound


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        (404, errors.NotFound, "the server could not find the requested resource"),
        (409, errors.Conflict, "the server reported a conflict"),
        (502, errors.InternalError, 'an error on the server ("<html>") has prevented the request from succeeding'),
        (418, errors.StatusError, 'an error on the server ("<html>") has prevented the request from succeeding'),
    ],
)
def test_an_answer_without_a_status_is_told_by_its_code(code, kind, message):
    error = statuses.from_response(code, "<html>")
    assert (type(error), error.code, error.message) == (kind, code, message)
    assert error.causes == [{"reason": "UnexpectedServerResponse", "message": "<html>"}]
