"""What admission makes of a write, and what it refuses; every refusal in upstream's words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.admission import build_admission
from kajitori.apiserver.admission.build import ConfigurationError
from kajitori.apiserver.admission.limitranger import apply_defaults, violations
from kajitori.apiserver.admission.noderestriction import may_label
from kajitori.apiserver.admission_types import CREATE, DELETE, UPDATE, AdmissionRequest
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Forbidden, NotFound

Object = dict[str, Any]
USER = UserInfo("jane", groups=("system:authenticated",))
NODE = UserInfo("system:node:n1", groups=("system:nodes", "system:authenticated"))
GROUPS = {
    "leases": "coordination.k8s.io",
    "priorityclasses": "scheduling.k8s.io",
    "ingresses": "networking.k8s.io",
    "deployments": "apps",
    "resourceslices": "resource.k8s.io",
}


def request(
    operation: str, plural: str, obj: Object | None, old: Object | None = None, **over: Any
) -> AdmissionRequest:
    resource = builtin().by_plural(GROUPS.get(plural, ""), "v1", plural)
    assert resource is not None
    metadata = (obj or old or {}).get("metadata") or {}
    options: dict[str, Any] = {
        "operation": operation,
        "resource": resource,
        "subresource": "",
        "namespace": metadata.get("namespace", ""),
        "name": metadata.get("name", ""),
        "object": obj,
        "old_object": old,
        "user": USER,
        **over,
    }
    return AdmissionRequest(**options)


def run(deps: Any, made: AdmissionRequest) -> Object | None:
    async def both() -> None:
        chain = build_admission(deps)
        await chain.admit(made)
        await chain.validate(made)

    asyncio.run(both())
    return made.object


def pod(**spec: Any) -> Object:
    containers = spec.pop("containers", [{"name": "c", "image": "i"}])
    return {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"containers": containers, **spec}}


@pytest.fixture
def deps(world: Any, make_deps: Any) -> Any:
    world.put("", "namespaces", {"metadata": {"name": "ns"}, "status": {"phase": "Active"}})
    world.put("", "namespaces", {"metadata": {"name": "going"}, "status": {"phase": "Terminating"}})
    world.put("", "serviceaccounts", {"metadata": {"name": "default", "namespace": "ns"}})
    return make_deps(enable_admission_plugins=("NodeRestriction",))


class TestNamespaceLifecycle:
    def test_nothing_is_created_in_a_missing_namespace(self, deps: Any) -> None:
        with pytest.raises(NotFound, match='namespaces "nope" not found'):
            run(deps, request(CREATE, "configmaps", {"metadata": {"name": "x", "namespace": "nope"}}))

    def test_nothing_new_in_a_terminating_namespace(self, deps: Any) -> None:
        with pytest.raises(Forbidden) as e:
            run(deps, request(CREATE, "configmaps", {"metadata": {"name": "x", "namespace": "going"}}))
        assert e.value.message == (
            'configmaps "x" is forbidden: unable to create new content in namespace going because it is being terminated'
        )
        assert e.value.has_cause("NamespaceTerminating")

    def test_what_is_there_may_still_change_and_go(self, deps: Any) -> None:
        old = {"metadata": {"name": "x", "namespace": "going"}}
        run(deps, request(UPDATE, "configmaps", dict(old), old))
        run(deps, request(DELETE, "configmaps", None, old))

    @pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
    def test_three_namespaces_never_go(self, deps: Any, name: str) -> None:
        with pytest.raises(Forbidden, match="this namespace may not be deleted"):
            run(deps, request(DELETE, "namespaces", None, {"metadata": {"name": name}}))


class TestServiceAccount:
    def test_token_is_mounted_into_every_container(self, deps: Any) -> None:
        made = run(deps, request(CREATE, "pods", pod(initContainers=[{"name": "i", "image": "i"}])))
        spec = made["spec"]
        volume = spec["volumes"][0]
        assert volume["name"].startswith("kube-api-access-") and len(volume["name"]) == len("kube-api-access-") + 5
        for container in (*spec["containers"], *spec["initContainers"]):
            assert container["volumeMounts"] == [
                {
                    "name": volume["name"],
                    "readOnly": True,
                    "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                }
            ]
        assert [next(iter(s)) for s in volume["projected"]["sources"]] == [
            "serviceAccountToken",
            "configMap",
            "downwardAPI",
        ]
        assert spec["serviceAccountName"] == spec["serviceAccount"] == "default"

    @pytest.mark.parametrize(
        ("in_pod", "in_account", "mounted"),
        [(None, None, True), (None, False, False), (False, True, False), (True, False, True)],
    )
    def test_automount_is_the_pods_word_then_the_accounts(
        self, deps: Any, world: Any, in_pod: bool | None, in_account: bool | None, mounted: bool
    ) -> None:
        account = {"metadata": {"name": "default", "namespace": "ns"}}
        if in_account is not None:
            account["automountServiceAccountToken"] = in_account
        world.put("", "serviceaccounts", account)
        made = pod() if in_pod is None else pod(automountServiceAccountToken=in_pod)
        assert bool(run(deps, request(CREATE, "pods", made))["spec"].get("volumes")) is mounted

    def test_pull_secrets_come_from_the_account(self, deps: Any, world: Any) -> None:
        metadata = {"name": "default", "namespace": "ns"}
        world.put("", "serviceaccounts", {"metadata": metadata, "imagePullSecrets": [{"name": "s"}]})
        assert run(deps, request(CREATE, "pods", pod()))["spec"]["imagePullSecrets"] == [{"name": "s"}]

    def test_a_missing_account_is_refused_in_upstreams_words(self, deps: Any) -> None:
        with pytest.raises(Forbidden) as e:
            run(deps, request(CREATE, "pods", pod(serviceAccountName="bot")))
        assert e.value.message == (
            'pods "p" is forbidden: error looking up service account ns/bot: serviceaccount "bot" not found'
        )

    def test_the_default_account_is_waited_for(self, deps: Any, world: Any) -> None:
        world.remove("", "serviceaccounts", "ns", "default")

        async def late() -> None:
            chain, made = build_admission(deps), request(CREATE, "pods", pod())
            async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
                admitting = tasks.create_task(chain.admit(made))
                for _ in range(5):
                    await asyncio.sleep(0)
                assert not admitting.done()
                world.put("", "serviceaccounts", {"metadata": {"name": "default", "namespace": "ns"}})
                while not admitting.done():
                    result = deps.clock.advance(0.05)
                    if asyncio.iscoroutine(result):
                        await result
                    await asyncio.sleep(0)
            assert made.object["spec"]["serviceAccountName"] == "default"

        asyncio.run(late())

    @pytest.mark.parametrize(
        ("spec", "why"),
        [
            ({"serviceAccountName": "x"}, "a mirror pod may not reference service accounts"),
            ({"volumes": [{"name": "s", "secret": {"secretName": "s"}}]}, "a mirror pod may not reference secrets"),
        ],
    )
    def test_mirror_pods_reference_nothing(self, deps: Any, spec: Object, why: str) -> None:
        made = pod(nodeName="n1", **spec)
        made["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
        with pytest.raises(Forbidden, match=why):
            run(deps, request(CREATE, "pods", made))


class TestPriority:
    def test_pods_get_the_class_they_name(self, deps: Any, world: Any) -> None:
        world.put(
            "scheduling.k8s.io",
            "priorityclasses",
            {"metadata": {"name": "high"}, "value": 1000, "preemptionPolicy": "Never"},
        )
        spec = run(deps, request(CREATE, "pods", pod(priorityClassName="high")))["spec"]
        assert (spec["priority"], spec["preemptionPolicy"]) == (1000, "Never")

    def test_without_a_class_the_default_one_or_zero(self, deps: Any, world: Any) -> None:
        assert run(deps, request(CREATE, "pods", pod()))["spec"]["priority"] == 0
        world.put(
            "scheduling.k8s.io", "priorityclasses", {"metadata": {"name": "usual"}, "value": 7, "globalDefault": True}
        )
        spec = run(deps, request(CREATE, "pods", pod()))["spec"]
        assert (spec["priority"], spec["priorityClassName"]) == (7, "usual")

    def test_unknown_class_is_refused(self, deps: Any) -> None:
        with pytest.raises(Forbidden, match="no PriorityClass with name nope was found"):
            run(deps, request(CREATE, "pods", pod(priorityClassName="nope")))

    def test_a_made_up_priority_is_refused(self, deps: Any) -> None:
        with pytest.raises(Forbidden, match=r"the integer value of priority \(5\) must not be provided in pod spec"):
            run(deps, request(CREATE, "pods", pod(priority=5)))

    def test_there_is_one_default_class(self, deps: Any, world: Any) -> None:
        world.put(
            "scheduling.k8s.io", "priorityclasses", {"metadata": {"name": "a"}, "value": 7, "globalDefault": True}
        )
        with pytest.raises(Forbidden, match="PriorityClass a is already marked as default"):
            run(
                deps, request(CREATE, "priorityclasses", {"metadata": {"name": "b"}, "value": 1, "globalDefault": True})
            )


class TestTolerations:
    def test_two_tolerations_of_five_minutes(self, deps: Any) -> None:
        found = run(deps, request(CREATE, "pods", pod()))["spec"]["tolerations"]
        assert [(t["key"], t["effect"], t["tolerationSeconds"]) for t in found] == [
            ("node.kubernetes.io/not-ready", "NoExecute", 300),
            ("node.kubernetes.io/unreachable", "NoExecute", 300),
        ]

    def test_what_a_pod_tolerates_itself_is_left_alone(self, deps: Any) -> None:
        everything = [{"operator": "Exists"}]
        assert run(deps, request(CREATE, "pods", pod(tolerations=everything)))["spec"]["tolerations"] == everything

    def test_new_nodes_are_tainted(self, deps: Any) -> None:
        node = run(deps, request(CREATE, "nodes", {"metadata": {"name": "n"}}))
        assert node["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]


class TestStorage:
    def test_claims_get_the_newest_default_class_and_protection(self, deps: Any, world: Any) -> None:
        for name, born in (("old", "2026-01-01T00:00:00Z"), ("new", "2026-02-01T00:00:00Z")):
            annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
            metadata = {"name": name, "creationTimestamp": born, "annotations": annotations}
            world.put("storage.k8s.io", "storageclasses", {"metadata": metadata})
        claim = run(
            deps, request(CREATE, "persistentvolumeclaims", {"metadata": {"name": "c", "namespace": "ns"}, "spec": {}})
        )
        assert claim["spec"]["storageClassName"] == "new"
        assert claim["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]

    def test_an_empty_class_means_none(self, deps: Any, world: Any) -> None:
        annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
        world.put("storage.k8s.io", "storageclasses", {"metadata": {"name": "std", "annotations": annotations}})
        made = {"metadata": {"name": "c", "namespace": "ns"}, "spec": {"storageClassName": ""}}
        assert run(deps, request(CREATE, "persistentvolumeclaims", made))["spec"]["storageClassName"] == ""

    def test_only_expandable_classes_grow(self, deps: Any, world: Any) -> None:
        def claim(size: str) -> Object:
            resources = {"requests": {"storage": size}}
            spec = {"storageClassName": "std", "resources": resources}
            return {"metadata": {"name": "c", "namespace": "ns"}, "spec": spec, "status": {"phase": "Bound"}}

        with pytest.raises(Forbidden, match="only dynamically provisioned pvc can be resized"):
            run(deps, request(UPDATE, "persistentvolumeclaims", claim("2Gi"), claim("1Gi")))
        world.put("storage.k8s.io", "storageclasses", {"metadata": {"name": "std"}, "allowVolumeExpansion": True})
        run(deps, request(UPDATE, "persistentvolumeclaims", claim("2Gi"), claim("1Gi")))


LIMITS = {
    "spec": {
        "limits": [
            {
                "type": "Container",
                "default": {"cpu": "500m"},
                "defaultRequest": {"cpu": "100m"},
                "min": {"memory": "100Mi"},
                "max": {"cpu": "1"},
            }
        ]
    }
}


class TestLimitRanger:
    def test_defaults_are_filled_in_and_noted(self) -> None:
        made = pod()
        apply_defaults(made, LIMITS)
        assert made["spec"]["containers"][0]["resources"] == {"requests": {"cpu": "100m"}, "limits": {"cpu": "500m"}}
        assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
            "LimitRanger plugin set: cpu request for container c; cpu limit for container c"
        )

    def test_violations_read_as_upstream(self) -> None:
        resources = {"requests": {"memory": "1Mi"}, "limits": {"cpu": "2"}}
        made = pod(containers=[{"name": "c", "resources": resources}])
        assert list(violations("pods", made, LIMITS)) == [
            "minimum memory usage per Container is 100Mi, but request is 1Mi",
            "maximum cpu usage per Container is 1, but limit is 2",
        ]

    def test_a_violation_refuses_the_pod(self, deps: Any, world: Any) -> None:
        world.put("", "limitranges", {"metadata": {"name": "l", "namespace": "ns"}, **LIMITS})
        with pytest.raises(Forbidden, match=r"minimum memory usage per Container is 100Mi\.  No request is specified"):
            run(deps, request(CREATE, "pods", pod()))

    def test_a_resize_is_held_to_the_limits_and_any_other_update_is_not(self, deps: Any, world: Any) -> None:
        world.put("", "limitranges", {"metadata": {"name": "l", "namespace": "ns"}, **LIMITS})
        wanted = pod(containers=[{"name": "c", "resources": {"requests": {"memory": "1Gi"}, "limits": {"cpu": "2"}}}])
        run(deps, request(UPDATE, "pods", wanted, pod()))
        with pytest.raises(Forbidden, match="maximum cpu usage per Container is 1, but limit is 2"):
            run(deps, request(UPDATE, "pods", wanted, pod(), subresource="resize"))

    @pytest.mark.parametrize(
        ("init", "own", "used"),
        [
            ({"cpu": "300m"}, None, "300m"),
            ({"cpu": "300m", "restartPolicy": "Always"}, None, "500m"),
            ({"cpu": "300m", "restartPolicy": "Always"}, "400m", "400m"),
        ],
        ids=["init containers pass", "sidecars stay", "the Pod's own word goes first"],
    )
    def test_a_pods_use_counts_sidecars_and_its_own_resources(
        self, init: dict[str, str], own: str | None, used: str
    ) -> None:
        helper = {"name": "i", "resources": {"requests": {"cpu": init["cpu"]}}}
        if "restartPolicy" in init:
            helper["restartPolicy"] = init["restartPolicy"]
        main = [{"name": "c", "resources": {"requests": {"cpu": "200m"}}}]
        more = {"resources": {"requests": {"cpu": own}}} if own else {}
        limits = {"spec": {"limits": [{"type": "Pod", "min": {"cpu": "1"}}]}}
        found = list(violations("pods", pod(containers=main, initContainers=[helper], **more), limits))
        assert found == [f"minimum cpu usage per Pod is 1, but request is {used}"]

    def test_a_claim_has_no_ratio_to_break(self) -> None:
        limits = {"spec": {"limits": [{"type": "PersistentVolumeClaim", "maxLimitRequestRatio": {"storage": "2"}}]}}
        claim = {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}
        assert list(violations("persistentvolumeclaims", claim, limits)) == []


def mirror(node: str = "n1", **spec: Any) -> Object:
    made = pod(nodeName=node, **spec)
    made["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    made["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "Node", "name": node, "uid": "u1", "controller": True}
    ]
    return made


def owned(**changes: Any) -> Object:
    """A mirror Pod whose owner is told otherwise."""
    made = mirror()
    made["metadata"]["ownerReferences"][0].update(changes)
    return made


def claim(**status: Any) -> Object:
    return {"metadata": {"name": "c", "namespace": "ns"}, "spec": {}, "status": status}


def resource_slice(node: str) -> Object:
    return {"metadata": {"name": "s"}, "spec": {"nodeName": node}}


class TestNodeRestriction:
    @pytest.mark.parametrize(
        ("operation", "plural", "obj", "old", "subresource", "why"),
        [
            (CREATE, "pods", mirror(), None, "", ""),
            (CREATE, "pods", mirror("n2"), None, "", "can only create pods with spec.nodeName set to itself"),
            (CREATE, "pods", pod(nodeName="n1"), None, "", "can only create mirror pods"),
            (
                CREATE,
                "pods",
                mirror(volumes=[{"name": "c", "configMap": {"name": "c"}}]),
                None,
                "",
                "can not create pods that reference configmaps",
            ),
            (DELETE, "pods", None, pod(nodeName="n1"), "", ""),
            (DELETE, "pods", None, pod(nodeName="n2"), "", "can only delete pods with spec.nodeName set to itself"),
            (UPDATE, "pods", pod(nodeName="n1"), pod(nodeName="n1"), "status", ""),
            (UPDATE, "pods", pod(nodeName="n2"), pod(nodeName="n2"), "status", "can only update pod status for pods"),
            (UPDATE, "nodes", {"metadata": {"name": "n1"}}, {"metadata": {"name": "n1"}}, "", ""),
            (
                UPDATE,
                "nodes",
                {"metadata": {"name": "n2"}},
                {"metadata": {"name": "n2"}},
                "",
                'is not allowed to modify node "n2"',
            ),
            (
                UPDATE,
                "nodes",
                {"metadata": {"name": "n1", "labels": {"node-restriction.kubernetes.io/x": "y"}}},
                {"metadata": {"name": "n1"}},
                "status",
                'nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x',
            ),
            (
                UPDATE,
                "nodes",
                {"metadata": {"name": "n1"}, "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}},
                {"metadata": {"name": "n1"}},
                "",
                "is not allowed to modify taints",
            ),
            (
                UPDATE,
                "nodes",
                {"metadata": {"name": "n1", "ownerReferences": [{"name": "x"}]}},
                {"metadata": {"name": "n1"}},
                "",
                "is not allowed to modify ownerReferences",
            ),
            (CREATE, "pods", owned(controller=False), None, "", "with a controller owner reference set to itself"),
            (CREATE, "pods", owned(blockOwnerDeletion=True), None, "", "must not set blockOwnerDeletion"),
            (CREATE, "pods", owned(uid="other"), None, "", "node n1 UID mismatch: expected other got u1"),
            (CREATE, "pods", owned(name="n2"), None, "", "with an owner reference set to itself"),
            (
                CREATE,
                "pods",
                mirror(resourceClaims=[{"name": "c", "resourceClaimName": "gpu"}]),
                None,
                "",
                "can not create pods that reference resourceclaims",
            ),
            (
                CREATE,
                "pods",
                mirror(volumes=[{"name": "e", "ephemeral": {}}]),
                None,
                "",
                r"can not create pods that reference persistentvolumeclaims \(via ephemeral volumes\)",
            ),
            (UPDATE, "pods", pod(nodeName="n1"), pod(nodeName="n1"), "resize", 'unexpected pod subresource "resize"'),
            (UPDATE, "persistentvolumeclaims", claim(capacity={"storage": "2"}), claim(), "status", ""),
            (UPDATE, "persistentvolumeclaims", claim(phase="Bound"), claim(), "status", "fields other than status.cap"),
            (UPDATE, "persistentvolumeclaims", claim(), claim(), "", "may only update PVC status"),
            (CREATE, "resourceslices", resource_slice("n1"), None, "", ""),
            (CREATE, "resourceslices", resource_slice("n2"), None, "", "can only create ResourceSlice with the same"),
            (DELETE, "resourceslices", None, resource_slice("n2"), "", "can only delete ResourceSlice with the same"),
        ],
    )
    def test_rule(self, deps: Any, operation: str, plural: str, obj: Any, old: Any, subresource: str, why: str) -> None:
        made = request(operation, plural, obj, old, subresource=subresource, user=NODE)
        deps.reader.put("", "nodes", {"metadata": {"name": "n1", "uid": "u1"}})
        if not why:
            run(deps, made)
            return
        with pytest.raises(Forbidden, match=why):
            run(deps, made)

    def test_tokens_only_for_own_pods(self, deps: Any, world: Any) -> None:
        world.put("", "pods", {**pod(nodeName="n2"), "metadata": {"name": "p", "namespace": "ns", "uid": "u"}})
        reference = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "u"}
        token = {"metadata": {"name": "default", "namespace": "ns"}, "spec": {"boundObjectRef": reference}}
        with pytest.raises(Forbidden, match="bound to a pod scheduled on a different node"):
            run(deps, request(CREATE, "serviceaccounts", token, subresource="token", user=NODE))

    @pytest.mark.parametrize(
        ("audiences", "why"),
        [
            ([], ""),
            (["vault"], ""),
            (["csi"], ""),
            (["other"], 'audience "other" not found in pod spec volume, system:node:n1 is not authorized to request'),
            (["vault", "csi"], "node may only request 0 or 1 audiences"),
        ],
    )
    def test_tokens_only_for_audiences_that_the_pod_uses(self, deps: Any, audiences: list[str], why: str) -> None:
        sources = [{"serviceAccountToken": {"path": "t"}}, {"serviceAccountToken": {"path": "v", "audience": "vault"}}]
        volumes = [
            {"name": "t", "projected": {"sources": sources}},
            {"name": "d", "persistentVolumeClaim": {"claimName": "c"}},
        ]
        made = {**pod(nodeName="n1", volumes=volumes), "metadata": {"name": "p", "namespace": "ns", "uid": "u"}}
        deps.reader.put("", "pods", made)
        deps.reader.put("", "persistentvolumeclaims", {**claim(), "spec": {"volumeName": "v"}})
        deps.reader.put("", "persistentvolumes", {"metadata": {"name": "v"}, "spec": {"csi": {"driver": "d"}}})
        driver = {"metadata": {"name": "d"}, "spec": {"tokenRequests": [{"audience": "csi"}]}}
        deps.reader.put("storage.k8s.io", "csidrivers", driver)
        reference = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "u"}
        token = {
            "metadata": {"name": "default", "namespace": "ns"},
            "spec": {"boundObjectRef": reference, "audiences": audiences},
        }
        asked = request(CREATE, "serviceaccounts", token, subresource="token", user=NODE)
        if not why:
            run(deps, asked)
            return
        with pytest.raises(Forbidden, match=why):
            run(deps, asked)

    @pytest.mark.parametrize(
        ("label", "allowed"),
        [
            ("kubernetes.io/hostname", True),
            ("example.com/zone", True),
            ("plain", True),
            ("node.kubernetes.io/anything", True),
            ("foo.kubernetes.io/x", False),
            ("node-role.kubernetes.io/control-plane", False),
            ("x.node-restriction.kubernetes.io/y", False),
        ],
    )
    def test_labels(self, label: str, allowed: bool) -> None:
        assert may_label(label) is allowed


class TestChain:
    def test_plugins_can_be_turned_off(self, make_deps: Any) -> None:
        names = [p.name for p in build_admission(make_deps(disable_admission_plugins=("Priority",))).plugins]
        assert "Priority" not in names and "ServiceAccount" in names and "NodeRestriction" not in names

    def test_unknown_plugins_are_named(self, make_deps: Any) -> None:
        with pytest.raises(ConfigurationError, match='enable-admission-plugins plugin "Foo" is unknown'):
            build_admission(make_deps(enable_admission_plugins=("Foo",)))
