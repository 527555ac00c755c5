"""`minikube start`: a new cluster, or the one of this profile brought up again. Running it twice is harmless."""

import asyncio
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from kajitori import KUBERNETES_VERSION
from kajitori.cluster import addons_state, create, destroy, plans, preflight, profile, status
from kajitori.cluster.profile import Node, Profile
from kajitori.minikube import MINIKUBE_VERSION, output
from kajitori.minikube.context import DEFAULT_PROFILE, Context, settings
from kajitori.minikube.startflags import StartFlags, check, cpu_count, isolated, memory_mb, mirrors, read_flags, subnet


def new_profile(name: str, args: StartFlags, now: datetime) -> Profile:
    """A profile that says what was asked for; nothing is made yet."""
    made = Profile(
        name=name,
        memory_mb=memory_mb(args.memory),
        cpus=cpu_count(args.cpus),
        service_cidr=args.service_cluster_ip_range or "10.96.0.0/12",
        apiserver_port=args.apiserver_port or 8443,
        subnet="",
        isolated=isolated(args),
        registry_mirrors=mirrors(args),
        nodes=(Node(name=name),),
        created=now.isoformat(),
    )
    if not args.install_addons:
        made = replace(made, addons=())
    placed = plans.with_addresses(made, subnet(args.subnet)) if args.subnet else made
    return with_addons(placed, args)


def with_addons(cluster: Profile, args: StartFlags) -> Profile:
    """The profile with the addons that this start asks for."""
    for name in args.addons:
        cluster = addons_state.switched(cluster, name, on=True)
    return cluster


def renewed(known: Profile, args: StartFlags) -> Profile:
    """An existing profile with what this start says differently, as far as that may change."""
    changed = replace(
        known,
        memory_mb=memory_mb(args.memory) if args.memory else known.memory_mb,
        cpus=cpu_count(args.cpus) if args.cpus else known.cpus,
        registry_mirrors=mirrors(args) or known.registry_mirrors,
        isolated=args.isolated if "isolated" in args.given else known.isolated,
    )
    return with_addons(changed, args)


def system_name() -> str:
    """The distribution and its version, as `minikube start` greets with it."""
    try:
        facts = platform.freedesktop_os_release()
    except OSError:
        return platform.system()
    return f"{facts.get('NAME', 'Linux').split()[0]} {facts.get('VERSION_ID', '')}".strip()


def containerd_version() -> str:
    """Without the distribution's suffix; empty where there is no containerd."""
    try:
        out = subprocess.run(["containerd", "--version"], capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        return ""
    return out[2].partition("~")[0].removeprefix("v") if len(out) > 2 else ""


def run(argv: Sequence[str]) -> int:
    args = read_flags(argv)
    context = Context.of(args.profile)
    prefix = "" if context.name == DEFAULT_PROFILE else f"[{context.name}] "
    output.step("happy", f"{prefix}minikube {MINIKUBE_VERSION} on {system_name()}")
    defaults = settings(context.home)
    args = replace(
        args,
        memory=args.memory or defaults.get("memory", ""),
        cpus=args.cpus or defaults.get("cpus", ""),
        driver=args.driver or defaults.get("driver", ""),
    )
    check(args)
    preflight.require_root()
    preflight.require_tools()
    is_new = context.name not in profile.names(context.home)
    if is_new:
        cluster = new_profile(context.name, args, datetime.now(UTC))
        how = (
            "Using the runc driver based on user configuration"
            if args.driver
            else "Automatically selected the runc driver"
        )
    else:
        cluster = renewed(context.profile(), args)
        how = "Using the runc driver based on existing profile"
    output.step("sparkle", how)
    output.step(
        "thumbs-up", f'Starting "{cluster.primary.name}" primary control-plane node in "{cluster.name}" cluster'
    )
    narrator = Narrator(context, cluster, is_new=is_new)
    try:
        started = asyncio.run(create.start(context.home, cluster, options(args), narrator.tell))
    except Exception:  # whatever it was goes on up
        if args.delete_on_failure:
            destroy.delete(context.home, context.name)
            output.step("crushed", f'Removed all traces of the "{context.name}" cluster.')
        raise
    finish(started)
    return 0


def options(args: StartFlags) -> create.StartOptions:
    return create.StartOptions(
        wait=args.wait not in (("none",), ("false",)),
        wait_timeout_s=args.wait_timeout,
        keep_context=args.keep_context,
        force=args.force,
    )


class Narrator:
    """Tells a start's steps in minikube's words."""

    def __init__(self, context: Context, cluster: Profile, *, is_new: bool) -> None:
        self.context, self.cluster, self.is_new = context, cluster, is_new
        self.was_up = not is_new and status.is_up(context.home, cluster)

    def tell(self, step: str) -> None:
        """Says in minikube's words that `start` has come to this step."""
        name = self.cluster.name
        if step == "create" and self.was_up:
            output.step("running", f'Updating the running runc "{name}" container ...')
        elif step == "create" and not self.is_new:
            output.step("restart", f'Restarting existing runc container for "{name}" ...')
        elif step == "create":
            output.step("start-up", f"Creating runc container ({self.size()}) ...")
        elif step == "prepare":
            output.step(
                "package", f"Preparing Kubernetes {KUBERNETES_VERSION} on containerd {containerd_version()} ..."
            )
        elif step == "verify":
            output.step("verify", "Verifying Kubernetes components...")

    def size(self) -> str:
        cpus = self.cluster.cpus or "no-limit"
        memory = f"{self.cluster.memory_mb}MB" if self.cluster.memory_mb else "no-limit"
        return f"CPUs={cpus}, Memory={memory}"


def finish(cluster: Profile) -> None:
    """The last lines of a start that went well."""
    on = [name for name in ("storage-provisioner", "default-storageclass") if dict(cluster.addons).get(name)]
    if "storage-provisioner" in on:
        output.bullet("Using image gcr.io/k8s-minikube/storage-provisioner:v5")
    if on:
        output.step("addon", f"Enabled addons: {', '.join(on)}")
    output.step(
        "ready", f'Done! kubectl is now configured to use "{cluster.name}" cluster and "default" namespace by default'
    )
