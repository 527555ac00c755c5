"""SchedulingGates: a Pod with gates stays out of the queue until the last is removed."""

from kajitori.scheduler.framework import SUCCESS, Action, ClusterEvent, PreEnqueuePlugin, Verdict, unresolvable
from kajitori.scheduler.podinfo import PodInfo


class SchedulingGates(PreEnqueuePlugin):
    name = "SchedulingGates"
    retry_on = (ClusterEvent("UnscheduledPod", Action.UPDATE_GATES),)

    def pre_enqueue(self, pod: PodInfo) -> Verdict:
        gates = [gate.name for gate in pod.spec.scheduling_gates]
        if not gates:
            return SUCCESS
        return unresolvable(f"waiting for scheduling gates: [{' '.join(gates)}]")
