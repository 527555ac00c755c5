"""`build`: a container's variables in the order that decides who wins: envFrom, env, then Services for what is left.

A value may refer to variables that come before it. Missing ConfigMaps, Secrets and keys are ConfigErrors, worded as
upstream words them, unless they are optional. May import: api, machinery.errors, kubelet.{interfaces,environment}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kajitori.kubelet.environment.expansion import expand
from kajitori.kubelet.environment.fields import PodFacts, UnsupportedField, field_value, resource_value, room_of
from kajitori.kubelet.environment.services import service_variables, visible_services
from kajitori.kubelet.interfaces import ConfigError, ObjectSource
from kajitori.kubelet.pods import is_static
from kajitori.machinery.errors import NotFound, StatusError

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, EnvVarSource, Pod


async def build(
    pod: Pod,
    container: Container,
    *,
    pod_ips: Sequence[str],
    host_ip: str,
    source: ObjectSource,
    node_name: str,
    allocatable: Mapping[str, str],
) -> list[tuple[str, str]]:
    """(name, value) pairs: the container's own variables in the order in which they are set, then the Services'.

    Raises `ConfigError`, also while Services have not been read once; a static Pod does not wait for them.
    """
    if not source.services_synced() and not is_static(pod):  # the API server itself may be one of these
        raise ConfigError("services have not yet been read at least once, cannot construct envvars")
    facts = PodFacts(pod_ips, (host_ip,) if host_ip else (), node_name)
    return await _Builder(pod, container, source, facts, allocatable).build()


class _Builder:
    def __init__(
        self, pod: Pod, container: Container, source: ObjectSource, facts: PodFacts, allocatable: Mapping[str, str]
    ) -> None:
        self._pod, self._container, self._facts, self._allocatable = pod, container, facts, allocatable
        self._objects = _Objects(source, pod.metadata.namespace or "")
        links = pod.spec.enable_service_links is not False
        namespace = pod.metadata.namespace or ""
        self._services = service_variables(visible_services(source.services(), namespace, links=links))

    async def build(self) -> list[tuple[str, str]]:
        variables: dict[str, str] = {}
        await self._from_objects(variables)
        for item in self._container.env:
            name = item.name or ""
            if item.value_from is None or item.value:
                value: str | None = expand(item.value or "", {**self._services, **variables})
            else:
                value = await self._value_from(item.value_from)
            if value is not None:
                variables.pop(name, None)  # a later variable of the same name takes its own place in the order
                variables[name] = value
        return list(({**variables, **{k: v for k, v in self._services.items() if k not in variables}}).items())

    async def _from_objects(self, variables: dict[str, str]) -> None:
        for item in self._container.env_from:
            data: Mapping[str, str] = {}
            if item.config_map_ref is not None:
                data = await self._objects.config_map(
                    item.config_map_ref.name or "", bool(item.config_map_ref.optional)
                )
            elif item.secret_ref is not None:
                data = await self._objects.secret(item.secret_ref.name or "", bool(item.secret_ref.optional))
            for key, value in data.items():
                name = f"{item.prefix or ''}{key}"
                if is_variable_name(name):
                    variables[name] = value

    async def _value_from(self, origin: EnvVarSource) -> str | None:
        """None: an optional source that is not there leaves the variable unset."""
        try:
            if origin.field_ref is not None:
                return field_value(self._pod, origin.field_ref.field_path or "", self._facts)
            if origin.resource_field_ref is not None:
                return self._resource(origin.resource_field_ref)
        except UnsupportedField as err:
            raise ConfigError(str(err)) from err
        namespace = self._pod.metadata.namespace
        if (ref := origin.config_map_key_ref) is not None:
            data = await self._objects.config_map(ref.name or "", bool(ref.optional))
            return _key(data, ref.key or "", bool(ref.optional), f"ConfigMap {namespace}/{ref.name}")
        if (secret := origin.secret_key_ref) is not None:
            data = await self._objects.secret(secret.name or "", bool(secret.optional))
            return _key(data, secret.key or "", bool(secret.optional), f"Secret {namespace}/{secret.name}")
        return ""

    def _resource(self, selector: Any) -> str:
        container = self._container
        if selector.container_name and selector.container_name != container.name:
            named = [*self._pod.spec.init_containers, *self._pod.spec.containers]
            found = next((c for c in named if c.name == selector.container_name), None)
            if found is None:
                raise ConfigError(f"container {selector.container_name} not found")
            container = found
        return resource_value(container, selector, room_of(self._pod, self._allocatable))


class _Objects:
    """ConfigMaps and Secrets of the Pod's namespace, each asked for once per container."""

    def __init__(self, source: ObjectSource, namespace: str) -> None:
        self._source, self._namespace = source, namespace
        self._known: dict[tuple[str, str], Mapping[str, str]] = {}

    async def config_map(self, name: str, optional: bool) -> Mapping[str, str]:
        async def fetch() -> Mapping[str, str]:
            return dict((await self._source.config_map(self._namespace, name)).data or {})

        return await self._get("configmap", name, optional, fetch)

    async def secret(self, name: str, optional: bool) -> Mapping[str, str]:
        async def fetch() -> Mapping[str, str]:
            data = (await self._source.secret(self._namespace, name)).data or {}
            return {key: decode_secret(value).decode("utf-8", "replace") for key, value in data.items()}

        return await self._get("secret", name, optional, fetch)

    async def _get(self, kind: str, name: str, optional: bool, fetch: Any) -> Mapping[str, str]:
        key = (kind, name)
        if key not in self._known:
            try:
                self._known[key] = await fetch()
            except NotFound as err:
                if optional:
                    return {}
                raise ConfigError(f'{kind} "{name}" not found') from err
            except StatusError as err:
                raise ConfigError(str(err)) from err
        return self._known[key]


def _key(data: Mapping[str, str], key: str, optional: bool, where: str) -> str | None:
    if key in data:
        return data[key]
    if optional:
        return None
    raise ConfigError(f"couldn't find key {key} in {where}")


def decode_secret(value: Any) -> bytes:
    """A Secret's value: base64 text on the wire, bytes where the struct has decoded it."""
    import base64

    return value if isinstance(value, bytes) else base64.b64decode(value)


def is_variable_name(name: str) -> bool:
    """Printable ASCII without `=`, as v1.34 allows."""
    return bool(name) and "=" not in name and all(" " <= char <= "~" for char in name)
