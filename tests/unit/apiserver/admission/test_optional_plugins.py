"""Plugins that are off by default, and the flags that turn plugins on and off."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.admission.build import MISSING, OFF_BY_DEFAULT, ORDER, build_admission
from kajitori.apiserver.admission.configuration import ConfigurationError, read_configuration
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionRequest
from kajitori.apiserver.attributes import Attributes, Decision, Verdict
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import Forbidden, TooManyRequests

Object = dict[str, Any]


class Only:
    """Allows what is listed: (verb, resource, subresource)."""

    def __init__(self, *allowed: tuple[str, str, str]) -> None:
        self.allowed = allowed

    async def authorize(self, attributes: Attributes) -> Decision:
        known = (attributes.verb, attributes.resource, attributes.subresource) in self.allowed
        return Decision(Verdict.ALLOW if known else Verdict.NO_OPINION)


def ask(
    deps: Any, plugin: str, plural: str, obj: Object, old: Object | None = None, *, authorizer: Any = None
) -> AdmissionRequest:
    resource = builtin().by_plural("", "v1", plural)
    assert resource is not None
    metadata = obj["metadata"]
    made = AdmissionRequest(
        UPDATE if old else CREATE,
        resource,
        "",
        metadata.get("namespace", ""),
        metadata["name"],
        obj,
        old,
        UserInfo("u"),
    )

    async def run() -> None:
        chain = build_admission(deps, authorizer)
        chosen = next(p for p in chain.plugins if p.name == plugin)
        assert chosen.handles(resource, "")
        await chosen.admit(made)
        await chosen.validate(made)

    asyncio.run(run())
    return made


def pod(**spec: Any) -> Object:
    containers = spec.pop("containers", [{"name": "c", "image": "i"}])
    return {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"containers": containers, **spec}}


class TestPlugins:
    def test_images_are_pulled_always(self, make_deps: Any) -> None:
        deps = make_deps(enable_admission_plugins=("AlwaysPullImages",))
        made = ask(deps, "AlwaysPullImages", "pods", pod(initContainers=[{"name": "i"}]))
        spec = (made.object or {})["spec"]
        assert {c["imagePullPolicy"] for c in (*spec["containers"], *spec["initContainers"])} == {"Always"}

    def test_a_missing_namespace_is_made(self, world: Any, make_deps: Any) -> None:
        deps = make_deps(enable_admission_plugins=("NamespaceAutoProvision",))
        ask(deps, "NamespaceAutoProvision", "pods", pod())
        assert world.writes == [("create", "namespaces", "ns")]

    def test_it_comes_before_the_namespace_is_asked_for(self) -> None:
        assert ORDER.index("NamespaceAutoProvision") < ORDER.index("NamespaceLifecycle")

    def test_extended_resources_are_tolerated(self, make_deps: Any) -> None:
        deps = make_deps(enable_admission_plugins=("ExtendedResourceToleration",))
        resources = {"requests": {"example.com/gpu": 1, "cpu": 1, "hugepages-2Mi": 1}}
        made = ask(deps, "ExtendedResourceToleration", "pods", pod(containers=[{"name": "c", "resources": resources}]))
        assert (made.object or {})["spec"]["tolerations"] == [{"key": "example.com/gpu", "operator": "Exists"}]

    def test_anti_affinity_only_by_host(self, make_deps: Any) -> None:
        deps = make_deps(enable_admission_plugins=("LimitPodHardAntiAffinityTopology",))
        term = {"topologyKey": "zone"}
        affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
        with pytest.raises(Forbidden, match="only key kubernetes"):
            ask(deps, "LimitPodHardAntiAffinityTopology", "pods", pod(affinity=affinity))

    def test_no_new_external_ips(self, make_deps: Any) -> None:
        deps = make_deps(enable_admission_plugins=("DenyServiceExternalIPs",))
        old = {"metadata": {"name": "s", "namespace": "ns"}, "spec": {"externalIPs": ["10.0.0.1"]}}
        ask(deps, "DenyServiceExternalIPs", "services", old, old)
        new = {**old, "spec": {"externalIPs": ["10.0.0.1", "10.0.0.2"]}}
        with pytest.raises(Forbidden, match="Use of external IPs is denied by admission control"):
            ask(deps, "DenyServiceExternalIPs", "services", new, old)


class TestOwnerReferences:
    NAME = "OwnerReferencesPermissionEnforcement"

    def owned(self, **reference: Any) -> Object:
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "1", **reference}
        return {**pod(), "metadata": {"name": "p", "namespace": "ns", "ownerReferences": [owner]}}

    def test_owners_are_for_who_may_delete(self, make_deps: Any) -> None:
        deps = make_deps(builtin(), enable_admission_plugins=(self.NAME,))
        with pytest.raises(Forbidden, match="cannot set an ownerRef on a resource you can't delete"):
            ask(deps, self.NAME, "pods", self.owned(), pod(), authorizer=Only())
        ask(deps, self.NAME, "pods", self.owned(), pod(), authorizer=Only(("delete", "pods", "")))

    def test_blocking_is_for_who_may_set_finalizers(self, make_deps: Any) -> None:
        deps = make_deps(builtin(), enable_admission_plugins=(self.NAME,))
        blocking = self.owned(blockOwnerDeletion=True)
        with pytest.raises(Forbidden, match="cannot set blockOwnerDeletion if an ownerReference refers to a resource"):
            ask(deps, self.NAME, "pods", blocking, authorizer=Only())
        ask(deps, self.NAME, "pods", blocking, authorizer=Only(("update", "configmaps", "finalizers")))


class TestEventRateLimit:
    @pytest.fixture
    def configured(self, make_deps: Any, tmp_path: Path) -> Any:
        path = tmp_path / "admission.yaml"
        path.write_text("""
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  path: events.yaml
""")
        (tmp_path / "events.yaml").write_text("""
apiVersion: eventratelimit.admission.k8s.io/v1alpha1
kind: Configuration
limits:
- {type: Namespace, qps: 1, burst: 2}
""")
        return make_deps(enable_admission_plugins=("EventRateLimit",), admission_control_config_file=str(path))

    def test_a_namespace_has_its_bucket(self, configured: Any) -> None:
        chain = build_admission(configured)
        plugin = next(p for p in chain.plugins if p.name == "EventRateLimit")
        resource = builtin().by_plural("", "v1", "events")
        assert resource is not None

        def make(namespace: str) -> AdmissionRequest:
            return AdmissionRequest(CREATE, resource, "", namespace, "e", {"metadata": {}}, None, UserInfo("u"))

        async def run() -> None:
            await plugin.validate(make("a"))
            await plugin.validate(make("a"))
            with pytest.raises(TooManyRequests, match="limit reached on type Namespace"):
                await plugin.validate(make("a"))
            await plugin.validate(make("b"))
            configured.clock.advance(1)
            await plugin.validate(make("a"))

        asyncio.run(run())

    def test_it_needs_a_configuration(self, make_deps: Any) -> None:
        with pytest.raises(ConfigurationError, match="EventRateLimit"):
            build_admission(make_deps(enable_admission_plugins=("EventRateLimit",)))


class TestFlags:
    @pytest.mark.parametrize(
        ("config", "message"),
        [
            ({"enable_admission_plugins": ("Foo",)}, 'enable-admission-plugins plugin "Foo" is unknown'),
            ({"disable_admission_plugins": ("Foo",)}, 'disable-admission-plugins plugin "Foo" is unknown'),
            ({"enable_admission_plugins": ("PodNodeSelector",)}, "does not exist in Kajitori"),
            (
                {"enable_admission_plugins": ("Priority",), "disable_admission_plugins": ("Priority",)},
                r"\[Priority\] in enable-admission-plugins and disable-admission-plugins overlapped",
            ),
        ],
    )
    def test_names_are_checked(self, make_deps: Any, config: Object, message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            build_admission(make_deps(**config))

    def test_what_is_off_and_what_is_missing_has_a_place(self) -> None:
        assert set(ORDER) >= OFF_BY_DEFAULT >= MISSING

    @pytest.mark.parametrize("text", ["", "kind: Other", "a: [", "apiVersion: apiserver.config.k8s.io/v1\nkind: X"])
    def test_a_broken_file_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "f").write_text(text)
        with pytest.raises(ConfigurationError, match="unable to read admission control configuration"):
            read_configuration(str(tmp_path / "f"))
