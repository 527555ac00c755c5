"""What ``kubectl debug`` may be asked for. May import: kubectl.flags."""

from __future__ import annotations

from dataclasses import dataclass

from kajitori.kubectl.flags import Options, UsageError, flag

PROFILES = ("legacy", "general", "baseline", "netadmin", "restricted", "sysadmin")


@dataclass(frozen=True, kw_only=True)
class DebugOptions(Options):
    arguments_only: bool = flag(False, "What follows -- are the new container's arguments rather than its command.")
    attach: bool = flag(False, "Wait for the container to run and attach to it; the default with -i.")
    container: str = flag("", "Container name to use for debug container.", short="c")
    copy_to: str = flag("", "Create a copy of the target Pod with this name.")
    custom: str = flag("", "JSON or YAML file with a partial container spec that is put over the debug container.")
    env: tuple[str, ...] = flag((), "Environment variables to set in the container.", split=False)
    filename: tuple[str, ...] = flag((), "identifying the resource to debug", short="f")
    image: str = flag("", "Container image to use for debug container.")
    image_pull_policy: str = flag("", "The image pull policy for the container; the server's default if empty.")
    keep_annotations: bool = flag(False, "With --copy-to, keep the pod's annotations.")
    keep_init_containers: bool = flag(True, "With --copy-to, keep the pod's init containers.")
    keep_labels: bool = flag(False, "With --copy-to, keep the pod's labels.")
    keep_liveness: bool = flag(False, "With --copy-to, keep the pod's liveness probes.")
    keep_readiness: bool = flag(False, "With --copy-to, keep the pod's readiness probes.")
    keep_startup: bool = flag(False, "With --copy-to, keep the pod's startup probes.")
    profile: str = flag("legacy", f"One of {', '.join(PROFILES)}: what the debug container may do.")
    quiet: bool = flag(False, "If true, suppress informational messages.", short="q")
    replace: bool = flag(False, "With --copy-to, delete the original Pod.")
    same_node: bool = flag(False, "With --copy-to, put the copy on the pod's node.")
    set_image: tuple[str, ...] = flag((), "With --copy-to, other images for containers, as name=image.")
    share_processes: bool = flag(True, "With --copy-to, share one process namespace in the copy.")
    stdin: bool = flag(False, "Keep stdin open on the container, even if nothing is attached.", short="i")
    target: str = flag("", "With an ephemeral container, see the processes of this container.")
    tty: bool = flag(False, "Allocate a TTY for the debugging container.", short="t")

    @property
    def targets(self) -> tuple[str, ...]:
        after = self.args_after_dash
        return self.args if after is None else self.args[: len(self.args) - len(after)]

    @property
    def command(self) -> tuple[str, ...]:
        return self.args_after_dash or ()

    @property
    def attaches(self) -> bool:
        return self.attach if "attach" in self.given else self.stdin or self.attach

    def check(self) -> None:
        """Raises UsageError where the flags do not go together."""
        if self.copy_to:
            if not (self.image or self.set_image or self.command):
                raise UsageError("error: you must specify --image, --set-image or command arguments.")
        else:
            self._check_without_copy()
        if not self.targets and not self.filename:
            raise UsageError("error: NAME or filename is required for debug")
        if self.target and self.copy_to:
            raise UsageError("error: --target is incompatible with --copy-to. Use --share-processes instead.")
        if self.tty and not self.stdin:
            raise UsageError("error: -i/--stdin is required for containers with -t/--tty=true")
        if self.profile not in PROFILES:
            raise UsageError(f"error: unknown profile: {self.profile}")

    def _check_without_copy(self) -> None:
        if not self.image:
            raise UsageError("error: you must specify --image when not using --copy-to.")
        for given, name in (
            (self.set_image, "--set-image"),
            (self.replace, "--replace"),
            (self.same_node, "--same-node"),
        ):
            if given:
                raise UsageError(f"error: {name} may only be used with --copy-to.")
