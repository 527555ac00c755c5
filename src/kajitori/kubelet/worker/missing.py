"""A Pod that waits for a ConfigMap or Secret: watched from the first failure on, so that it starts when that comes.

Only while something is missing: a running Pod's environment never changes, and its volumes follow their objects
themselves. May import: of the kubelet `interfaces`, `volumes.payload`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..interfaces import ObjectSource
from ..volumes.payload import Reference, references

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod


class MissingObjects:
    """`watch` while a turn fails, `forget` once one succeeds; `wake` is called at each change in between."""

    def __init__(self, source: ObjectSource, wake: Callable[[], None]) -> None:
        self._source, self._wake = source, wake
        self._watched: set[Reference] = set()

    def watch(self, pod: Pod) -> None:
        """Whatever the Pod refers to may be what it waits for."""
        for reference in set(pod_references(pod)) - self._watched:
            self._watched.add(reference)
            self._source.follow(reference, self._changed)

    def forget(self) -> None:
        """Nothing is missing."""
        watched, self._watched = self._watched, set()
        for reference in watched:
            self._source.unfollow(reference, self._changed)

    def _changed(self, _reference: Reference) -> None:
        self._wake()


def pod_references(pod: Pod) -> Iterable[Reference]:
    """The ConfigMaps and Secrets that volumes and environment need."""
    for volume in pod.spec.volumes:
        yield from references(pod, volume)
    for container in (*pod.spec.init_containers, *pod.spec.containers):
        yield from _environment(pod.metadata.namespace or "", container)


def _environment(namespace: str, container: Container) -> Iterable[Reference]:
    origins = [variable.value_from for variable in container.env if variable.value_from is not None]
    for config_map in (*(o.config_map_key_ref for o in origins), *(s.config_map_ref for s in container.env_from)):
        if config_map is not None:
            yield "ConfigMap", namespace, config_map.name or ""
    for secret in (*(o.secret_key_ref for o in origins), *(s.secret_ref for s in container.env_from)):
        if secret is not None:
            yield "Secret", namespace, secret.name or ""
