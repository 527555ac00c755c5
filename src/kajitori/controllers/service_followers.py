"""What the Endpoints and EndpointSlice controllers hear alike: a Service changes, or a Pod behind it.

May import: api (types), client, controllers.{controller, service_pods}.
"""

from __future__ import annotations

from kajitori.api.core.v1 import Pod, Service
from kajitori.client.objects import key_of
from kajitori.controllers import service_pods as rules
from kajitori.controllers.controller import Context, Controller


class ServiceFollower(Controller):
    """Queues keys of Services; `services` and `pods` are what the informers know."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.services = self.watch(context.informers.of(Service)).lister
        pods = context.informers.of(Pod)
        self.pods = self.use(pods, on_add=self.wake, on_update=self._pod_changed, on_delete=self.wake).lister

    def wake(self, pod: Pod) -> None:
        """Has the Services that select `pod` looked at."""
        for service in rules.services_of(pod, self.services.in_namespace(pod.metadata.namespace or "")):
            self.queue.add(key_of(service))

    def pods_of(self, service: Service) -> list[Pod]:
        """The Pods that a Service selects, in whatever state."""
        pods = self.pods.in_namespace(service.metadata.namespace or "")
        return [pod for pod in pods if rules.selects(service, pod)]

    def _pod_changed(self, old: Pod, new: Pod) -> None:
        if rules.change_matters(old, new):
            self.wake(new)
        if old.metadata.labels != new.metadata.labels:
            self.wake(old)
            self.wake(new)
