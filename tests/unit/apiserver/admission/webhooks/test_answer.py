"""What webhooks answer: the texts are those of upstream's server 1.34 for the same answers."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kajitori.apiserver.admission.webhooks.answer import Unusable, Verdict, read_response
from kajitori.apiserver.admission.webhooks.caller import unexpected
from kajitori.client.connection import Response

Object = dict[str, Any]
UNDECODABLE, INVALID = "failed to call webhook: ", "received invalid webhook response: "
PATCH = "received undecodable patch in webhook response: "
FIELD = "json: cannot unmarshal {} into Go struct field AdmissionResponse.response.{} of type {}"


def answer(response: Object | None, **over: Any) -> bytes:
    whole: Object = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", **over}
    if response is not None:
        whole["response"] = {"uid": "1", "allowed": True, **response}
    return json.dumps(whole).encode()


def patch(text: bytes, kind: str | None = "JSONPatch") -> bytes:
    return answer({"patch": base64.b64encode(text).decode(), **({} if kind is None else {"patchType": kind})})


def read(data: bytes, version: str = "v1", *, mutating: bool = True) -> Verdict:
    return read_response(data, version, "1", mutating=mutating)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", UNDECODABLE + "0-length response with status code: 200 and content type: application/json"),
        (b"null", INVALID + "webhook response was absent"),
        (answer(None), INVALID + "webhook response was absent"),
        (answer({"uid": "2"}), INVALID + 'expected response.uid="1", got "2"'),
        (
            answer({}, kind="Other"),
            UNDECODABLE
            + 'no kind "Other" is registered for version "admission.k8s.io/v1" in scheme '
            + '"k8s.io/apiserver/pkg/util/webhook/client.go:71"',
        ),
        (
            answer({}, apiVersion="admission.k8s.io/v1beta1"),
            UNDECODABLE + "converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion",
        ),
        (answer({"allowed": "yes"}), UNDECODABLE + FIELD.format("string", "allowed", "bool")),
        (answer({"auditAnnotations": {"k": 3}}), UNDECODABLE + FIELD.format("number", "auditAnnotations", "string")),
        (answer({"warnings": "w"}), UNDECODABLE + FIELD.format("string", "warnings", "[]string")),
        (answer({"patch": "W10="}), INVALID + "webhook returned response.patch but not response.patchType"),
        (answer({"patchType": "JSONPatch"}), INVALID + "webhook returned response.patchType but not response.patch"),
        (patch(b"[]", ""), INVALID + 'webhook returned invalid response.patchType of ""'),
        (patch(b'[{"op":"remove","path":"/a"}]', "Merge"), 'unsupported patch type "Merge"'),
        (answer({"patchType": "JSONPatch", "patch": "%%%"}), UNDECODABLE + "illegal base64 data at input byte 0"),
        (patch(b"zz"), PATCH + "invalid character 'z' looking for beginning of value"),
        (patch(b"{}"), PATCH + "json: cannot unmarshal object into Go value of type jsonpatch.Patch"),
    ],
)
def test_answers_that_are_none(data: bytes, message: str) -> None:
    with pytest.raises(Unusable) as refused:
        read(data)
    assert str(refused.value) == message


@pytest.mark.parametrize("data", [b"hello", b"[]"])
def test_answers_that_are_no_objects(data: bytes) -> None:
    with pytest.raises(Unusable, match="couldn't get version/kind; json parse error: json: cannot unmarshal"):
        read(data)


def test_an_answer_may_be_yaml() -> None:
    text = b"apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nresponse:\n  uid: '1'\n  allowed: true\n"
    assert read(text).allowed


@pytest.mark.parametrize("text", [b"null", b"[]"])
def test_a_patch_may_be_empty(text: bytes) -> None:
    assert read(patch(text)) == Verdict(allowed=True)


def test_a_refusal_stands_whatever_its_patch_is() -> None:
    denied = answer({"allowed": False, "patchType": "JSONPatch", "patch": base64.b64encode(b"zz").decode()})
    assert not read(denied).allowed


@pytest.mark.parametrize("over", [{"patch": "W10="}, {"patchType": "JSONPatch"}])
def test_who_validates_may_not_patch(over: Object) -> None:
    with pytest.raises(Unusable, match="validating webhook may not return response"):
        read(answer(over), mutating=False)


def test_the_old_version_asks_for_less() -> None:
    operations = base64.b64encode(b'[{"op":"remove","path":"/data"}]').decode()
    given = {"apiVersion": "admission.k8s.io/v1beta1", "response": {"allowed": True, "patch": operations}}
    verdict = read(json.dumps({"kind": "AdmissionReview", **given}).encode(), "v1beta1")
    assert verdict.allowed and verdict.patch == [{"op": "remove", "path": "/data"}]


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (500, b"boom\n", 'an error on the server ("boom") has prevented the request from succeeding'),
        (302, b"", "the server responded with the status code 302 but did not return more information"),
        (413, b"big", "the server responded with the status code 413 but did not return more information"),
        (403, b"no", "no"),
        (415, b"c", "c"),
        (409, b"c", "the server reported a conflict"),
        (422, b"c", "the server rejected our request due to an error in our request"),
        (500, b'{"kind":"Status","message":"my status"}', "my status"),
    ],
)
def test_answers_that_are_no_success(status: int, body: bytes, text: str) -> None:
    assert unexpected(Response(status, {}, body)) == text
