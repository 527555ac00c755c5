"""A world small enough to read: a reader over a dict, a writer that records, a clock that stands still."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.apiserver.bootstrap.policy import policy_objects
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.user import LOOPBACK_USER, UserInfo
from kajitori.machinery.errors import AlreadyExists, NotFound

Object = dict[str, Any]


class World:
    """Reader and Writer at once: what is written can be read."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str, str], Object] = {}
        self.revisions: dict[tuple[str, str], int] = {}
        self.writes: list[tuple[str, str, str]] = []

    def put(self, group: str, plural: str, obj: Object) -> Object:
        metadata = obj.setdefault("metadata", {})
        key = (group, plural, metadata.get("namespace", ""), metadata["name"])
        metadata.setdefault("uid", f"uid-{metadata['name']}")
        self.objects[key] = obj
        self.revisions[group, plural] = self.revisions.get((group, plural), 0) + 1
        return obj

    def remove(self, group: str, plural: str, namespace: str, name: str) -> None:
        del self.objects[group, plural, namespace, name]
        self.revisions[group, plural] += 1

    def get(self, group: str, plural: str, namespace: str, name: str) -> Object | None:
        return self.objects.get((group, plural, namespace, name))

    def list(self, group: str, plural: str, namespace: str = "") -> Iterable[Object]:
        return [
            obj
            for (g, p, ns, _), obj in list(self.objects.items())
            if (g, p) == (group, plural) and (not namespace or ns == namespace)
        ]

    def revision(self, group: str, plural: str) -> int:
        return self.revisions.get((group, plural), 0)

    async def create(self, group: str, plural: str, obj: Object, *, user: UserInfo = LOOPBACK_USER) -> Object:
        metadata = obj["metadata"]
        if self.get(group, plural, metadata.get("namespace", ""), metadata["name"]):
            raise AlreadyExists.of(group, plural, metadata["name"])
        self.writes.append(("create", plural, metadata["name"]))
        return self.put(group, plural, copy.deepcopy(obj))

    async def update(
        self, group: str, plural: str, obj: Object, *, subresource: str = "", user: UserInfo = LOOPBACK_USER
    ) -> Object:
        self.writes.append(("update", plural, obj["metadata"]["name"]))
        return self.put(group, plural, copy.deepcopy(obj))

    async def delete(
        self,
        group: str,
        plural: str,
        namespace: str,
        name: str,
        *,
        options: Mapping[str, Any] | None = None,
        user: UserInfo = LOOPBACK_USER,
    ) -> Object:
        obj = self.get(group, plural, namespace, name)
        if obj is None:
            raise NotFound.of(group, plural, name)
        self.writes.append(("delete", plural, name))
        self.remove(group, plural, namespace, name)
        return obj

    async def guaranteed_update(
        self,
        group: str,
        plural: str,
        namespace: str,
        name: str,
        change: Any,
        *,
        subresource: str = "",
        user: UserInfo = LOOPBACK_USER,
        dry_run: bool = False,
    ) -> Object:
        obj = self.get(group, plural, namespace, name)
        if obj is None:
            raise NotFound.of(group, plural, name)
        edited = copy.deepcopy(obj)
        if change(edited) is False or dry_run:
            return edited
        self.writes.append(("update", plural, name))
        return self.put(group, plural, edited)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make_deps(world: World) -> Any:
    def make(scheme: Any = None, **config: Any) -> ServerDeps:
        return ServerDeps(config=ServerConfig(**config), scheme=scheme, clock=FakeClock(), reader=world, writer=world)

    return make


@pytest.fixture
def cluster(world: World) -> World:
    """A world that holds what a new cluster has of RBAC."""
    for obj in policy_objects():
        world.put("rbac.authorization.k8s.io", obj["kind"].lower() + "s", obj)
    return world
