"""What a new cluster contains: complete, idempotent, and mended where something was taken away."""

from __future__ import annotations

import asyncio
from typing import Any

from kajitori.api.scheme import builtin
from kajitori.apiserver.bootstrap import bootstrap
from kajitori.apiserver.bootstrap.extension_authentication import combined, ensure_extension_authentication
from kajitori.apiserver.bootstrap.kubernetes_service import advertised_address, ensure_kubernetes_service
from kajitori.apiserver.bootstrap.policy import policy_objects
from kajitori.apiserver.bootstrap.rules import rule
from kajitori.apiserver.bootstrap.seed import complete, plan_policy, strangers
from kajitori.machinery import certificates

RBAC = "rbac.authorization.k8s.io"


class TestPolicy:
    def test_objects_have_unique_names_and_valid_kinds(self) -> None:
        seen = [(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]) for o in policy_objects()]
        assert len(seen) == len(set(seen))
        for kind in {kind for kind, _, _ in seen}:
            assert builtin().by_kind(RBAC, "v1", kind) is not None

    def test_every_rule_is_well_formed(self) -> None:
        for obj in policy_objects():
            for made in obj.get("rules") or ():
                assert made["verbs"] and all(made["verbs"])
                assert ("nonResourceURLs" in made) != ("resources" in made), (obj["metadata"]["name"], made)
                assert made.get("resources") or made.get("nonResourceURLs"), obj["metadata"]["name"]

    def test_every_binding_names_a_role_of_the_policy(self) -> None:
        objects = list(policy_objects())
        roles = {
            (o["kind"], o["metadata"].get("namespace", ""), o["metadata"]["name"]) for o in objects if "rules" in o
        }
        for obj in objects:
            if reference := obj.get("roleRef"):
                namespace = obj["metadata"].get("namespace", "") if reference["kind"] == "Role" else ""
                assert (reference["kind"], namespace, reference["name"]) in roles

    def test_admin_includes_edit_includes_view(self) -> None:
        by_name = {o["metadata"]["name"]: o for o in policy_objects() if o["kind"] == "ClusterRole"}
        for weaker, stronger in (("view", "edit"), ("edit", "admin")):
            assert all(r in by_name[stronger]["rules"] for r in by_name[weaker]["rules"])
        assert by_name["admin"]["aggregationRule"]["clusterRoleSelectors"] == [
            {"matchLabels": {"rbac.authorization.k8s.io/aggregate-to-admin": "true"}}
        ]

    def test_notation(self) -> None:
        assert rule("get,list apps, core: pods, deployments [a b]") == {
            "apiGroups": ["", "apps"],
            "resourceNames": ["a", "b"],
            "resources": ["deployments", "pods"],
            "verbs": ["get", "list"],
        }
        assert rule("* * url") == {"nonResourceURLs": ["*"], "verbs": ["*"]}


class TestBootstrap:
    def test_a_new_cluster_is_complete(self, make_deps: Any, world: Any) -> None:
        asyncio.run(bootstrap(make_deps(secure_port=8443, advertise_address="192.0.2.7")))
        names = {o["metadata"]["name"] for o in world.list("", "namespaces")}
        assert names == {"default", "kube-system", "kube-public", "kube-node-lease"}
        service = world.get("", "services", "default", "kubernetes")
        assert service["spec"]["clusterIP"] == "10.96.0.1" and service["spec"]["ports"][0]["targetPort"] == 8443
        endpoints = world.get("", "endpoints", "default", "kubernetes")
        assert endpoints["subsets"][0]["addresses"] == [{"ip": "192.0.2.7"}]
        assert world.get("scheduling.k8s.io", "priorityclasses", "", "system-node-critical")["value"] == 2000001000
        assert world.get("", "configmaps", "kube-system", "extension-apiserver-authentication") is not None

    def test_a_second_run_writes_nothing(self, make_deps: Any, world: Any) -> None:
        deps = make_deps(advertise_address="192.0.2.7")
        asyncio.run(bootstrap(deps))
        world.writes.clear()
        asyncio.run(bootstrap(deps))
        assert world.writes == []

    def test_what_was_taken_from_a_role_comes_back_and_what_was_added_stays(self, make_deps: Any, world: Any) -> None:
        asyncio.run(bootstrap(make_deps(advertise_address="192.0.2.7")))
        role = world.get(RBAC, "clusterroles", "", "system:kube-dns")
        added = rule("get core: nodes")
        role["rules"] = [added]
        _, outdated = plan_policy(world)
        assert [o["metadata"]["name"] for _, _, o in outdated] == ["system:kube-dns"]
        assert added in outdated[0][2]["rules"] and len(outdated[0][2]["rules"]) == 5  # a rule each

    def test_autoupdate_can_be_turned_off(self) -> None:
        wanted = next(policy_objects())
        mine = {"metadata": {"name": "x", "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "false"}}}
        assert complete(mine, wanted) is None

    def test_endpoints_follow_the_advertised_address(self, make_deps: Any, world: Any) -> None:
        asyncio.run(bootstrap(make_deps(advertise_address="192.0.2.7")))
        asyncio.run(ensure_kubernetes_service(make_deps(advertise_address="192.0.2.8")))
        slices = world.get("discovery.k8s.io", "endpointslices", "default", "kubernetes")
        assert slices["endpoints"][0]["addresses"] == ["192.0.2.8"]


def test_a_wildcard_bind_address_is_not_advertised() -> None:
    assert advertised_address("192.0.2.9") == "192.0.2.9"
    assert advertised_address("0.0.0.0") not in ("0.0.0.0", "")
    assert advertised_address("127.0.0.1") == advertised_address("0.0.0.0")  # nobody else reaches loopback

    def test_rules_count_by_what_they_allow(self, make_deps: Any, world: Any) -> None:
        asyncio.run(bootstrap(make_deps(advertise_address="192.0.2.7")))
        role = world.get(RBAC, "clusterroles", "", "system:kube-dns")
        role["rules"] = [rule("* core: *")]
        assert plan_policy(world) == ([], [])

    def test_a_binding_to_another_role_is_made_anew(self, make_deps: Any, world: Any) -> None:
        deps = make_deps(advertise_address="192.0.2.7")
        asyncio.run(bootstrap(deps))
        bound = world.get(RBAC, "clusterrolebindings", "", "system:discovery")
        bound["roleRef"] = {**bound["roleRef"], "name": "cluster-admin"}
        asyncio.run(bootstrap(deps))
        found = world.get(RBAC, "clusterrolebindings", "", "system:discovery")
        assert found["roleRef"]["name"] == "system:discovery"

    def test_a_protected_binding_stays(self, make_deps: Any, world: Any) -> None:
        deps = make_deps(advertise_address="192.0.2.7")
        asyncio.run(bootstrap(deps))
        bound = world.get(RBAC, "clusterrolebindings", "", "system:discovery")
        bound["roleRef"] = {**bound["roleRef"], "name": "mine"}
        bound["metadata"]["annotations"]["rbac.authorization.kubernetes.io/autoupdate"] = "false"
        assert strangers(world) == [] and plan_policy(world) == ([], [])


class TestExtensionAuthentication:
    def test_what_others_wrote_stays(self) -> None:
        present = {
            "requestheader-group-headers": '["X-Theirs"]',
            "requestheader-allowed-names": '["them"]',
            "more": "x",
        }
        own = {"requestheader-group-headers": '["X-Ours"]', "requestheader-allowed-names": '["us"]'}
        assert combined(present, own) == {
            "requestheader-group-headers": '["X-Theirs","X-Ours"]',
            "requestheader-allowed-names": '["them","us"]',
            "more": "x",
        }

    def test_a_server_that_believes_anybody_makes_all_do_so(self) -> None:
        present, own = {"requestheader-allowed-names": '["them"]'}, {"requestheader-allowed-names": "[]"}
        assert combined(present, own) == {"requestheader-allowed-names": "[]"}

    def test_authorities_are_joined_without_those_that_have_ended(self) -> None:
        one, two = (certificates.new_ca(name).cert_pem.decode() for name in ("one", "two"))
        both = combined({"client-ca-file": one}, {"client-ca-file": two})["client-ca-file"]
        assert both == one.strip() + "\n" + two.strip() + "\n"
        garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        assert combined({"client-ca-file": garbage}, {"client-ca-file": two})["client-ca-file"] == two.strip() + "\n"

    def test_it_comes_back(self, make_deps: Any, world: Any) -> None:
        deps = make_deps(advertise_address="192.0.2.7")
        asyncio.run(ensure_extension_authentication(deps))
        world.remove("", "configmaps", "kube-system", "extension-apiserver-authentication")
        asyncio.run(ensure_extension_authentication(deps))
        assert world.get("", "configmaps", "kube-system", "extension-apiserver-authentication") is not None
