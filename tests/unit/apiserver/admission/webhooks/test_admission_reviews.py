"""AdmissionReviews: what is asked, where webhooks are, what their refusals become."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.admission.webhooks.answer import Verdict
from kajitori.apiserver.admission.webhooks.caller import Caller, CallFailed, describe
from kajitori.apiserver.admission.webhooks.hook import read_place, read_webhook, read_webhooks
from kajitori.apiserver.admission.webhooks.mutating import MutatingAdmissionWebhook
from kajitori.apiserver.admission.webhooks.plugin import denied
from kajitori.apiserver.admission.webhooks.review import options_of, review
from kajitori.apiserver.admission.webhooks.validating import ValidatingAdmissionWebhook
from kajitori.apiserver.admission_types import AUDIT_ANNOTATIONS, CREATE, DELETE, AdmissionRequest
from kajitori.apiserver.user import LOOPBACK_USER, UserInfo
from kajitori.machinery.errors import BadRequest, InternalError, ServiceUnavailable, StatusError

Object = dict[str, Any]
CONFIG_MAPS: Any = builtin().by_plural("", "v1", "configmaps")
RULE = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}


def request(operation: str = CREATE, **over: Any) -> AdmissionRequest:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "ns"}}
    given: Object = {"object": obj, "old_object": None, "user": UserInfo("u", "7", ("g",)), "kind": "ConfigMap", **over}
    return AdmissionRequest(operation, CONFIG_MAPS, "", "ns", "x", **given)


class TestReview:
    def test_the_whole_of_it(self) -> None:
        made = review(request(options={"fieldManager": "me"}, dry_run=True), CONFIG_MAPS, "v1", "1")
        asked = made["request"]
        assert (made["kind"], made["apiVersion"]) == ("AdmissionReview", "admission.k8s.io/v1")
        assert asked["userInfo"] == {"username": "u", "uid": "7", "groups": ["g"]}
        assert asked["uid"] == "1" and asked["dryRun"] is True and "subResource" not in asked
        assert asked["options"] == {
            "kind": "CreateOptions",
            "apiVersion": "meta.k8s.io/v1",
            "dryRun": ["All"],
            "fieldManager": "me",
        }

    def test_options_of_a_deletion(self) -> None:
        made = request(DELETE, object=None, options={"gracePeriodSeconds": 5})
        assert options_of(made) == {"gracePeriodSeconds": 5, "kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "code", "message"),
        [
            (None, 400, " without explanation"),
            ({"code": 200}, 400, " without explanation"),
            ({"code": 403, "message": "no", "reason": "Forbidden"}, 403, ": no"),
            ({"reason": "Busy"}, 400, ": Busy"),
        ],
    )
    def test_a_denial_never_looks_like_success(self, status: Object | None, code: int, message: str) -> None:
        error = denied("a.b.c", status)
        assert error.code == code and error.message == f'admission webhook "a.b.c" denied the request{message}'
        assert error.to_status()["status"] == "Failure"

    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (TimeoutError(), "context deadline exceeded"),
            (ConnectionRefusedError(111, "x"), "dial tcp 10.0.0.1:443: connect: connection refused"),
            (ssl.SSLError(1, "bad"), "remote error: tls: "),
        ],
    )
    def test_failures_read_as_upstreams(self, error: Exception, text: str) -> None:
        assert describe(error, "10.0.0.1:443").startswith(text)


class TestPlaces:
    def test_urls(self) -> None:
        place = read_place({"url": "https://example.com:8443/a/b", "caBundle": base64.b64encode(b"ca").decode()})
        assert (place.base, place.target, place.ca) == ("https://example.com:8443", "/a/b", b"ca")
        assert read_place({"url": "https://example.com"}).target == "/"

    def test_services_are_known_by_their_name_and_found_by_their_endpoints(self, world: Any) -> None:
        place = read_place({"service": {"namespace": "ns", "name": "hook", "path": "/a", "port": 443}})
        assert (place.base, place.target) == ("https://hook.ns.svc:443", "/a")
        caller = Caller(world)
        metadata = {"name": "hook", "namespace": "ns"}
        world.put("", "services", {"metadata": metadata, "spec": {"ports": [{"name": "https", "port": 443}]}})
        with pytest.raises(ServiceUnavailable, match="no endpoints available"):
            caller._dial(place)
        endpoints = [
            {"addresses": ["10.1.0.1"], "conditions": {"ready": False}},
            {"addresses": ["10.1.0.2"], "conditions": {"ready": True}},
        ]
        labels = {"kubernetes.io/service-name": "hook"}
        slices = {"metadata": {**metadata, "labels": labels}, "ports": [{"name": "https", "port": 8443}]}
        world.put("discovery.k8s.io", "endpointslices", {**slices, "endpoints": endpoints})
        assert caller._dial(place) == ("10.1.0.2", 8443)

    def test_configurations_come_by_name(self) -> None:
        def named(name: str) -> Object:
            return {"metadata": {"name": name}, "webhooks": [{"name": f"{name}.x.y", "rules": [RULE]}]}

        assert [hook.configuration for _, hook in read_webhooks([named("b"), named("a")])] == ["a", "b"]


class Scripted(Caller):
    """Answers as told, instead of calling."""

    def __init__(self, world: Any, **answers: Any) -> None:
        super().__init__(world)
        self.answers, self.called = answers, []

    async def call(self, hook: Any, request: Any, target: Any, *, mutating: bool) -> Verdict:
        self.called.append(hook.name)
        found = self.answers[hook.name.partition(".")[0]]
        if isinstance(found, Exception):
            raise found
        return found


def configure(world: Any, plural: str, *names: str, **over: Any) -> None:
    hooks = [
        {"name": f"{name}.x.y", "rules": [RULE], "sideEffects": "None", "admissionReviewVersions": ["v1"], **over}
        for name in names
    ]
    world.put("admissionregistration.k8s.io", plural, {"metadata": {"name": "c"}, "webhooks": hooks})


class TestPlugins:
    def validate(self, world: Any, make_deps: Any, made: AdmissionRequest, **answers: Any) -> list[str]:
        caller = Scripted(world, **answers)
        asyncio.run(ValidatingAdmissionWebhook(make_deps(builtin()), None, caller).validate(made))
        return caller.called

    def test_all_are_asked_and_the_first_refusal_counts(self, world: Any, make_deps: Any) -> None:
        configure(world, "validatingwebhookconfigurations", "a", "b", "c")
        no = [Verdict(False, {"message": name}) for name in "bc"]
        with pytest.raises(StatusError, match=r'"b\.x\.y" denied the request: b'):
            self.validate(world, make_deps, request(), a=Verdict(True), b=no[0], c=no[1])

    def test_failing_open_is_written_down(self, world: Any, make_deps: Any) -> None:
        configure(world, "validatingwebhookconfigurations", "a", failurePolicy="Ignore")
        notes: dict[str, str] = {}
        token = AUDIT_ANNOTATIONS.set(notes)
        try:
            self.validate(world, make_deps, request(), a=CallFailed("a.x.y", "gone"))
        finally:
            AUDIT_ANNOTATIONS.reset(token)
        assert notes == {"failed-open.validating.webhook.admission.k8s.io/round_0_index_0": "a.x.y"}

    def test_failing_closed_is_our_error(self, world: Any, make_deps: Any) -> None:
        configure(world, "validatingwebhookconfigurations", "a")
        with pytest.raises(InternalError, match=r'failed calling webhook "a\.x\.y": gone'):
            self.validate(world, make_deps, request(), a=CallFailed("a.x.y", "gone"))

    def test_side_effects_keep_a_webhook_from_dry_runs(self, world: Any, make_deps: Any) -> None:
        configure(world, "validatingwebhookconfigurations", "a", sideEffects="Some")
        with pytest.raises(BadRequest, match=r'admission webhook "a\.x\.y" does not support dry run'):
            self.validate(world, make_deps, request(dry_run=True), a=Verdict(True))

    def test_the_servers_own_writes_are_not_asked_about(self, world: Any, make_deps: Any) -> None:
        configure(world, "validatingwebhookconfigurations", "a")
        assert self.validate(world, make_deps, request(user=LOOPBACK_USER)) == []

    def test_conditions_choose(self, world: Any, make_deps: Any) -> None:
        conditions = [{"name": "c", "expression": "request.operation == 'DELETE'"}]
        configure(world, "validatingwebhookconfigurations", "a", matchConditions=conditions)
        assert self.validate(world, make_deps, self.in_namespace(world, request()), a=Verdict(True)) == []
        made = request(DELETE, object=None, old_object={"metadata": {}})
        assert self.validate(world, make_deps, self.in_namespace(world, made), a=Verdict(True)) == ["a.x.y"]

    def in_namespace(self, world: Any, made: AdmissionRequest) -> AdmissionRequest:
        world.put("", "namespaces", {"metadata": {"name": "ns"}})
        return made

    def test_an_audit_annotation_tells_of_mutations(self, world: Any, make_deps: Any) -> None:
        configure(world, "mutatingwebhookconfigurations", "a")
        made, notes = request(), {}
        patch = [{"op": "add", "path": "/data", "value": {"a": "1"}}]
        caller = Scripted(world, a=Verdict(True, patch=patch, annotations={"k": "v"}))
        token = AUDIT_ANNOTATIONS.set(notes)
        try:
            asyncio.run(MutatingAdmissionWebhook(make_deps(builtin()), None, caller).admit(made))
        finally:
            AUDIT_ANNOTATIONS.reset(token)
        assert made.object is not None and made.object["data"] == {"a": "1"}
        assert notes["a.x.y/k"] == "v"
        assert json.loads(notes["mutation.webhook.admission.k8s.io/round_0_index_0"]) == {
            "configuration": "c",
            "webhook": "a.x.y",
            "mutated": True,
        }


def test_defaults_of_a_webhook() -> None:
    hook = read_webhook("c", "u", {"name": "a.x.y", "admissionReviewVersions": ["v2", "v1beta1"]})
    assert (hook.timeout_s, hook.fails_open, hook.reinvoked, hook.review_version) == (10, False, False, "v1beta1")
