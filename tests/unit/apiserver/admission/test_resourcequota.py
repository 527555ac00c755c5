"""What quotas count, whom they hold, and how charges are judged."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kajitori.api.core import quota, quota_scopes, quota_validation
from kajitori.api.scheme import builtin
from kajitori.apiserver.admission.resourcequota import ResourceQuota
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionRequest
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Conflict, Forbidden

Object = dict[str, Any]


def container(requests: Object | None = None, limits: Object | None = None, **more: Any) -> Object:
    return {"name": "c", "resources": {"requests": requests or {}, "limits": limits or {}}, **more}


def pod(*containers: Object, **spec: Any) -> Object:
    return {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"containers": list(containers), **spec}}


def used(plural: str, obj: Object, group: str = "") -> dict[str, str]:
    return {name: str(amount) for name, amount in quota.usage(group, plural, obj).items()}


class TestUsage:
    def test_pods(self) -> None:
        made = pod(container({"cpu": "100m"}, {"memory": "1Gi"}), container({"cpu": "200m", "example.com/gpu": 1}))
        assert used("pods", made) == {
            "count/pods": "1",
            "pods": "1",
            "cpu": "300m",
            "requests.cpu": "300m",
            "requests.example.com/gpu": "1",
            "limits.memory": "1Gi",
        }

    def test_initialization_counts_by_its_peak_and_sidecars_stay(self) -> None:
        sidecar = container({"cpu": "1"}, restartPolicy="Always")
        made = pod(container({"cpu": "1"}), initContainers=[sidecar, container({"cpu": "2"})])
        assert used("pods", made)["cpu"] == "3"  # 1 + 2 while it starts, more than 1 + 1 after that
        assert used("pods", {**made, "spec": {**made["spec"], "overhead": {"cpu": "500m"}}})["cpu"] == "3500m"

    @pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
    def test_what_is_over_uses_nothing(self, phase: str) -> None:
        assert used("pods", {**pod(container({"cpu": "1"})), "status": {"phase": phase}}) == {"count/pods": "1"}

    def test_what_should_be_gone_uses_nothing(self) -> None:
        made = pod(container())
        made["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 30}
        before, after = datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
        assert not quota.is_over(made, before) and quota.is_over(made, after)

    def test_services(self) -> None:
        ports = [{"port": 80}, {"port": 81, "nodePort": 30000}]
        found = used("services", {"spec": {"type": "LoadBalancer", "ports": ports}})
        assert (found["services.loadbalancers"], found["services.nodeports"]) == ("1", "2")
        spec = {"type": "LoadBalancer", "ports": ports, "allocateLoadBalancerNodePorts": False}
        assert used("services", {"spec": spec})["services.nodeports"] == "1"

    def test_claims(self) -> None:
        claim = {"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "5Gi"}}}}
        assert used("persistentvolumeclaims", claim) == {
            "count/persistentvolumeclaims": "1",
            "persistentvolumeclaims": "1",
            "requests.storage": "5Gi",
            "fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
            "fast.storageclass.storage.k8s.io/requests.storage": "5Gi",
        }

    def test_a_claim_is_charged_in_whole_bytes_and_for_what_it_was_given(self) -> None:
        claim = {"spec": {"resources": {"requests": {"storage": "1500m"}}}}
        assert used("persistentvolumeclaims", claim)["requests.storage"] == "2"
        grown = {**claim, "status": {"allocatedResources": {"storage": "5Gi"}}}
        assert used("persistentvolumeclaims", grown)["requests.storage"] == "5Gi"

    @pytest.mark.parametrize(
        ("asked", "status", "requests", "limits"),
        [
            ("1", {"resources": {"requests": {"cpu": "3"}, "limits": {"cpu": "4"}}}, "3", "4"),
            ("1", {"resources": {"requests": {"cpu": "1"}}, "allocatedResources": {"cpu": "2"}}, "2", "1"),
            ("5", {"resources": {"requests": {"cpu": "3"}, "limits": {"cpu": "4"}}}, "5", "5"),
            ("1", {"allocatedResources": {"cpu": "2"}}, "1", "1"),
        ],
    )
    def test_a_container_that_is_resized_takes_the_larger_of_what_it_asks_and_has(
        self, asked: str, status: Object, requests: str, limits: str
    ) -> None:
        made = pod(container({"cpu": asked}, {"cpu": asked}))
        found = used("pods", {**made, "status": {"containerStatuses": [{"name": "c", **status}]}})
        assert (found["requests.cpu"], found["limits.cpu"]) == (requests, limits)

    def test_a_resize_that_cannot_be_counts_for_nothing(self) -> None:
        pending = {"type": "PodResizePending", "reason": "Infeasible"}
        has = {"name": "c", "resources": {"requests": {"cpu": "1"}}}
        status = {"containerStatuses": [has], "conditions": [pending]}
        assert used("pods", {**pod(container({"cpu": "9"})), "status": status})["cpu"] == "1"

    def test_devices_are_charged_by_class(self) -> None:
        def exactly(**more: Any) -> Object:
            return {"name": "r", "exactly": {"deviceClassName": "gpu", **more}}

        alternatives = [{"deviceClassName": "gpu", "count": 2}, {"deviceClassName": "fpga", "count": 3}]
        requests = [exactly(), exactly(count=4), exactly(allocationMode="All"), {"firstAvailable": alternatives}]
        claim = {"spec": {"devices": {"requests": requests}}}
        assert used("resourceclaims", claim, "resource.k8s.io") == {
            "count/resourceclaims.resource.k8s.io": "1",
            "gpu.deviceclass.resource.k8s.io/devices": "39",
            "fpga.deviceclass.resource.k8s.io/devices": "3",
        }

    def test_anything_else(self) -> None:
        assert used("deployments", {}, "apps") == {"count/deployments.apps": "1"}
        assert used("secrets", {}) == {"count/secrets": "1", "secrets": "1"}


class TestScopes:
    @pytest.mark.parametrize(
        ("spec", "made", "holds"),
        [
            ({"scopes": ["BestEffort"]}, pod(container()), True),
            ({"scopes": ["BestEffort"]}, pod(container({"cpu": "1"})), False),
            ({"scopes": ["NotBestEffort"]}, pod(container({"cpu": "1"})), True),
            ({"scopes": ["Terminating"]}, pod(container(), activeDeadlineSeconds=5), True),
            ({"scopes": ["NotTerminating"]}, pod(container(), activeDeadlineSeconds=5), False),
            ({"scopes": ["PriorityClass"]}, pod(container(), priorityClassName="high"), True),
            ({"scopes": ["PriorityClass"]}, pod(container()), False),
            (
                {"scopes": ["CrossNamespacePodAffinity"]},
                pod(
                    container(),
                    affinity={
                        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"namespaceSelector": {}}]}
                    },
                ),
                True,
            ),
        ],
    )
    def test_pods(self, spec: Object, made: Object, holds: bool) -> None:
        assert quota_scopes.in_scopes({"spec": spec}, "", "pods", made) is holds

    @pytest.mark.parametrize(
        ("operator", "values", "name", "holds"),
        [
            ("In", ["high"], "high", True),
            ("In", ["high"], "low", False),
            ("NotIn", ["high"], "low", True),
            ("Exists", [], "low", True),
            ("DoesNotExist", [], "", True),
        ],
    )
    def test_scope_selectors(self, operator: str, values: list[str], name: str, holds: bool) -> None:
        term = {"scopeName": "PriorityClass", "operator": operator, "values": values}
        made = {"spec": {"scopeSelector": {"matchExpressions": [term]}}}
        assert quota_scopes.in_scopes(made, "", "pods", pod(container(), priorityClassName=name)) is holds

    @pytest.mark.parametrize(
        ("claim", "operator", "holds"),
        [
            ({"spec": {"volumeAttributesClassName": "gold"}}, "In", True),
            ({"status": {"currentVolumeAttributesClassName": "gold"}}, "In", True),
            ({"status": {"modifyVolumeStatus": {"targetVolumeAttributesClassName": "gold"}}}, "In", True),
            ({"spec": {"volumeAttributesClassName": "silver"}}, "In", False),
            ({"spec": {}}, "NotIn", True),
            ({"spec": {}}, "DoesNotExist", True),
            ({"spec": {"volumeAttributesClassName": "gold"}}, "Exists", True),
        ],
    )
    def test_claims_by_their_attributes(self, claim: Object, operator: str, holds: bool) -> None:
        values = ["gold"] if operator in ("In", "NotIn") else []
        term = {"scopeName": "VolumeAttributesClass", "operator": operator, "values": values}
        made = {"spec": {"scopeSelector": {"matchExpressions": [term]}}}
        assert quota_scopes.in_scopes(made, "", "persistentvolumeclaims", claim) is holds

    def test_scopes_of_pods_hold_nothing_else(self) -> None:
        assert not quota_scopes.in_scopes({"spec": {"scopes": ["NotBestEffort"]}}, "", "services", {})


def make_quota(world: Any, hard: Object, used: Object, name: str = "q", **spec: Any) -> Object:
    metadata = {"name": name, "namespace": "ns", "resourceVersion": "1"}
    made = {"metadata": metadata, "spec": {"hard": hard, **spec}, "status": {"hard": hard, "used": used}}
    return dict(world.put("", "resourcequotas", made))


def request(obj: Object, plural: str = "pods", **over: Any) -> AdmissionRequest:
    resource = builtin().by_plural("", "v1", plural)
    assert resource is not None
    return AdmissionRequest(CREATE, resource, "", "ns", obj["metadata"]["name"], obj, None, UserInfo("u"), **over)


def charge(
    make_deps: Any, *requests: AdmissionRequest, configuration: Object | None = None
) -> list[BaseException | None]:
    async def all_at_once() -> list[BaseException | None]:
        plugin = ResourceQuota(make_deps(), configuration)
        try:
            return await asyncio.gather(*(plugin.validate(r) for r in requests), return_exceptions=True)
        finally:
            await plugin.close()

    return asyncio.run(all_at_once())


class TestCharging:
    def test_many_are_charged_in_one_write(self, world: Any, make_deps: Any) -> None:
        make_quota(world, {"pods": "3"}, {"pods": "0"})
        ends = charge(make_deps, *(request(pod(container())) for _ in range(5)))
        assert [type(end) for end in ends] == [type(None)] * 3 + [Forbidden] * 2
        assert str(ends[4]) == (
            'pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3'
        )
        assert world.get("", "resourcequotas", "ns", "q")["status"]["used"] == {"pods": "3"}
        assert len(world.writes) == 1

    def test_one_quota_that_is_full_leaves_the_others_alone(self, world: Any, make_deps: Any) -> None:
        make_quota(world, {"pods": "9"}, {"pods": "0"}, name="a")
        make_quota(world, {"count/pods": "0"}, {"count/pods": "0"}, name="b")
        (end,) = charge(make_deps, request(pod(container())))
        assert isinstance(end, Forbidden) and "exceeded quota: b" in str(end)
        assert world.writes == []

    def test_a_conflict_is_judged_again(self, world: Any, make_deps: Any) -> None:
        make_quota(world, {"pods": "2"}, {"pods": "0"})
        write, met = world.guaranteed_update, []

        async def disturbed(*args: Any, **more: Any) -> Any:
            if not met:
                met.append(True)
                make_quota(world, {"pods": "2"}, {"pods": "2"})
                raise Conflict.modified("", "resourcequotas", "q")
            return await write(*args, **more)

        world.guaranteed_update = disturbed
        (end,) = charge(make_deps, request(pod(container())))
        assert isinstance(end, Forbidden) and "used: pods=2" in str(end)

    def test_what_is_left_open(self, world: Any, make_deps: Any) -> None:
        make_quota(world, {"limits.cpu": "2", "requests.memory": "1Gi"}, {"limits.cpu": "0", "requests.memory": "0"})
        (end,) = charge(make_deps, request(pod({"name": "a"}, {"name": "b"})))
        assert str(end).endswith("failed quota: q: must specify limits.cpu for: a,b; requests.memory for: a,b")

    def test_a_quota_that_nobody_has_counted(self, world: Any, make_deps: Any) -> None:
        make_quota(world, {"pods": "2"}, {})
        (end,) = charge(make_deps, request(pod(container())))
        assert str(end).endswith("status unknown for quota: q, resources: pods")

    def test_what_becomes_less_is_given_back_by_the_controller_alone(self, world: Any, make_deps: Any) -> None:
        make_quota(world, {"services.nodeports": "3"}, {"services.nodeports": "3"})
        old = {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80}, {"port": 81}]}}
        smaller = request({**old, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}, "services")
        assert charge(make_deps, replace(smaller, operation=UPDATE, old_object=old)) == [None]
        assert world.writes == []

    def test_a_dry_run_writes_nothing(self, world: Any, make_deps: Any) -> None:
        make_quota(world, {"pods": "2"}, {"pods": "0"})
        assert charge(make_deps, request(pod(container()), dry_run=True)) == [None]
        assert world.writes == []


def limited(**entry: Any) -> Object:
    entries = [{"resource": "pods", **entry}]
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "ResourceQuotaConfiguration",
        "limitedResources": entries,
    }


class TestLimitedResources:
    def test_a_priority_that_no_quota_covers(self, world: Any, make_deps: Any) -> None:
        term = {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}
        given = limited(matchScopes=[term])
        made = pod(container(), priorityClassName="high")
        (end,) = charge(make_deps, request(made), configuration=given)
        assert str(end).endswith("insufficient quota to match these scopes: [{PriorityClass In [high]}]")
        assert charge(make_deps, request(pod(container())), configuration=given) == [None]
        make_quota(world, {"pods": "1"}, {"pods": "0"}, scopeSelector={"matchExpressions": [term]})
        assert charge(make_deps, request(made), configuration=given) == [None]

    def test_names_that_no_quota_limits(self, world: Any, make_deps: Any) -> None:
        (end,) = charge(make_deps, request(pod(container())), configuration=limited(matchContains=["count/"]))
        assert str(end).endswith("insufficient quota to consume: count/pods")


class TestValidation:
    @pytest.mark.parametrize(
        ("spec", "messages"),
        [
            ({"hard": {"pods": "1", "requests.example.com/gpu": "1", "count/jobs.batch": "1"}}, []),
            (
                {"hard": {"foo": "1"}},
                ["must be a standard resource type or fully qualified", "must be a standard resource for quota"],
            ),
            ({"hard": {"pods": "500m"}}, ["must be an integer"]),
            ({"hard": {"pods": "-1"}}, ["must be greater than or equal to 0"]),
            ({"hard": {"pods": "1"}, "scopes": ["Nope"]}, ["unsupported scope"]),
            ({"hard": {"cpu": "1"}, "scopes": ["BestEffort"]}, ["unsupported scope applied to resource"]),
            ({"hard": {"pods": "1"}, "scopes": ["BestEffort", "NotBestEffort"]}, ["conflicting scopes"]),
            (
                {"scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In"}]}},
                ["must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"],
            ),
            (
                {"scopeSelector": {"matchExpressions": [{"scopeName": "BestEffort", "operator": "DoesNotExist"}]}},
                ["must be 'Exists' when scope is any of"],
            ),
        ],
    )
    def test_specs(self, spec: Object, messages: list[str]) -> None:
        errors = [str(error) for error in quota_validation.validate({"spec": spec})]
        assert len(errors) == len(messages)
        assert all(message in error for message, error in zip(messages, errors, strict=True))

    def test_scopes_stay(self) -> None:
        old, new = {"spec": {"scopes": ["BestEffort"]}}, {"spec": {}}
        assert [str(e) for e in quota_validation.validate_update(new, old)] == [
            "spec.scopes: Invalid value: []: field is immutable"
        ]
