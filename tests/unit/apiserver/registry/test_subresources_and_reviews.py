"""Subresources and reviews: binding, eviction, tokens, approval, access reviews, escalation checks."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from kajitori.aiokit.http.message import Headers, Request
from kajitori.api.core import pod_defaults
from kajitori.api.scheme import builtin
from kajitori.apiserver.authentication import build_authenticator
from kajitori.apiserver.authorization import build_authorizer
from kajitori.apiserver.bootstrap.rules import rules
from kajitori.apiserver.hooks import SubresourceRequest, WriteContext
from kajitori.apiserver.registry import build_registry
from kajitori.apiserver.registry.certificates import approve
from kajitori.apiserver.registry.eviction import Verdict, decide, matching, take_one
from kajitori.apiserver.registry.pods import bind_pod, set_ephemeral_containers, set_resources
from kajitori.apiserver.request import parse_request_info
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    StatusError,
    TooManyRequests,
)

Object = dict[str, Any]
JANE = UserInfo("jane", groups=("system:authenticated",))
NOW = "2026-01-02T03:04:05Z"
RBAC = "rbac.authorization.k8s.io"


class Body:
    def __init__(self, data: bytes) -> None:
        self.data = data

    async def read_all(self, limit: int) -> bytes:
        return self.data


def subresource(
    method: str, path: str, body: Any = None, *, user: UserInfo = JANE, kind: str = "application/json"
) -> SubresourceRequest:
    data = b"" if body is None else json.dumps(body).encode()
    http = Request(method=method, target=path, headers=Headers([("content-type", kind)]), body=Body(data))  # type: ignore[arg-type]
    info = parse_request_info(http)
    resource = builtin().by_plural(info.group, info.version, info.resource)
    assert resource is not None
    return SubresourceRequest(resource=resource, info=info, user=user, http=http)


@pytest.fixture
def registry(make_deps: Any, tmp_path: Any) -> Any:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "sa.key").write_bytes(pem)
    deps = make_deps(service_account_signing_key_file=str(tmp_path / "sa.key"))
    authenticator, authorizer = build_authenticator(deps), build_authorizer(deps)
    return SimpleNamespace(
        hooks=build_registry(deps, authenticator, authorizer), authenticator=authenticator, deps=deps
    )


def call(registry: Any, plural: str, name: str, request: SubresourceRequest) -> Any:
    handler = registry.hooks[plural].subresources()[name] if name else registry.hooks[plural].intercept_create()
    return asyncio.run(handler(request))


def pod(**spec: Any) -> Object:
    metadata = {"name": "p", "namespace": "ns", "uid": "u1", "labels": {"app": "web"}}
    return {"metadata": metadata, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}, "status": {}}


PODS = "/api/v1/namespaces/ns/pods"


class TestBinding:
    def bind(self, registry: Any, body: Object, path: str = PODS + "/p/binding") -> Any:
        return call(registry, "pods", "binding", subresource("POST", path, body))

    def test_binding_assigns_the_node_and_the_condition(self, registry: Any, world: Any) -> None:
        world.put("", "pods", pod())
        body = {"metadata": {"name": "p", "annotations": {"a": "b"}}, "target": {"kind": "Node", "name": "n1"}}
        assert self.bind(registry, body)["status"] == "Success"
        bound = world.get("", "pods", "ns", "p")
        assert bound["spec"]["nodeName"] == "n1" and bound["metadata"]["annotations"] == {"a": "b"}
        condition = bound["status"]["conditions"][0]
        assert (condition["type"], condition["status"]) == ("PodScheduled", "True")

    def test_the_old_collection_names_the_pod_in_the_body(self, registry: Any, world: Any) -> None:
        world.put("", "pods", pod())
        body = {"metadata": {"name": "p"}, "target": {"name": "n1"}}
        call(registry, "bindings", "", subresource("POST", "/api/v1/namespaces/ns/bindings", body))
        assert world.get("", "pods", "ns", "p")["spec"]["nodeName"] == "n1"

    def test_who_names_no_pod_is_told_so(self, registry: Any) -> None:
        with pytest.raises(BadRequest, match=r"Name parameter required\."):
            call(
                registry,
                "bindings",
                "",
                subresource("POST", "/api/v1/namespaces/ns/bindings", {"target": {"name": "n"}}),
            )

    @pytest.mark.parametrize(
        ("made", "binding", "message"),
        [
            (
                pod(nodeName="n1"),
                {},
                'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
            ),
            (pod(schedulingGates=[{"name": "g"}]), {}, "pod p has non-empty .spec.schedulingGates"),
            (
                pod(),
                {"metadata": {"uid": "other"}},
                "Precondition failed: UID in precondition: other, UID in object meta: u1",
            ),
        ],
    )
    def test_conflicts(self, made: Object, binding: Object, message: str) -> None:
        with pytest.raises(Conflict) as e:
            bind_pod(made, binding, node="n2", now=NOW)
        assert message in e.value.message

    def test_a_target_is_required(self, registry: Any) -> None:
        with pytest.raises(Invalid, match=r"target.name: Required value"):
            self.bind(registry, {"metadata": {"name": "p"}, "target": {}})

    def test_a_missing_pod_is_not_found(self, registry: Any) -> None:
        with pytest.raises(NotFound, match='pods "p" not found'):
            self.bind(registry, {"target": {"name": "n1"}})


def budget(**status: int) -> Object:
    metadata = {"name": "b", "namespace": "ns", "generation": 1}
    spec = {"selector": {"matchLabels": {"app": "web"}}}
    return {"metadata": metadata, "spec": spec, "status": {"observedGeneration": 1, **status}}


RUNNING = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


class TestEviction:
    def evict(self, registry: Any) -> Any:
        return call(
            registry, "pods", "eviction", subresource("POST", PODS + "/p/eviction", {"metadata": {"name": "p"}})
        )

    def test_a_pod_without_budget_goes(self, registry: Any, world: Any) -> None:
        world.put("", "pods", {**pod(), "status": RUNNING})
        assert self.evict(registry)["status"] == "Success"
        assert world.get("", "pods", "ns", "p") is None

    def test_a_budget_pays_for_it(self, registry: Any, world: Any) -> None:
        world.put("", "pods", {**pod(), "status": RUNNING})
        world.put("policy", "poddisruptionbudgets", budget(disruptionsAllowed=1))
        self.evict(registry)
        status = world.get("policy", "poddisruptionbudgets", "ns", "b")["status"]
        assert status["disruptionsAllowed"] == 0 and "p" in status["disruptedPods"]

    def test_an_empty_budget_refuses_in_upstreams_words(self, registry: Any, world: Any) -> None:
        world.put("", "pods", {**pod(), "status": RUNNING})
        world.put("policy", "poddisruptionbudgets", budget(disruptionsAllowed=0, desiredHealthy=2, currentHealthy=2))
        with pytest.raises(TooManyRequests) as e:
            self.evict(registry)
        assert e.value.message == "Cannot evict pod as it would violate the pod's disruption budget."
        assert e.value.causes[0]["message"] == "The disruption budget b needs 2 healthy pods and has 2 currently"
        assert world.get("", "pods", "ns", "p") is not None

    def test_an_unprocessed_budget_asks_to_wait(self) -> None:
        made = budget(disruptionsAllowed=5)
        made["metadata"]["generation"] = 2
        with pytest.raises(TooManyRequests) as e:
            take_one(made, "p", NOW)
        assert e.value.retry_after_s == 10

    @pytest.mark.parametrize("phase", ["Pending", "Succeeded", "Failed"])
    def test_pods_that_do_nothing_ask_nobody(self, phase: str) -> None:
        assert decide({**pod(), "status": {"phase": phase}}, [budget()]) is Verdict.DELETE

    def test_an_empty_selector_covers_all_and_an_absent_one_none(self) -> None:
        everything, nothing = budget(), budget()
        everything["spec"]["selector"] = {}
        nothing["spec"].pop("selector")
        assert matching(pod(), [everything, nothing]) == [everything]


class TestParts:
    def test_ephemeral_containers_may_only_be_added(self) -> None:
        made = pod(ephemeralContainers=[{"name": "e", "image": "i"}])
        added = pod(ephemeralContainers=[{"name": "e", "image": "i"}, {"name": "f", "image": "i"}])
        set_ephemeral_containers(made, added)
        assert [c["name"] for c in made["spec"]["ephemeralContainers"]] == ["e", "f"]
        with pytest.raises(Invalid, match="may not be removed"):
            set_ephemeral_containers(made, pod())
        with pytest.raises(Invalid, match="may not be changed"):
            set_ephemeral_containers(
                made, pod(ephemeralContainers=[{"name": "e", "image": "j"}, {"name": "f", "image": "i"}])
            )

    def test_a_taken_name_is_refused(self) -> None:
        with pytest.raises(Invalid, match=r'spec.ephemeralContainers\[0\].name: Duplicate value: "c"'):
            set_ephemeral_containers(pod(), pod(ephemeralContainers=[{"name": "c", "image": "i"}]))

    def test_resize_changes_resources_alone(self) -> None:
        before = {"name": "c", "image": "i", "resources": {"limits": {"cpu": "1"}}}
        made = pod(containers=[before])
        pod_defaults.pod(made)
        wanted = pod(containers=[{"name": "c", "image": "other", "resources": {"limits": {"cpu": "2"}}}])
        set_resources(made, wanted)
        container = made["spec"]["containers"][0]
        assert container["image"] == "i"
        assert container["resources"] == {"limits": {"cpu": "2"}, "requests": {"cpu": "2"}}


class TestTokenRequest:
    PATH = "/api/v1/namespaces/ns/serviceaccounts/bot/token"

    @pytest.fixture(autouse=True)
    def account(self, world: Any) -> None:
        world.put("", "serviceaccounts", {"metadata": {"name": "bot", "namespace": "ns", "uid": "sa-1"}})

    def ask(self, registry: Any, **spec: Any) -> Object:
        return dict(call(registry, "serviceaccounts", "token", subresource("POST", self.PATH, {"spec": spec})))

    def test_a_token_speaks_for_its_account(self, registry: Any) -> None:
        answer = self.ask(registry)
        assert answer["spec"]["expirationSeconds"] == 3600 and answer["status"]["expirationTimestamp"]
        identity = asyncio.run(registry.authenticator.tokens.review(answer["status"]["token"], ()))
        assert identity.user.name == "system:serviceaccount:ns:bot"

    def test_short_lives_are_refused(self, registry: Any) -> None:
        with pytest.raises(Invalid, match="may not specify a duration less than 10 minutes"):
            self.ask(registry, expirationSeconds=599)

    def test_a_pod_of_another_account_is_refused(self, registry: Any, world: Any) -> None:
        world.put("", "pods", pod(serviceAccountName="default"))
        with pytest.raises(
            BadRequest, match='cannot bind token for serviceaccount "bot" to pod running with different'
        ):
            self.ask(registry, boundObjectRef={"kind": "Pod", "apiVersion": "v1", "name": "p"})

    def test_a_wrong_uid_is_a_conflict(self, registry: Any, world: Any) -> None:
        world.put("", "pods", pod(serviceAccountName="bot"))
        with pytest.raises(Conflict, match=r"does not match the UID in record"):
            self.ask(registry, boundObjectRef={"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "zzz"})

    def test_review_tells_who_a_token_is(self, registry: Any) -> None:
        token = self.ask(registry)["status"]["token"]
        path = "/apis/authentication.k8s.io/v1/tokenreviews"
        name = "tokenreviews.authentication.k8s.io"
        answer = call(registry, name, "", subresource("POST", path, {"spec": {"token": token}}))
        assert answer["status"]["authenticated"] and answer["status"]["user"]["uid"] == "sa-1"
        answer = call(registry, name, "", subresource("POST", path, {"spec": {"token": "junk"}}))
        assert "authenticated" not in answer["status"] and answer["status"]["error"]


class TestAccessReviews:
    def review(self, registry: Any, kind: str, spec: Object, user: UserInfo = JANE, namespace: str = "") -> Object:
        path = f"/apis/authorization.k8s.io/v1/{f'namespaces/{namespace}/' if namespace else ''}{kind}"
        return dict(
            call(registry, f"{kind}.authorization.k8s.io", "", subresource("POST", path, {"spec": spec}, user=user))
        )

    def test_subject_and_self(self, registry: Any, cluster: Any) -> None:
        spec = {
            "resourceAttributes": {
                "verb": "create",
                "group": "authorization.k8s.io",
                "resource": "selfsubjectaccessreviews",
            }
        }
        assert self.review(registry, "selfsubjectaccessreviews", spec)["status"]["allowed"]
        asked = {**spec, "user": "joe", "groups": ["nobody"]}
        assert self.review(registry, "subjectaccessreviews", asked)["status"] == {"allowed": False}

    def test_a_subject_is_required(self, registry: Any) -> None:
        with pytest.raises(Invalid, match="at least one of user or group must be specified"):
            self.review(registry, "subjectaccessreviews", {"resourceAttributes": {"verb": "get"}})

    def test_local_reviews_stay_in_their_namespace(self, registry: Any) -> None:
        spec = {"user": "x", "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "other"}}
        with pytest.raises(Invalid, match=r"must match metadata\.namespace$"):
            self.review(registry, "localsubjectaccessreviews", spec, namespace="ns")

    def test_a_local_review_without_a_namespace_gets_its_collections(self, registry: Any) -> None:
        path = "/apis/authorization.k8s.io/v1/namespaces/ns/localsubjectaccessreviews"
        spec = {"user": "x", "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "ns"}}
        request = subresource("POST", path, {"metadata": {"namespace": ""}, "spec": spec})
        found = call(registry, "localsubjectaccessreviews.authorization.k8s.io", "", request)
        assert found["metadata"]["namespace"] == "ns"

    def test_own_rules_are_listed(self, registry: Any, cluster: Any) -> None:
        status = self.review(registry, "selfsubjectrulesreviews", {"namespace": "ns"})["status"]
        assert any("selfsubjectreviews" in r["resources"] for r in status["resourceRules"])
        assert any("/healthz" in r["nonResourceURLs"] for r in status["nonResourceRules"])
        assert status["incomplete"] is False

    def test_who_am_i(self, registry: Any) -> None:
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        answer = call(registry, "selfsubjectreviews.authentication.k8s.io", "", subresource("POST", path, {}))
        assert answer["status"]["userInfo"] == {"username": "jane", "groups": ["system:authenticated"]}


class TestEscalation:
    def context(self, plural: str, user: UserInfo = JANE) -> WriteContext:
        resource = builtin().by_plural(RBAC, "v1", plural)
        assert resource is not None
        return WriteContext(resource=resource, user=user, namespace="ns", name="r")

    def grant(self, world: Any, *lines: str, role: str = "own") -> None:
        world.put(RBAC, "roles", {"metadata": {"name": role, "namespace": "ns"}, "rules": rules(*lines)})
        reference = {"kind": "Role", "name": role, "apiGroup": RBAC}
        subject = {"kind": "User", "name": "jane"}
        metadata = {"name": role, "namespace": "ns"}
        world.put(RBAC, "rolebindings", {"metadata": metadata, "roleRef": reference, "subjects": [subject]})

    def write(self, registry: Any, plural: str, obj: Object, user: UserInfo = JANE) -> None:
        asyncio.run(registry.hooks[f"{plural}.{RBAC}"].before_create(self.context(plural, user), obj))

    def test_nobody_grants_what_they_do_not_have(self, registry: Any, world: Any) -> None:
        self.grant(world, "get core: pods")
        self.write(registry, "roles", {"metadata": {"name": "r"}, "rules": rules("get core: pods")})
        with pytest.raises(Forbidden) as e:
            self.write(registry, "roles", {"metadata": {"name": "r"}, "rules": rules("get,list core: pods,secrets")})
        assert e.value.message == (
            'roles.rbac.authorization.k8s.io "r" is forbidden: user "jane" (groups=["system:authenticated"]) is '
            "attempting to grant RBAC permissions not currently held:\n"
            '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}\n'
            '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}'
        )

    def test_escalate_and_masters_may(self, registry: Any, world: Any) -> None:
        wanted = {"metadata": {"name": "r"}, "rules": rules("* *: *")}
        self.write(registry, "roles", wanted, UserInfo("root", groups=("system:masters",)))
        self.grant(world, f"escalate {RBAC}: roles")
        self.write(registry, "roles", wanted)

    def test_binding_needs_the_rules_of_the_role_or_bind(self, registry: Any, world: Any) -> None:
        world.put(RBAC, "clusterroles", {"metadata": {"name": "strong"}, "rules": rules("delete core: nodes")})
        reference = {"kind": "ClusterRole", "name": "strong", "apiGroup": RBAC}
        wanted = {"metadata": {"name": "b"}, "roleRef": reference, "subjects": []}
        with pytest.raises(Forbidden, match="attempting to grant RBAC permissions not currently held"):
            self.write(registry, "rolebindings", wanted)
        self.grant(world, f"bind {RBAC}: clusterroles [strong]")
        self.write(registry, "rolebindings", wanted)

    def test_binding_a_missing_role_is_not_found(self, registry: Any) -> None:
        reference = {"kind": "Role", "name": "nope", "apiGroup": RBAC}
        with pytest.raises(NotFound):
            self.write(registry, "rolebindings", {"metadata": {"name": "b"}, "roleRef": reference})


class TestSigningRequests:
    def test_the_server_writes_down_who_asks(self, registry: Any) -> None:
        name = "certificatesigningrequests.certificates.k8s.io"
        obj = {"spec": {"username": "root", "groups": ["system:masters"], "signerName": "x/y"}}
        resource = builtin().by_plural("certificates.k8s.io", "v1", "certificatesigningrequests")
        assert resource is not None
        ctx = WriteContext(resource=resource, user=JANE, namespace="", name="c")
        asyncio.run(registry.hooks[name].before_create(ctx, obj))
        assert obj["spec"] == {"signerName": "x/y", "username": "jane", "groups": ["system:authenticated"]}

    def test_approval_takes_over_conditions_and_cannot_be_taken_back(self) -> None:
        obj: Object = {"metadata": {"name": "c"}, "spec": {"signerName": "x/y"}, "status": {"certificate": "eA=="}}
        approved = {"type": "Approved", "status": "True"}
        mine = {"type": "Mine", "status": "False"}
        edited = {"metadata": {"name": "c", "labels": {"a": "b"}}, "status": {"conditions": [approved, mine]}}
        approve(obj, edited)
        assert obj["status"] == {"certificate": "eA==", "conditions": [approved, mine]}
        assert obj["spec"] == {"signerName": "x/y"}
        assert obj["metadata"]["labels"] == {"a": "b"}
        with pytest.raises(Invalid, match="may not remove a condition of type"):
            approve(obj, {"metadata": {"name": "c"}, "status": {}})
        denied = [approved, {"type": "Denied", "status": "True"}]
        with pytest.raises(Invalid, match="mutually exclusive"):
            approve(obj, {"metadata": {"name": "c"}, "status": {"conditions": denied}})

    def test_issuing_needs_the_signers_permission(self, registry: Any, world: Any) -> None:
        hooks = registry.hooks["certificatesigningrequests.certificates.k8s.io"]
        resource = builtin().by_plural("certificates.k8s.io", "v1", "certificatesigningrequests")
        assert resource is not None
        ctx = WriteContext(resource=resource, user=JANE, namespace="", name="c")
        old = {"metadata": {"name": "c", "labels": {}}, "spec": {"signerName": "example.com/x"}, "status": {}}
        asyncio.run(hooks.before_update(ctx, {**old, "metadata": {"name": "c"}}, old))
        with pytest.raises(Forbidden, match="user not permitted to sign requests with signerName"):
            asyncio.run(hooks.before_update(ctx, {**old, "status": {"certificate": "eA=="}}, old))
        group = "certificates.k8s.io"
        made = rules(f"sign {group}: signers [example.com/x]")
        world.put(RBAC, "clusterroles", {"metadata": {"name": "s"}, "rules": made})
        reference, subjects = {"kind": "ClusterRole", "name": "s"}, [{"kind": "User", "name": "jane"}]
        world.put(RBAC, "clusterrolebindings", {"metadata": {"name": "s"}, "roleRef": reference, "subjects": subjects})
        asyncio.run(hooks.before_update(ctx, {**old, "status": {"certificate": "eA=="}}, old))

    def test_approving_needs_the_signers_permission(self, registry: Any, world: Any) -> None:
        group = "certificates.k8s.io"
        world.put(
            group, "certificatesigningrequests", {"metadata": {"name": "c"}, "spec": {"signerName": "example.com/x"}}
        )
        path = f"/apis/{group}/v1/certificatesigningrequests/c/approval"
        body = {"metadata": {"name": "c"}, "status": {"conditions": [{"type": "Approved", "status": "True"}]}}
        with pytest.raises(Forbidden, match=r'user not permitted to approve requests with signerName "example\.com/x"'):
            call(registry, f"certificatesigningrequests.{group}", "approval", subresource("PUT", path, body))
        world.put(
            RBAC,
            "clusterroles",
            {"metadata": {"name": "a"}, "rules": rules(f"approve {group}: signers [example.com/*]")},
        )
        reference = {"kind": "ClusterRole", "name": "a"}
        subjects = [{"kind": "User", "name": "jane"}]
        world.put(RBAC, "clusterrolebindings", {"metadata": {"name": "a"}, "roleRef": reference, "subjects": subjects})
        answer = call(registry, f"certificatesigningrequests.{group}", "approval", subresource("PUT", path, body))
        assert answer["status"]["conditions"][0]["type"] == "Approved"


def test_a_body_of_another_kind_is_refused(registry: Any) -> None:
    with pytest.raises(StatusError) as e:
        call(registry, "pods", "binding", subresource("POST", PODS + "/p/binding", {"kind": "Pod"}))
    assert e.value.code == 400


def test_finalize_takes_over_the_finalizers(registry: Any, world: Any) -> None:
    world.put("", "namespaces", {"metadata": {"name": "ns"}, "spec": {"finalizers": ["kubernetes"]}})
    body = {"metadata": {"name": "ns"}, "spec": {"finalizers": []}}
    call(registry, "namespaces", "finalize", subresource("PUT", "/api/v1/namespaces/ns/finalize", body))
    assert world.get("", "namespaces", "", "ns")["spec"]["finalizers"] == []


def test_finalize_takes_no_names_that_are_none(registry: Any, world: Any) -> None:
    world.put("", "namespaces", {"metadata": {"name": "ns"}, "spec": {"finalizers": ["kubernetes"]}})
    body = {"metadata": {"name": "ns"}, "spec": {"finalizers": ["mine"]}}
    with pytest.raises(StatusError, match=r"spec.finalizers\[0\]: Invalid value: \"mine\": name is neither"):
        call(registry, "namespaces", "finalize", subresource("PUT", "/api/v1/namespaces/ns/finalize", body))
