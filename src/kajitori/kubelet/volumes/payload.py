"""What files a configMap, secret, downwardAPI or projected volume holds: a Pod and its objects in, a payload out.

Errors are `PayloadError`, worded as upstream words them; a missing object or key is none when it is optional.
May import: api, machinery, kubelet.{environment,volumes.{tokens,writer}}.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kajitori.kubelet.environment.fields import PodFacts, UnsupportedField, field_value, resource_value, room_of
from kajitori.kubelet.volumes.tokens import DEFAULT_EXPIRATION_S, TokenCache
from kajitori.kubelet.volumes.writer import File
from kajitori.machinery.errors import NotFound, StatusError

if TYPE_CHECKING:
    from kajitori.api.core.v1 import DownwardAPIVolumeFile, KeyToPath, Pod, Volume

DEFAULT_MODE = 0o644
Reference = tuple[str, str, str]


class PayloadError(Exception):
    """The files cannot be put together (yet)."""


class MissingError(PayloadError):
    """An object or a key is not there."""


class Objects(Protocol):
    """Where ConfigMaps and Secrets come from, by kind; a missing one is `NotFound`."""

    async def get(self, kind: str, namespace: str, name: str) -> Any: ...


@dataclass(frozen=True)
class Gathered:
    """`refresh_at` (monotonic) is when a token in it wants to be renewed."""

    files: dict[str, File]
    refresh_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class Gatherer:
    """Puts payloads together for the Pods of one node."""

    objects: Objects
    tokens: TokenCache
    node_name: str = ""
    allocatable: Mapping[str, str]

    async def gather(self, pod: Pod, volume: Volume) -> Gathered:
        """The files of one such volume. Raises `PayloadError`: `MissingError` where an object or key is not there."""
        namespace = pod.metadata.namespace or ""
        if (config_map := volume.config_map) is not None:
            data = await self._object("ConfigMap", namespace, config_map.name or "", bool(config_map.optional))
            return Gathered(
                select(data, config_map.items, config_map.default_mode, "config", optional=bool(config_map.optional))
            )
        if (secret := volume.secret) is not None:
            data = await self._object("Secret", namespace, secret.secret_name or "", bool(secret.optional))
            return Gathered(select(data, secret.items, secret.default_mode, "secret", optional=bool(secret.optional)))
        if (downward := volume.downward_api) is not None:
            return Gathered(self.downward_files(pod, downward.items, downward.default_mode))
        assert volume.projected is not None, "only volumes made of files come here"
        return await self._projected(pod, volume.projected)

    async def _projected(self, pod: Pod, projected: Any) -> Gathered:
        files: dict[str, File] = {}
        refresh: list[float] = []
        mode = projected.default_mode
        namespace = pod.metadata.namespace or ""
        for source in projected.sources:
            if (ref := source.config_map) is not None:
                data = await self._object("ConfigMap", namespace, ref.name or "", bool(ref.optional))
                files |= select(data, ref.items, mode, "config", optional=bool(ref.optional))
            elif (ref := source.secret) is not None:
                data = await self._object("Secret", namespace, ref.name or "", bool(ref.optional))
                files |= select(data, ref.items, mode, "secret", optional=bool(ref.optional))
            elif source.downward_api is not None:
                files |= self.downward_files(pod, source.downward_api.items, mode)
            elif (wanted := source.service_account_token) is not None:
                file, refresh_at = await self._token(pod, wanted, mode)
                files[wanted.path or ""] = file
                refresh.append(refresh_at)
        return Gathered(files, min(refresh, default=None))

    async def _token(self, pod: Pod, wanted: Any, mode: int | None) -> tuple[File, float]:
        try:
            token = await self.tokens.get(
                pod, wanted.audience or "", int(wanted.expiration_seconds or DEFAULT_EXPIRATION_S)
            )
        except (StatusError, OSError) as err:
            raise PayloadError(f"failed to fetch token: {err}") from err
        user = common_user(pod)
        private = user is not None or fs_group(pod) is not None
        file_mode = 0o600 if private else _mode(mode)
        return File(token.text.encode(), file_mode, uid=-1 if user is None else user), token.refresh_at

    async def _object(self, kind: str, namespace: str, name: str, optional: bool) -> dict[str, bytes]:
        try:
            found = await self.objects.get(kind, namespace, name)
        except NotFound as err:
            if optional:
                return {}
            raise MissingError(f'{kind.lower()} "{name}" not found') from err
        except (StatusError, OSError) as err:
            raise PayloadError(str(err) or type(err).__name__) from err
        if kind == "ConfigMap":
            binary = {key: _bytes(value) for key, value in (found.binary_data or {}).items()}
            return {key: value.encode() for key, value in (found.data or {}).items()} | binary
        return {key: _bytes(value) for key, value in (found.data or {}).items()}

    def downward_files(self, pod: Pod, items: Sequence[DownwardAPIVolumeFile], mode: int | None) -> dict[str, File]:
        """Path → file for fields and resources of the Pod as it is now; raises `PayloadError` for an unknown field."""
        facts = PodFacts(
            [ip.ip or "" for ip in pod.status.pod_ips] or ([pod.status.pod_ip] if pod.status.pod_ip else []),
            [pod.status.host_ip] if pod.status.host_ip else [],
            self.node_name,
        )
        files = {}
        for item in items:
            try:
                text = self._downward_text(pod, item, facts)
            except UnsupportedField as err:
                raise PayloadError(str(err)) from err
            files[item.path or ""] = File(text.encode(), _mode(item.mode if item.mode is not None else mode))
        return files

    def _downward_text(self, pod: Pod, item: DownwardAPIVolumeFile, facts: PodFacts) -> str:
        if item.field_ref is not None:
            return field_value(pod, item.field_ref.field_path or "", facts)
        selector = item.resource_field_ref
        if selector is None:
            raise UnsupportedField("fieldRef or resourceFieldRef is required")
        containers = [*pod.spec.containers, *pod.spec.init_containers]
        container = next((c for c in containers if c.name == selector.container_name), None)
        if container is None:
            raise UnsupportedField(f"container {selector.container_name} not found")
        return resource_value(container, selector, room_of(pod, self.allocatable))


def select(
    data: Mapping[str, bytes], items: Sequence[KeyToPath], default_mode: int | None, kind: str, *, optional: bool
) -> dict[str, File]:
    """All keys, or those that `items` names, under the paths it gives; `kind`, config or secret, chooses the words.

    Raises `MissingError` for a key that is not there, unless it is `optional`.
    """
    if not items:
        return {key: File(value, _mode(default_mode)) for key, value in data.items()}
    files = {}
    for item in items:
        key = item.key or ""
        if key not in data:
            if optional:
                continue
            config_words, secret_words = (
                "configmap references non-existent config key",
                "references non-existent secret key",
            )
            words = config_words if kind == "config" else secret_words
            raise MissingError(f"{words}: {key}")
        mode = item.mode if item.mode is not None else default_mode
        files[item.path or ""] = File(data[key], _mode(mode))
    return files


def references(pod: Pod, volume: Volume) -> Iterable[Reference]:
    """The ConfigMaps and Secrets that the volume's files come from."""
    namespace = pod.metadata.namespace or ""
    if volume.config_map is not None:
        yield "ConfigMap", namespace, volume.config_map.name or ""
    elif volume.secret is not None:
        yield "Secret", namespace, volume.secret.secret_name or ""
    elif volume.projected is not None:
        for source in volume.projected.sources:
            if source.config_map is not None:
                yield "ConfigMap", namespace, source.config_map.name or ""
            elif source.secret is not None:
                yield "Secret", namespace, source.secret.name or ""


def fs_group(pod: Pod) -> int | None:
    context = pod.spec.security_context
    return context.fs_group if context is not None else None


def common_user(pod: Pod) -> int | None:
    """The user that all containers run as, if they say so and agree."""
    context = pod.spec.security_context
    default = context.run_as_user if context is not None else None
    users = set()
    for container in (*pod.spec.init_containers, *pod.spec.containers):
        own = container.security_context.run_as_user if container.security_context is not None else None
        users.add(own if own is not None else default)
    return users.pop() if len(users) == 1 else None


def for_group(files: Mapping[str, File], group: int | None) -> dict[str, File]:
    """With fsGroup, files belong to the group and are readable by it."""
    if group is None:
        return dict(files)
    return {path: File(file.data, file.mode | 0o440, file.uid, group) for path, file in files.items()}


def _mode(mode: int | None) -> int:
    return DEFAULT_MODE if mode is None else int(mode)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(value)
