"""DefaultBinder: tells the API server where the Pod goes, through pods/binding.

The binding carries the Pod's UID, so a Pod that was deleted and made again meanwhile is never bound by mistake.
"""

from typing import Any

from kajitori.scheduler.framework import SUCCESS, BindPlugin, CycleState, Verdict
from kajitori.scheduler.podinfo import PodInfo


class DefaultBinder(BindPlugin):
    name = "DefaultBinder"

    async def bind(self, cycle: CycleState, pod: PodInfo, node_name: str) -> Verdict:
        await self.handle.bind(pod, binding(pod, node_name))
        return SUCCESS


def binding(pod: PodInfo, node_name: str) -> dict[str, Any]:
    """The object that pods/binding takes."""
    return {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"namespace": pod.namespace, "name": pod.name, "uid": pod.uid},
        "target": {"kind": "Node", "name": node_name},
    }
