"""The book of addresses: what it finds at its start, and what it does when the server refuses."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.waiting import until

from kajitori.aiokit.clock import FakeClock
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.registry.addressbook import RETRY_S, AddressBook
from kajitori.apiserver.registry.bookentries import entry, held, owner
from kajitori.machinery.errors import InternalError

Object = dict[str, Any]


class Things:
    """A reader and a writer of Services and IPAddresses."""

    def __init__(self, services: list[Object], addresses: list[Object]) -> None:
        self.services = {(s["metadata"]["namespace"], s["metadata"]["name"]): s for s in services}
        self.addresses = {a["metadata"]["name"]: a for a in addresses}
        self.ranges: dict[str, Object] = {"kubernetes": {"status": {"conditions": [{"type": "Ready"}]}}}
        self.refusals = 0

    def get(self, group: str, plural: str, namespace: str, name: str) -> Object | None:
        if plural == "services":
            return self.services.get((namespace, name))
        return (self.addresses if plural == "ipaddresses" else self.ranges).get(name)

    def list(self, group: str, plural: str, namespace: str = "") -> list[Object]:
        return list({"services": self.services, "ipaddresses": self.addresses}[plural].values())

    async def create(self, group: str, plural: str, obj: Object) -> Object:
        if self.refusals:
            self.refusals -= 1
            raise InternalError.of("not now")
        (self.addresses if plural == "ipaddresses" else self.ranges)[obj["metadata"]["name"]] = obj
        return obj

    async def delete(self, group: str, plural: str, namespace: str, name: str) -> Object:
        return self.addresses.pop(name)


class NoResources:
    def by_plural(self, *_: str) -> None:
        return None


def service(name: str, ip: str) -> Object:
    return {"metadata": {"namespace": "ns", "name": name}, "spec": {"type": "ClusterIP", "clusterIPs": [ip]}}


def foreign(ip: str) -> Object:
    return {"metadata": {"name": ip}, "spec": {"parentRef": {"group": "x", "resource": "y", "name": "z"}}}


def run(things: Things, done: Any, clock: FakeClock | None = None) -> None:
    async def scenario() -> None:
        time = clock or FakeClock()
        deps = ServerDeps(ServerConfig(), NoResources(), time, things, things, None)  # type: ignore[arg-type]
        book = asyncio.ensure_future(AddressBook(deps, None).run())  # type: ignore[arg-type]
        try:
            await until(done, "the book is as it should be")
        finally:
            book.cancel()

    asyncio.run(scenario())


def test_what_happened_while_no_server_ran_is_made_up_for() -> None:
    old = [entry("10.0.0.1", ("ns", "gone")), entry("10.0.0.2", ("ns", "other")), foreign("10.0.0.9")]
    things = Things([service("a", "10.0.0.2"), service("b", "10.0.0.3")], old)
    wanted = {"10.0.0.2": ("ns", "a"), "10.0.0.3": ("ns", "b"), "10.0.0.9": ("", "z")}
    run(things, lambda: {ip: owner(a) for ip, a in things.addresses.items()} == wanted)


def test_an_address_of_somebody_else_stays_theirs() -> None:
    things = Things([service("a", "10.0.0.9"), service("b", "10.0.0.3")], [foreign("10.0.0.9")])
    assert held(things, "10.0.0.9")
    run(things, lambda: "10.0.0.3" in things.addresses)
    assert things.addresses["10.0.0.9"] == foreign("10.0.0.9")
    assert not held(things, "10.0.0.3")


def test_a_refusal_is_tried_again_later() -> None:
    things, clock = Things([service("a", "10.0.0.2")], []), FakeClock()
    things.refusals = 1

    async def done() -> bool:
        if not things.refusals and not things.addresses:
            clock.advance(RETRY_S)
        return bool(things.addresses)

    run(things, done, clock)


def test_the_default_range_is_made_again_when_it_is_gone() -> None:
    things = Things([], [])
    del things.ranges["kubernetes"]
    run(things, lambda: "kubernetes" in things.ranges)
    assert things.ranges["kubernetes"]["spec"] == {"cidrs": ["10.96.0.0/12"]}
