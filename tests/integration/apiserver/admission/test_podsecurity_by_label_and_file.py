"""PodSecurity as the tutorials tell it, with the real kubectl: by labels, and by the configuration file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.commandline import Kubectl

from kajitori.testing.controlplane import ControlPlane

pytestmark = pytest.mark.integration
Object = dict[str, Any]
PREFIX = "pod-security.kubernetes.io/"
RESTRICTED = (
    'would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "nginx" must set '
    'securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "nginx" must set '
    'securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "nginx" must set '
    'securityContext.runAsNonRoot=true), seccompProfile (pod or container "nginx" must set '
    'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
)
CONFIGURATION = """
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults:
      enforce: "baseline"
      enforce-version: "latest"
      audit: "restricted"
      audit-version: "latest"
      warn: "restricted"
      warn-version: "latest"
    exemptions:
      usernames: []
      runtimeClasses: []
      namespaces: [kube-system]
"""


def pod(name: str = "nginx", **security: Any) -> Object:
    container: Object = {"name": "nginx", "image": "nginx"}
    if security:
        container["securityContext"] = security
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}


class TestLabels:
    def test_all_three_modes(self, kubectl: Kubectl) -> None:
        labels = [f"{PREFIX}{mode}={level}" for mode, level in (("enforce", "baseline"), ("warn", "restricted"))]
        kubectl.ok("label", "ns", kubectl.namespace, *labels, f"{PREFIX}audit=restricted")
        done = kubectl.run("apply", "-f", "-", stdin=pod())
        assert (done.stderr, done.stdout) == (f"Warning: {RESTRICTED}\n", "pod/nginx created\n")
        assert kubectl.fails("create", "-f", "-", stdin=pod("bad", privileged=True)) == (
            'Error from server (Forbidden): error when creating "STDIN": pods "bad" is forbidden: violates PodSecurity '
            '"baseline:latest": privileged (container "nginx" must not set securityContext.privileged=true)\n'
        )

    def test_workloads_are_warned_of(self, kubectl: Kubectl) -> None:
        kubectl.ok("label", "ns", kubectl.namespace, f"{PREFIX}warn=restricted")
        done = kubectl.run("create", "deployment", "web", "--image=nginx")
        assert (done.stderr, done.stdout) == (f"Warning: {RESTRICTED}\n", "deployment.apps/web created\n")

    def test_a_stricter_label_names_what_is_there(self, kubectl: Kubectl) -> None:
        for name in ("b", "a"):
            kubectl.create(pod(name))
        kubectl.create(pod("c", privileged=True))
        done = kubectl.run("label", "--dry-run=server", "ns", kubectl.namespace, f"{PREFIX}enforce=restricted")
        reasons = "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"
        name = kubectl.namespace
        assert done.stderr == (
            f'Warning: existing pods in namespace "{name}" violate the new PodSecurity enforce level '
            '"restricted:latest"\n'
            f"Warning: a (and 1 other pod): {reasons}\n"
            f"Warning: c: privileged, {reasons}\n"
        )
        assert done.stdout == f"namespace/{name} labeled (server dry run)\n"
        assert PREFIX not in kubectl.ok("get", "ns", name, "--show-labels")

    def test_nonsense_is_refused(self, kubectl: Kubectl) -> None:
        error = kubectl.fails("label", "ns", kubectl.namespace, f"{PREFIX}enforce=strict", f"{PREFIX}warn-version=1.2")
        assert f'metadata.labels[{PREFIX}enforce]: Invalid value: "strict": must be one of privileged, baseline, ' in (
            error
        )
        assert f'metadata.labels[{PREFIX}warn-version]: Invalid value: "1.2": must be "latest" or "v1.x"' in error


class TestConfigurationFile:
    @pytest.fixture
    def configured(self, tmp_path: Path) -> Iterator[ControlPlane]:
        (tmp_path / "admission.yaml").write_text(CONFIGURATION)
        with ControlPlane(admission_control_config_file=str(tmp_path / "admission.yaml")) as control_plane:
            yield control_plane

    def test_defaults_and_exemptions(self, configured: ControlPlane, kubectl_binary: str) -> None:
        default, system = (
            Kubectl(kubectl_binary, configured.kubeconfig, configured.data_dir, ns) for ns in ("default", "kube-system")
        )
        for kubectl in (default, system):
            kubectl.ok("create", "serviceaccount", "default")
        done = default.run("apply", "-f", "-", stdin=pod())
        assert (done.stderr, done.stdout) == (f"Warning: {RESTRICTED}\n", "pod/nginx created\n")
        assert 'pods "bad" is forbidden: violates PodSecurity "baseline:latest"' in default.fails(
            "create", "-f", "-", stdin=pod("bad", privileged=True)
        )
        done = system.run("apply", "-f", "-", stdin=pod("bad", privileged=True))
        assert (done.stderr, done.stdout) == ("", "pod/bad created\n")
        done = system.run("label", "ns", "kube-system", f"{PREFIX}enforce=restricted")
        assert done.stderr == (
            'Warning: namespace "kube-system" is exempt from Pod Security, and the policy (enforce=restricted:latest) '
            "will be ignored\n"
        )
