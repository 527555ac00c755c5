"""What ``kubectl drain`` may be asked for. May import: kubectl.{flags,maintenance}."""

from __future__ import annotations

from dataclasses import dataclass

from kajitori.kubectl.flags import Duration, flag
from kajitori.kubectl.maintenance.nodes import NodeOptions


@dataclass(frozen=True, kw_only=True)
class DrainOptions(NodeOptions):
    chunk_size: int = flag(500, "Ask for large lists in pieces of this size; 0 asks for all at once.")
    delete_emptydir_data: bool = flag(False, "Also remove pods that use emptyDir, whose data is lost then.")
    disable_eviction: bool = flag(False, "Delete pods rather than evict them: disruption budgets are not asked.")
    force: bool = flag(False, "Continue even if there are pods that do not declare a controller.")
    grace_period: int = flag(-1, "Seconds that each pod gets to end; if negative, what the pod itself says.")
    ignore_daemonsets: bool = flag(False, "Ignore DaemonSet-managed pods.")
    pod_selector: str = flag("", "Label selector to filter pods on the node")
    skip_wait_for_delete_timeout: int = flag(
        0, "Do not wait for pods that have been going for more than this many seconds; 0 waits for all."
    )
    timeout: Duration = flag(Duration(0), "The length of time to wait before giving up, zero means infinite")

    @property
    def grace_s(self) -> int | None:
        return self.grace_period if self.grace_period >= 0 else None
