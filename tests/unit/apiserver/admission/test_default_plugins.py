"""What the default plugins make of a write, and what they refuse; every refusal in upstream's words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.unit.apiserver.admission.admissionrequests import Object, pod, request, run

from kajitori.apiserver.admission import build_admission
from kajitori.apiserver.admission.build import ConfigurationError
from kajitori.apiserver.admission_types import CREATE, DELETE, UPDATE
from kajitori.machinery.errors import Forbidden, NotFound


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


class TestChain:
    def test_plugins_can_be_turned_off(self, make_deps: Any) -> None:
        names = [p.name for p in build_admission(make_deps(disable_admission_plugins=("Priority",))).plugins]
        assert "Priority" not in names and "ServiceAccount" in names and "NodeRestriction" not in names

    def test_unknown_plugins_are_named(self, make_deps: Any) -> None:
        with pytest.raises(ConfigurationError, match='enable-admission-plugins plugin "Foo" is unknown'):
            build_admission(make_deps(enable_admission_plugins=("Foo",)))
