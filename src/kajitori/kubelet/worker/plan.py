"""What to do for a Pod, given what the runtime has of it: the decisions of upstream's computePodActions.

Pure: tables test every rule. One call never plans past something that has to be waited for; the worker calls again
after each change. May import: of the kubelet, `pods`, `runtime` (records, container_hash).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

from ..pods import container_restart_policy, is_sidecar, name_of, restart_policy
from ..runtime.container import container_hash
from ..runtime.records import ContainerRecord, PodRecord

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod


class Health(Protocol):
    """What probes have found out about a container."""

    def is_started(self, container: str) -> bool: ...

    def failure(self, container_id: str) -> str:
        """``liveness`` or ``startup`` if that probe has given up on it, else empty."""


@dataclass(frozen=True)
class Kill:
    """A running container that has to end, and why (the event's text; empty for the usual one)."""

    record: ContainerRecord
    message: str
    probe: str = ""


@dataclass
class Actions:
    """One step. ``kill_pod`` stops whatever runs; with ``create_sandbox`` everything then starts anew."""

    kill_pod: bool = False
    create_sandbox: bool = False
    attempt: int = 0
    kill: list[Kill] = field(default_factory=list)
    start_init: list[Container] = field(default_factory=list)
    start: list[Container] = field(default_factory=list)
    is_finished: bool = False
    """Nothing runs and nothing will: the Pod has succeeded or failed."""

    @property
    def is_idle(self) -> bool:
        return not (self.kill_pod or self.create_sandbox or self.kill or self.start_init or self.start)


def sandbox_needed(pod: Pod, record: PodRecord) -> tuple[bool, int]:
    """(whether a new sandbox is needed, its attempt number)."""
    newest = record.sandbox
    if newest is None:
        return True, 0
    if sum(s.ready for s in record.sandboxes) > 1 or not newest.ready:
        return True, newest.attempt + 1
    if newest.host_network != bool(pod.spec.host_network):
        return True, newest.attempt + 1
    if not newest.host_network and not newest.ips:
        return True, newest.attempt + 1
    return False, newest.attempt


def should_restart(pod: Pod, policy: str, newest: ContainerRecord | None) -> bool:
    """Whether a container that does not run should."""
    if newest is None:
        return pod.metadata.deletion_timestamp is None
    if pod.metadata.deletion_timestamp is not None or newest.is_running:
        return False
    if newest.state in ("unknown", "created"):
        return True
    if policy == "Never":
        return False
    return policy == "Always" or newest.exit_code != 0


def plan(pod: Pod, record: PodRecord, health: Health) -> Actions:
    """The next step."""
    new_sandbox, attempt = sandbox_needed(pod, record)
    actions = Actions(attempt=attempt)
    if new_sandbox:
        _plan_sandbox(pod, record, actions)
        return actions
    assert record.sandbox is not None
    here = [c for c in record.containers if c.sandbox_id == record.sandbox.id]
    if _plan_init(pod, here, health, actions):
        _plan_regular(pod, record, health, actions)
    if (
        not actions.kill_pod
    ):  # ephemeral containers do not wait for the init containers: they may be there to look at one
        actions.start += [
            _as_container(c) for c in pod.spec.ephemeral_containers if record.container(name_of(c)) is None
        ]
    return actions


def _as_container(ephemeral: object) -> Container:
    return cast("Container", ephemeral)  # the same fields, but for targetContainerName


def _plan_sandbox(pod: Pod, record: PodRecord, actions: Actions) -> None:
    policy = restart_policy(pod)
    if policy == "Never" and actions.attempt > 0 and record.containers:
        # The sandbox died under a Pod that is never restarted: what ran has failed.
        actions.kill_pod = actions.is_finished = True
        return
    wanted = [
        c
        for c in pod.spec.containers
        if (newest := record.container(name_of(c))) is None or newest.is_running or should_restart(pod, policy, newest)
    ]
    if not wanted:
        actions.kill_pod = bool(record.ready_sandbox or record.running)
        actions.is_finished = True
        return
    actions.kill_pod = bool(record.running) or any(s.ready for s in record.sandboxes)
    actions.create_sandbox = True
    if pod.spec.init_containers:
        actions.start_init = [pod.spec.init_containers[0]]
    else:
        actions.start = wanted


def _newest(records: Sequence[ContainerRecord], name: str) -> ContainerRecord | None:
    return next((c for c in records if c.name == name), None)


def _plan_init(pod: Pod, here: Sequence[ContainerRecord], health: Health, actions: Actions) -> bool:
    """Init containers in order, sidecars kept alive; True if the regular containers may run."""
    regular = {c.name for c in pod.spec.containers}
    initialized = any(c.name in regular for c in here)
    for container in pod.spec.init_containers:
        newest = _newest(here, name_of(container))
        if is_sidecar(container):
            if not _plan_sidecar(pod, container, newest, health, actions) and not initialized:
                return False
            continue
        if initialized or (newest is not None and newest.has_ended and newest.exit_code == 0):
            continue
        if newest is not None and newest.is_running:
            return False
        policy = container_restart_policy(pod, container, init=True)
        if newest is not None and newest.has_ended and policy == "Never":
            actions.kill_pod = actions.is_finished = True
            return False
        actions.start_init.append(container)
        return False
    return True


def _plan_sidecar(
    pod: Pod, container: Container, newest: ContainerRecord | None, health: Health, actions: Actions
) -> bool:
    """True once it has started."""
    if newest is None or not newest.is_running:
        if should_restart(pod, "Always", newest):
            actions.start_init.append(container)
        return False
    if _plan_unhealthy(container, newest, health, actions, restart=True):
        actions.start_init.append(container)
        return False
    return health.is_started(name_of(container))


def _plan_unhealthy(
    container: Container, newest: ContainerRecord, health: Health, actions: Actions, *, restart: bool
) -> bool:
    """Kill a running container that changed or failed its probe; True if it was one."""
    probe = ""
    if newest.hash and newest.hash != container_hash(container):
        message, restart = f"Container {container.name} definition changed", True
    elif probe := health.failure(newest.id):
        message = f"Container {container.name} failed {probe} probe"
    else:
        return False
    actions.kill.append(Kill(newest, f"{message}, will be restarted" if restart else message, probe))
    return True


def _plan_regular(pod: Pod, record: PodRecord, health: Health, actions: Actions) -> None:
    policy = restart_policy(pod)
    kept = 0
    for container in pod.spec.containers:
        newest = record.container(name_of(container))
        if newest is None or not newest.is_running:
            if should_restart(pod, policy, newest):
                actions.start.append(container)
            continue
        changed = bool(newest.hash) and newest.hash != container_hash(container)
        restart = policy != "Never" or changed
        if not _plan_unhealthy(container, newest, health, actions, restart=restart):
            kept += 1
        elif restart:
            actions.start.append(container)
    if kept == 0 and not actions.start:
        actions.kill_pod = actions.is_finished = True
        actions.kill.clear()
        actions.start_init.clear()
