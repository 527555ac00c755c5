"""What etcd adds to the store's promises: TLS, a prefix of one's own, servers that go away and come back."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kajitori.machinery.certificates import issue, new_ca
from kajitori.storage.interface import Event, Store, StoreUnavailable
from kajitori.storage.opening import open_storage
from kajitori.testing.etcd import Etcd, available
from kajitori.testing.ports import free_port

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90), pytest.mark.skipif(not available(), reason="no etcd")]


def with_store(
    etcd: Etcd, scenario: Callable[[Store], Awaitable[None]], *, servers: tuple[str, ...] = (), **options: str
) -> None:
    async def main() -> None:
        store = await open_storage("etcd3", Path("unused"), servers or (etcd.url,), **options)
        try:
            async with asyncio.timeout(40):
                await scenario(store)
        finally:
            await store.close()

    asyncio.run(main())


def test_etcd_is_reached_with_a_client_certificate_and_not_without_one(tmp_path):
    ca = new_ca("etcd-ca")
    server = issue(ca, "etcd", sans=["127.0.0.1"], usages=["server", "client"])
    client = issue(ca, "apiserver", usages=["client"])
    files = {
        "ca.crt": ca.cert_pem,
        "server.crt": server.cert_pem,
        "server.key": server.key_pem,
        "client.crt": client.cert_pem,
        "client.key": client.key_pem,
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    arguments = (
        f"--cert-file={tmp_path / 'server.crt'}",
        f"--key-file={tmp_path / 'server.key'}",
        f"--trusted-ca-file={tmp_path / 'ca.crt'}",
        "--client-cert-auth",
    )

    async def scenario(store: Store) -> None:
        revision = await store.create("/registry/a", b"1")
        assert await store.get("/registry/a") == ("/registry/a", b"1", revision)
        watch = await store.watch("/registry/", revision - 1)
        assert list(await watch.__anext__()) == [Event("/registry/a", b"1", revision)]

    ca_file = str(tmp_path / "ca.crt")
    keys = {"etcd_cert_file": str(tmp_path / "client.crt"), "etcd_key_file": str(tmp_path / "client.key")}
    with Etcd(tmp_path, arguments=arguments, scheme="https") as etcd:
        with_store(etcd, scenario, etcd_ca_file=ca_file, **keys)
        with pytest.raises(StoreUnavailable):
            with_store(etcd, scenario, etcd_ca_file=ca_file)
        with pytest.raises(StoreUnavailable):
            with_store(etcd, scenario, **keys)


def test_keys_are_upstreams_under_any_prefix(tmp_path):
    async def fill(store: Store) -> None:
        await store.create("/registry/pods/a/b", b"1")
        assert [item.key for item in (await store.range("/registry/pods/")).items] == ["/registry/pods/a/b"]

    async def look(store: Store) -> None:
        found = await store.range("/")
        assert [item.key for item in found.items] == ["/other/pods/a/b", "/registry/pods/a/b"]

    with Etcd(tmp_path) as etcd:
        with_store(etcd, fill)
        with_store(etcd, fill, etcd_prefix="/other")
        with_store(etcd, look)


def test_a_watch_goes_on_where_it_was_after_etcd_was_killed_and_came_back(tmp_path):
    async def scenario(store: Store) -> None:
        watch = await store.watch("/registry/", await store.current_revision())
        first = await store.create("/registry/a", b"1")
        assert list(await watch.__anext__()) == [Event("/registry/a", b"1", first)]
        following = asyncio.ensure_future(watch.__anext__())
        etcd.stop()
        with pytest.raises(StoreUnavailable):
            await store.create("/registry/b", b"2")
        await asyncio.to_thread(etcd.start)
        second = await store.create("/registry/c", b"3")
        assert list(await following) == [Event("/registry/c", b"3", second)]

    with Etcd(tmp_path) as etcd:
        with_store(etcd, scenario)


def test_the_next_endpoint_is_used_when_one_is_down(tmp_path):
    async def scenario(store: Store) -> None:
        revision = await store.create("/registry/a", b"1")
        watch = await store.watch("/registry/", revision - 1)
        assert list(await watch.__anext__()) == [Event("/registry/a", b"1", revision)]

    with Etcd(tmp_path) as etcd:
        with_store(etcd, scenario, servers=(f"http://127.0.0.1:{free_port()}", etcd.url))


def test_no_etcd_is_said_at_the_start(tmp_path):
    async def scenario(store: Store) -> None:
        raise AssertionError("there is nothing to open")

    with pytest.raises(StoreUnavailable, match="etcd"):
        with_store(Etcd(tmp_path), scenario)
