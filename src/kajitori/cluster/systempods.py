"""The pods a cluster is made of: static pod manifests of the control plane, and how any system pod gets its program.

Pure: wire dicts in and out. A system pod's image holds nothing (see imagebuild.system); `with_program` mounts the
host's /usr and the program's folders read-only and says which component runs. May import: cluster's own modules.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kajitori.cluster import program
from kajitori.cluster.imagebuild import system
from kajitori.cluster.profile import Node, Profile

Wire = dict[str, Any]

COMPONENT_OF_IMAGE = {
    system.APISERVER: "apiserver",
    system.CONTROLLER_MANAGER: "controller-manager",
    system.SCHEDULER: "scheduler",
    system.PROXY: "proxy",
    system.COREDNS: "dns",
    system.STORAGE_PROVISIONER: "provisioner",
    system.KINDNETD: "cni",
}

ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}
"""A few arenas are enough for one event loop, and each costs memory."""


def host_path(name: str, path: str, kind: str = "") -> Wire:
    """A Pod's volume; without a kind nothing is checked or made."""
    volume: Wire = {"path": path}
    if kind:
        volume["type"] = kind
    return {"name": name, "hostPath": volume}


def mount(name: str, path: str, *, read_only: bool = True) -> Wire:
    return {"name": name, "mountPath": path, **({"readOnly": True} if read_only else {})}


def program_volumes() -> list[tuple[str, str]]:
    """Volume name and path of everything a system pod needs to run us."""
    fixed = [("usr", "/usr"), ("alternatives", "/etc/alternatives"), ("ssl", "/etc/ssl")]
    return [*fixed, *((f"program-{i}", path) for i, path in enumerate(program.folders()))]


def with_program(spec: Wire) -> Wire:
    """A pod spec whose containers name system images, completed with the program that those images leave out.

    A container's `args` are the component's flags; a container that has its own `command` keeps it.
    """
    volumes = program_volumes()
    containers = [complete(container, volumes) for container in spec["containers"]]
    added = [host_path(name, path, "Directory") for name, path in volumes]
    return {**spec, "containers": containers, "volumes": [*spec.get("volumes", ()), *added]}


def complete(container: Wire, volumes: Sequence[tuple[str, str]]) -> Wire:
    """The container with our program as its command; one with a command or a foreign image stays as it is."""
    component = COMPONENT_OF_IMAGE.get(container["image"])
    if component is None or "command" in container:
        return container
    command = [program.interpreter(), "-m", "kajitori", component, *container.get("args", ())]
    environment = [*container.get("env", ()), *({"name": k, "value": v} for k, v in ENVIRONMENT.items())]
    mounts = [*container.get("volumeMounts", ()), *(mount(name, path) for name, path in volumes)]
    rest = {key: value for key, value in container.items() if key != "args"}
    return {**rest, "command": command, "env": environment, "volumeMounts": mounts}


def probe(host: str, port: int, path: str, *, failures: int, period_s: int = 10) -> Wire:
    """A probe over HTTPS; times in seconds."""
    check = {"host": host, "path": path, "port": port, "scheme": "HTTPS"}
    return {"httpGet": check, "failureThreshold": failures, "periodSeconds": period_s, "timeoutSeconds": 15}


def flags(settings: Mapping[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in settings.items()]


def static_pod(
    name: str,
    image: str,
    settings: Mapping[str, str],
    *,
    cpu: str,
    volumes: Sequence[tuple[str, str, str]],
    probes: Wire,
) -> Wire:
    """A control plane component as kubeadm writes it."""
    container: Wire = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": flags(settings),
        "resources": {"requests": {"cpu": cpu}},
        "volumeMounts": [mount(v, path, read_only=kind != "DirectoryOrCreate") for v, path, kind in volumes],
        **probes,
    }
    spec = {
        "containers": [container],
        "hostNetwork": True,
        "priority": 2000001000,
        "priorityClassName": "system-node-critical",
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "volumes": [host_path(v, path, kind) for v, path, kind in volumes],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"labels": {"component": name, "tier": "control-plane"}, "name": name, "namespace": "kube-system"},
        "spec": with_program(spec),
    }


PKI = "/etc/kubernetes/pki"


def apiserver(profile: Profile, node: Node) -> Wire:
    port = profile.apiserver_port
    settings = {
        "advertise-address": node.ip,
        "authorization-mode": "Node,RBAC",
        "client-ca-file": f"{PKI}/ca.crt",
        "data-dir": "/var/lib/kajitori/apiserver",
        "enable-admission-plugins": "NodeRestriction",
        "enable-bootstrap-token-auth": "true",
        "kubelet-client-certificate": f"{PKI}/apiserver-kubelet-client.crt",
        "kubelet-client-key": f"{PKI}/apiserver-kubelet-client.key",
        "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
        "proxy-client-cert-file": f"{PKI}/front-proxy-client.crt",
        "proxy-client-key-file": f"{PKI}/front-proxy-client.key",
        "requestheader-allowed-names": "front-proxy-client",
        "requestheader-client-ca-file": f"{PKI}/front-proxy-ca.crt",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-username-headers": "X-Remote-User",
        "secure-port": str(port),
        "service-account-issuer": f"https://kubernetes.default.svc.{profile.dns_domain}",
        "service-account-key-file": f"{PKI}/sa.pub",
        "service-account-signing-key-file": f"{PKI}/sa.key",
        "service-cluster-ip-range": profile.service_cidr,
        "tls-cert-file": f"{PKI}/apiserver.crt",
        "tls-private-key-file": f"{PKI}/apiserver.key",
    }
    return static_pod(
        "kube-apiserver",
        system.APISERVER,
        settings,
        cpu="250m",
        volumes=[("k8s-certs", PKI, "Directory"), ("data", "/var/lib/kajitori", "DirectoryOrCreate")],
        probes={
            "livenessProbe": {**probe(node.ip, port, "/livez", failures=8), "initialDelaySeconds": 10},
            "readinessProbe": probe(node.ip, port, "/readyz", failures=3, period_s=1),
            "startupProbe": probe(node.ip, port, "/livez", failures=240, period_s=1),
        },
    )


def controller_manager(profile: Profile) -> Wire:
    conf = "/etc/kubernetes/controller-manager.conf"
    settings = {
        "allocate-node-cidrs": "true",
        "authentication-kubeconfig": conf,
        "authorization-kubeconfig": conf,
        "bind-address": "127.0.0.1",
        "client-ca-file": f"{PKI}/ca.crt",
        "cluster-cidr": profile.pod_cidr,
        "cluster-name": "mk" if profile.name == "minikube" else profile.name,
        "cluster-signing-cert-file": f"{PKI}/ca.crt",
        "cluster-signing-key-file": f"{PKI}/ca.key",
        "controllers": "*,bootstrapsigner,tokencleaner",
        "kubeconfig": conf,
        "leader-elect": "false",
        "requestheader-client-ca-file": f"{PKI}/front-proxy-ca.crt",
        "root-ca-file": f"{PKI}/ca.crt",
        "service-account-private-key-file": f"{PKI}/sa.key",
        "service-cluster-ip-range": profile.service_cidr,
        "tls-cert-file": f"{PKI}/controller-manager.crt",
        "tls-private-key-file": f"{PKI}/controller-manager.key",
    }
    return static_pod(
        "kube-controller-manager",
        system.CONTROLLER_MANAGER,
        settings,
        cpu="200m",
        volumes=[("k8s-certs", PKI, "Directory"), ("kubeconfig", conf, "File")],
        probes=health(10257),
    )


def scheduler() -> Wire:
    conf = "/etc/kubernetes/scheduler.conf"
    settings = {
        "authentication-kubeconfig": conf,
        "authorization-kubeconfig": conf,
        "bind-address": "127.0.0.1",
        "kubeconfig": conf,
        "leader-elect": "false",
        "tls-cert-file": f"{PKI}/scheduler.crt",
        "tls-private-key-file": f"{PKI}/scheduler.key",
    }
    return static_pod(
        "kube-scheduler",
        system.SCHEDULER,
        settings,
        cpu="100m",
        volumes=[("kubeconfig", conf, "File"), ("k8s-certs", PKI, "Directory")],
        probes=health(10259),
    )


def health(port: int) -> Wire:
    """kubeadm's checks of a component that serves on the loopback; ours start faster, so they are looked at sooner."""
    return {
        "livenessProbe": {**probe("127.0.0.1", port, "/healthz", failures=8), "initialDelaySeconds": 10},
        "startupProbe": probe("127.0.0.1", port, "/healthz", failures=240, period_s=1),
    }


def proxy(node: Node) -> Wire:
    """The service proxy. A static pod until a DaemonSet controller runs: its spec is then the template of that set."""
    conf = "/etc/kubernetes/kube-proxy"
    kubelet_pki = "/var/lib/kubelet/pki"
    container: Wire = {
        "name": "kube-proxy",
        "image": system.PROXY,
        "imagePullPolicy": "IfNotPresent",
        "args": flags({"config": f"{conf}/config.conf", "hostname-override": node.name}),
        "securityContext": {"privileged": True},
        "volumeMounts": [
            mount("kube-proxy", conf),
            mount("k8s-certs", PKI),
            mount("kubelet-pki", kubelet_pki),
            mount("xtables-lock", "/run/xtables.lock", read_only=False),
        ],
    }
    spec = {
        "containers": [container],
        "hostNetwork": True,
        "priority": 2000001000,
        "priorityClassName": "system-node-critical",
        "tolerations": [{"operator": "Exists"}],
        "volumes": [
            host_path("kube-proxy", conf, "Directory"),
            host_path("k8s-certs", PKI, "Directory"),
            host_path("kubelet-pki", kubelet_pki, "Directory"),
            host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
        ],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"labels": {"k8s-app": "kube-proxy"}, "name": "kube-proxy", "namespace": "kube-system"},
        "spec": with_program(spec),
    }


def static_pods(profile: Profile, node: Node) -> dict[str, Wire]:
    """File name in `/etc/kubernetes/manifests` → pod."""
    pods = {"kube-proxy.yaml": proxy(node)}
    if node.control_plane:
        pods |= {
            "kube-apiserver.yaml": apiserver(profile, node),
            "kube-controller-manager.yaml": controller_manager(profile),
            "kube-scheduler.yaml": scheduler(),
        }
    return pods
