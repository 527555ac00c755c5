"""The ``kajitori`` command: one program, one subcommand per component.

Starts fast: a component is imported only when it is the one asked for. May import: anything, lazily.
"""

import importlib
import sys
from collections.abc import Callable, Sequence

from kajitori import KUBERNETES_VERSION, __version__

COMPONENTS = {
    "apiserver": ("kajitori.apiserver.command", "the API server (kube-apiserver's flags)"),
    "controller-manager": ("kajitori.controllers.command", "the controllers (kube-controller-manager's flags)"),
    "scheduler": ("kajitori.scheduler.command", "the scheduler (kube-scheduler's flags)"),
    "kubelet": ("kajitori.kubelet.command", "the node agent (kubelet's flags)"),
    "proxy": ("kajitori.proxy.command", "the service proxy (kube-proxy's flags)"),
    "dns": ("kajitori.dns.command", "cluster DNS"),
    "cni": ("kajitori.cni.command", "the pod network of a node (kindnetd's part)"),
    "provisioner": ("kajitori.provisioner.command", "the host-path storage provisioner"),
    "snapshot": ("kajitori.storage.command", "save and restore the store of a cluster"),
    "kubectl": ("kajitori.kubectl.__main__", "the command line for any cluster"),
    "minikube": ("kajitori.minikube.__main__", "local clusters, minikube's command line"),
    "kind": ("kajitori.kind.__main__", "local clusters, kind's command line"),
}
"""Subcommand → module with ``main(argv) -> int``, and one line for the help text."""


def usage() -> str:
    """The text of ``kajitori --help``."""
    width = max(map(len, COMPONENTS))
    rows = "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in COMPONENTS.items())
    title = f"Kajitori {__version__}: Kubernetes {KUBERNETES_VERSION} in Python."
    return f'{title}\n\nComponents:\n{rows}\n\nUse "kajitori COMPONENT --help" for its flags.\n'


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component named by the first argument; returns its exit code (2 for an unknown one)."""
    args = list(sys.argv[1:] if argv is None else argv)
    if not args or args[0] in ("-h", "--help", "help"):
        sys.stdout.write(usage())
        return 0
    if args[0] in ("version", "--version"):
        sys.stdout.write(f"Kajitori {__version__} (Kubernetes {KUBERNETES_VERSION})\n")
        return 0
    if args[0] not in COMPONENTS:
        sys.stderr.write(f'Error: unknown component "{args[0]}"\nRun "kajitori --help" for the list.\n')
        return 2
    component: Callable[[Sequence[str]], int] = importlib.import_module(COMPONENTS[args[0]][0]).main
    return component(args[1:])


if __name__ == "__main__":
    sys.exit(main())
