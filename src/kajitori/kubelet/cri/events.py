"""How the kubelet learns that a container started or ended without asking again and again.

containerd publishes task events on a gRPC stream of its own; following it costs nothing while nothing happens. A
runtime without that stream answers Unimplemented, and the caller falls back to asking every second. May import: of
the kubelet, `cri` and `interfaces`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from . import events_pb2 as pb
from .channel import Channel

SUBSCRIBE = "/containerd.services.events.v1.Events/Subscribe"
NAMESPACE = "k8s.io"
TOPICS = ("/tasks/exit",)


@dataclass(frozen=True)
class RuntimeEvent:
    """Something happened to a container or to a sandbox's own process."""

    topic: str
    container_id: str
    exec_id: str = ""


def parse(envelope: pb.Envelope) -> RuntimeEvent:
    """The event inside; the end of an exec carries its ID."""
    if envelope.topic == "/tasks/exit":
        exit_ = pb.TaskExit.FromString(envelope.event.value)
        return RuntimeEvent(envelope.topic, exit_.container_id, "" if exit_.id == exit_.container_id else exit_.id)
    return RuntimeEvent(envelope.topic, pb.TaskEvent.FromString(envelope.event.value).container_id)


async def containerd_events(channel: Channel) -> AsyncGenerator[RuntimeEvent, None]:
    """Ends of tasks in the Kubernetes namespace, without execs; raises `CRIError` when the stream breaks."""
    filters = [f'namespace=="{NAMESPACE}",topic=="{topic}"' for topic in TOPICS]
    async with aclosing(channel.stream(SUBSCRIBE, pb.SubscribeRequest(filters=filters), pb.Envelope)) as stream:
        async for envelope in stream:
            event = parse(envelope)
            if not event.exec_id:
                yield event
