"""Three API servers on one etcd are one API server: whoever writes through one reads it through another."""

import asyncio
import random
from pathlib import Path

import pytest
from tests.integration.apiserver.serverprocess import CONFIG_MAPS, Follower, ServerProcess, config_map, get, send
from tests.waiting import until

from kajitori.client.raw import RawClient
from kajitori.machinery.errors import AlreadyExists, Conflict, NotFound, StatusError
from kajitori.testing.etcd import Etcd, available

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180), pytest.mark.skipif(not available(), reason="no etcd")]


def with_servers(tmp_path: Path, scenario, count: int = 3, **etcd_options) -> None:
    async def main() -> None:
        with Etcd(tmp_path, **etcd_options) as etcd:
            servers = [
                ServerProcess(tmp_path / f"s{n}", f"--etcd-servers={etcd.url}", advertise=f"192.0.2.{n + 1}")
                for n in range(count)
            ]
            try:
                await asyncio.gather(*(server.start() for server in servers))
                clients = [server.client() for server in servers]
                try:
                    await scenario(etcd, servers, clients)
                finally:
                    for client in clients:
                        await client.close()
            finally:
                for server in servers:
                    server.stop()

    asyncio.run(main())


def test_a_write_through_one_server_is_read_through_all_others_at_once(tmp_path):
    async def scenario(etcd, servers, clients):
        for number in range(30):
            writer, reader = random.sample(clients, 2)
            made = await send(writer, "POST", CONFIG_MAPS, config_map(f"m{number}", a="1"))
            assert (await get(reader, f"{CONFIG_MAPS}/m{number}"))["metadata"] == made["metadata"]
            made["data"]["a"] = "2"
            changed = await send(reader, "PUT", f"{CONFIG_MAPS}/m{number}", made)
            with pytest.raises(Conflict):
                await send(writer, "PUT", f"{CONFIG_MAPS}/m{number}", made)
            listed = await get(writer, CONFIG_MAPS)
            assert next(o for o in listed["items"] if o["metadata"]["name"] == f"m{number}")["data"] == changed["data"]
            with pytest.raises(AlreadyExists):
                await send(reader, "POST", CONFIG_MAPS, config_map(f"m{number}"))
            await send(reader, "DELETE", f"{CONFIG_MAPS}/m{number}")
            with pytest.raises(NotFound):
                await get(writer, f"{CONFIG_MAPS}/m{number}")

    with_servers(tmp_path, scenario)


def test_services_made_through_all_servers_at_once_never_share_an_address_or_port(tmp_path):
    async def scenario(etcd, servers, clients):
        path = "/api/v1/namespaces/default/services"

        def service(name: str):
            spec = {"type": "NodePort", "ports": [{"port": 80}]}
            return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}

        made = await asyncio.gather(*(send(clients[n % 3], "POST", path, service(f"s{n}")) for n in range(90)))
        assert len({service["spec"]["clusterIP"] for service in made}) == 90
        assert len({service["spec"]["ports"][0]["nodePort"] for service in made}) == 90

    with_servers(tmp_path, scenario)


def test_the_kubernetes_service_names_the_servers_that_live_and_loses_one_that_was_killed(tmp_path):
    async def scenario(etcd, servers, clients):
        async def listed(expected: set[str]) -> bool:
            subsets = (await get(clients[0], "/api/v1/namespaces/default/endpoints/kubernetes"))["subsets"]
            return {address["ip"] for subset in subsets for address in subset["addresses"]} == expected

        await until(lambda: listed({"192.0.2.1", "192.0.2.2", "192.0.2.3"}), "all three are listed")
        servers[2].kill()
        await until(lambda: listed({"192.0.2.1", "192.0.2.2"}), "the killed one is gone", 60)
        assert servers[1].stop() == 0
        await until(lambda: listed({"192.0.2.1"}), "the stopped one is gone")

    with_servers(tmp_path, scenario)


async def load(client: RawClient, rng: random.Random, acknowledged: dict[str, str | None], rounds: int, own: str):
    """Random writes to names of its own; notes what was acknowledged. Returns when the server is gone."""
    for number in range(rounds):
        name = f"{own}-{rng.randrange(8)}"
        value = str(number)
        before, deletes = acknowledged.get(name), False
        try:
            if before is None:
                await send(client, "POST", CONFIG_MAPS, config_map(name, v=value))
            elif rng.random() < 0.3:
                deletes = True
                await send(client, "DELETE", f"{CONFIG_MAPS}/{name}")
            else:
                await send(client, "PUT", f"{CONFIG_MAPS}/{name}", config_map(name, v=value))
        except (OSError, StatusError, EOFError):
            acknowledged[name] = f"?{before}|{None if deletes else value}"  # it may have happened, or not
            return
        acknowledged[name] = None if deletes else value


def test_killing_one_server_under_load_loses_nothing_and_every_follower_ends_with_the_state(tmp_path):
    async def scenario(etcd, servers, clients):
        rng = random.Random(7)
        followers = [Follower(client, CONFIG_MAPS) for client in clients[:2] for _ in range(3)]
        following = [asyncio.ensure_future(follower.run()) for follower in followers]
        acknowledged: dict[str, str | None] = {}
        loads = [
            asyncio.ensure_future(load(client, random.Random(n), acknowledged, 150, f"c{n}"))
            for n, client in enumerate(clients)
        ]
        await until(lambda: len(acknowledged) > 12, "the load is on")
        servers[2].kill()
        etcd.stop()  # and etcd goes away for a moment
        etcd.start()
        await asyncio.gather(*loads)
        await send(clients[rng.randrange(2)], "POST", CONFIG_MAPS, config_map("last"))
        states = [(await get(client, CONFIG_MAPS))["items"] for client in clients[:2]]
        assert states[0] == states[1]
        held = {item["metadata"]["name"]: item for item in states[0]}
        for name, value in acknowledged.items():
            now = held[name]["data"]["v"] if name in held else None
            assert str(now) in value[1:].split("|") if value and value[0] == "?" else now == value, name
        await until(lambda: all(f.objects == held for f in followers), "followers have the server's state")
        for task in following:
            task.cancel()

    with_servers(tmp_path, scenario)
