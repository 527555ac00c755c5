"""Which addons exist, which of them a profile has on, and what their manifests are filled in with.

May import: cluster's own modules.
"""

from dataclasses import replace
from typing import Final

from kajitori.cluster.failures import USAGE, ClusterFailure
from kajitori.cluster.paths import Home
from kajitori.cluster.pki import service_ip
from kajitori.cluster.plans import network_plan
from kajitori.cluster.profile import Profile

FILES: Final = {"default-storageclass": "storageclass", "storage-provisioner": "storage-provisioner"}
"""Addons that we bring → their manifest's name."""

MAINTAINERS: Final = {
    "ambassador": "3rd party (Ambassador)",
    "amd-gpu-device-plugin": "3rd party (AMD)",
    "auto-pause": "minikube",
    "cloud-spanner": "Google",
    "csi-hostpath-driver": "Kubernetes",
    "dashboard": "Kubernetes",
    "default-storageclass": "Kubernetes",
    "efk": "3rd party (Elastic)",
    "freshpod": "Google",
    "gcp-auth": "Google",
    "gvisor": "minikube",
    "headlamp": "3rd party (kinvolk.io)",
    "inaccel": "3rd party (InAccel [info@inaccel.com])",
    "ingress": "Kubernetes",
    "ingress-dns": "minikube",
    "inspektor-gadget": "3rd party (inspektor-gadget.io)",
    "istio": "3rd party (Istio)",
    "istio-provisioner": "3rd party (Istio)",
    "kong": "3rd party (Kong HQ)",
    "kubeflow": "3rd party",
    "kubetail": "3rd party (kubetail.com)",
    "kubevirt": "3rd party (KubeVirt)",
    "logviewer": "3rd party (unknown)",
    "metallb": "3rd party (MetalLB)",
    "metrics-server": "Kubernetes",
    "nvidia-device-plugin": "3rd party (NVIDIA)",
    "nvidia-driver-installer": "3rd party (NVIDIA)",
    "nvidia-gpu-device-plugin": "3rd party (NVIDIA)",
    "olm": "3rd party (Operator Framework)",
    "pod-security-policy": "3rd party (unknown)",
    "portainer": "3rd party (Portainer.io)",
    "registry": "minikube",
    "registry-aliases": "3rd party (unknown)",
    "registry-creds": "3rd party (UPMC Enterprises)",
    "storage-provisioner": "minikube",
    "storage-provisioner-rancher": "3rd party (Rancher)",
    "volcano": "third-party (volcano)",
    "volumesnapshots": "Kubernetes",
    "yakd": "3rd party (marcnuri.com)",
}


def is_on(profile: Profile, name: str) -> bool:
    return dict(profile.addons).get(name, False)


def switched(profile: Profile, name: str, *, on: bool) -> Profile:
    """The profile with one addon on or off; an addon that we do not bring yet is refused."""
    if name not in MAINTAINERS:
        raise ClusterFailure(
            USAGE,
            f"addon '{name}' is not a valid addon packaged with minikube",
            'To see the list of available addons, run: "minikube addons list"',
        )
    if on and name not in FILES:
        raise ClusterFailure(
            USAGE,
            f"addon '{name}' is not available in this version of Kajitori",
            'To see the list of available addons, run: "minikube addons list"',
        )
    return replace(profile, addons=tuple(sorted({**dict(profile.addons), name: on}.items())))


def files_of(profile: Profile) -> list[str]:
    """The manifests of the addons that are on."""
    return [FILES[name] for name, on in profile.addons if on and name in FILES]


def values(home: Home, profile: Profile) -> dict[str, str]:
    """What manifests may name as `${NAME}`."""
    return {
        "DNS_DOMAIN": profile.dns_domain,
        "DNS_IP": service_ip(profile.service_cidr, 10),
        "GATEWAY": network_plan(home, profile).gateway,
        "NODE_NAME": profile.primary.name,
    }
