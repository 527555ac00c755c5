"""What ``kubectl debug`` may be asked for. May import: machinery.imagereference, kubectl.{flags,debugging.custom}."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kajitori.kubectl.debugging.custom import custom_of
from kajitori.kubectl.flags import Options, UsageError, flag
from kajitori.machinery.imagereference import is_reference

PROFILES = ("legacy", "general", "baseline", "netadmin", "restricted", "sysadmin")


@dataclass(frozen=True, kw_only=True)
class DebugOptions(Options):
    arguments_only: bool = flag(False, "What follows -- are the new container's arguments rather than its command.")
    attach: bool = flag(False, "Wait for the container to run and attach to it; the default with -i.")
    container: str = flag("", "Container name to use for debug container.", short="c")
    copy_to: str = flag("", "Create a copy of the target Pod with this name.")
    custom: str = flag("", "JSON or YAML file with a partial container spec that is put over the debug container.")
    env: tuple[str, ...] = flag((), "Environment variables to set in the container.")
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

    @cached_property
    def images(self) -> dict[str, str]:
        """Container name, or `*`, → image."""
        return _pairs("--set-image", self.set_image)

    @cached_property
    def variables(self) -> dict[str, str]:
        return _pairs("--env", self.env)

    @cached_property
    def partial(self) -> dict[str, Any]:
        """What `--custom` puts over the debug container."""
        return custom_of(self.custom) if self.custom else {}

    def check(self) -> None:
        """Raises UsageError where the flags do not go together, in upstream's order."""
        _pairs("--set-image", self.set_image)
        _pairs("--env", self.env)
        if self.profile not in PROFILES:
            raise UsageError(f"error: unknown profile: {self.profile}")
        if self.custom:
            custom_of(self.custom)
        if self.attach and "attach" in self.given and not self.image and not self.container:
            raise UsageError(
                "error: you must specify --container or create a new container using --image in order to attach."
            )
        if self.copy_to:
            self._check_copy()
        else:
            self._check_without_copy()
        self._check_images()
        if self.target and self.copy_to:
            raise UsageError("error: --target is incompatible with --copy-to. Use --share-processes instead.")

    def check_terminal(self) -> None:
        """Upstream looks at this after it has told of the target."""
        if self.tty and not self.stdin:
            raise UsageError("error: -i/--stdin is required for containers with -t/--tty=true")

    def _check_copy(self) -> None:
        if not (self.image or self.set_image or self.command):
            raise UsageError("error: you must specify --image, --set-image or command arguments.")
        if self.command and not self.container and not self.image:
            raise UsageError("error: you must specify an existing container or a new image when specifying args.")

    def _check_without_copy(self) -> None:
        for given, name in (
            (self.replace, "--replace"),
            (self.same_node, "--same-node"),
            (self.set_image, "--set-image"),
        ):
            if given:
                raise UsageError(f"error: {name} may only be used with --copy-to.")
        if not self.image:
            raise UsageError("error: you must specify --image when not using --copy-to.")

    def _check_images(self) -> None:
        if self.image and not is_reference(self.image):
            raise UsageError(f'error: invalid image name "{self.image}": invalid reference format')
        if not self.targets and not self.filename:
            raise UsageError("error: NAME or filename is required for debug")
        if self.image_pull_policy not in ("", "Always", "IfNotPresent", "Never"):
            raise UsageError(f"error: invalid image pull policy: {self.image_pull_policy}")
        for name, image in self.images.items():
            if not is_reference(image):
                raise UsageError(
                    f'error: invalid image name "{image}" for container "{name}": invalid reference format'
                )


def _pairs(name: str, words: tuple[str, ...]) -> dict[str, str]:
    for word in words:
        if "=" not in word:
            raise UsageError(
                f'error: invalid argument "{word}" for "{name}" flag: {word} must be formatted as key=value\n'
                "See 'kubectl debug --help' for usage."
            )
    return {key: value for key, _, value in (word.partition("=") for word in words)}
