"""What ``kubectl run`` may be asked for. May import: kubectl.{flags,globals,writing}."""

from __future__ import annotations

from dataclasses import dataclass

from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.writing import SaveConfigOptions


@dataclass(frozen=True, kw_only=True)
class RunOptions(DryRunOptions, OutputOptions, SaveConfigOptions, FilenameOptions):
    annotations: tuple[str, ...] = flag((), "Annotations to apply to the pod.", split=False)
    attach: bool = flag(False, "Attach to the pod when it runs; the default with -i.")
    cascade: str = flag("background", "With --rm, what becomes of dependents.", no_value="background")
    command: bool = flag(False, "Use the arguments as the container's command rather than its args.")
    env: tuple[str, ...] = flag((), "Environment variables to set in the container.", split=False)
    expose: bool = flag(False, "If true, create a ClusterIP service associated with the pod.  Requires `--port`.")
    field_manager: str = flag("kubectl-run", "Name of the manager used to track field ownership.")
    force: bool = flag(False, "With --rm, delete at once.")
    grace_period: int = flag(-1, "With --rm, seconds that the pod gets to end gracefully.")
    image: str = flag("", "The image for the container to run.")
    image_pull_policy: str = flag("", "The image pull policy for the container; the server's default if empty.")
    labels: str = flag("", "Comma separated labels to apply to the pod, in place of run=NAME.", short="l")
    leave_stdin_open: bool = flag(False, "Keep stdin open after the first attach ends.")
    override_type: str = flag("merge", "How --overrides is applied: json, merge, or strategic.")
    overrides: str = flag("", "Inline JSON that is put over the generated object.")
    pod_running_timeout: Duration = flag(Duration(60), "How long to wait until the pod runs.")
    port: str = flag("", "The port that this container exposes.")
    privileged: bool = flag(False, "If true, run the container in privileged mode.")
    quiet: bool = flag(False, "If true, suppress prompt messages.", short="q")
    restart: str = flag("Always", "The restart policy for this Pod.  Legal values [Always, OnFailure, Never].")
    rm: bool = flag(False, "Delete the pod after it exits; only with --attach or -i.")
    stdin: bool = flag(False, "Keep stdin open on the container in the pod.", short="i")
    timeout: Duration = flag(Duration(0), "With --rm, how long to wait for the deletion.")
    tty: bool = flag(False, "Allocate a TTY for the container in the pod.", short="t")
    wait: bool = flag(False, "With --rm, wait for the pod to be gone.")

    @property
    def attaches(self) -> bool:
        return self.attach if "attach" in self.given else self.stdin or self.attach

    def validate(self) -> None:
        super().validate()
        if self.tty and not self.stdin:
            raise UsageError("error: -i/--stdin is required for containers with -t/--tty=true")
        if self.expose and not self.port:
            raise UsageError("error: --port must be set when exposing a service")
        if self.rm and not self.attaches:
            raise UsageError("error: --rm should only be used for attached containers")
        if self.attaches and self.dry_run != "none":
            raise UsageError(
                "error: --dry-run=[server|client] can't be used with attached containers options "
                "(--attach, --stdin, or --tty)"
            )
        if self.restart not in ("Always", "OnFailure", "Never"):
            raise UsageError(f"error: invalid restart policy: {self.restart}")
