"""What the runtime says it can do: recursive read-only mounts, strict supplemental groups.

A runtime that does not say (containerd before 2.0) can do nothing of it. May import: of the kubelet, `cri` (messages).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cri import cri_pb2 as pb


@dataclass(frozen=True)
class HandlerFeatures:
    """Of one runtime handler; the default handler has an empty name."""

    recursive_read_only_mounts: bool = False


NO_FEATURES = HandlerFeatures()


@dataclass(frozen=True)
class RuntimeFeatures:
    """Of the runtime as a whole."""

    handlers: Mapping[str, HandlerFeatures] = field(default_factory=dict)
    supplemental_groups_policy: bool | None = None
    """None: it does not say."""

    def handler(self, name: str) -> HandlerFeatures:
        """What this runtime handler can; nothing special if the runtime says nothing of it."""
        return self.handlers.get(name, NO_FEATURES)


def features_of(answer: pb.StatusResponse) -> RuntimeFeatures:
    """From the runtime's status."""
    handlers = {
        handler.name: HandlerFeatures(handler.features.recursive_read_only_mounts)
        for handler in answer.runtime_handlers
    }
    told = answer.HasField("features")
    return RuntimeFeatures(handlers, answer.features.supplemental_groups_policy if told else None)


def user_namespace_error(features: RuntimeFeatures, handler: str) -> str:
    """Why a Pod with `hostUsers: false` cannot run: this kubelet maps no users, whatever the runtime can do.

    The words are upstream's for a runtime that cannot.
    """
    what = f'RuntimeClass handler "{handler}"' if handler else "runtime"
    text = f"can't set `spec.hostUsers: false`, {what} does not support user namespaces"
    return text if handler in features.handlers else f'{text}: the handler "{handler}" is not known'
