"""Stale UDP flows, configuration, and when the proxier syncs."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kajitori.aiokit.clock import FakeClock, settle
from kajitori.aiokit.flags import UsageError
from kajitori.aiokit.process import CommandFailed
from kajitori.proxy.config import flags, from_file, from_flags, split_address
from kajitori.proxy.conntrack import stale_flows
from kajitori.proxy.health import Health
from kajitori.proxy.proxier import Proxier
from kajitori.proxy.services import Endpoint, NodeInfo, ServicePort

DNS = ServicePort(
    namespace="kube-system",
    name="kube-dns",
    port_name="dns",
    protocol="udp",
    cluster_ip="10.96.0.10",
    port=53,
    node_port=30053,
    cluster_endpoints=(Endpoint("10.1.0.2", 53),),
)


def test_flows_to_a_vanished_endpoint_are_deleted() -> None:
    after = replace(DNS, cluster_endpoints=(Endpoint("10.1.0.3", 53),))
    base = ["conntrack", "-D", "-p", "udp"]
    assert stale_flows([DNS], [after]) == [
        [*base, "--orig-dst", "10.96.0.10", "--dst-nat", "10.1.0.2"],
        [*base, "--dport", "30053", "--dst-nat", "10.1.0.2"],
    ]


def test_the_first_endpoint_clears_flows_that_bypassed_the_service() -> None:
    base = ["conntrack", "-D", "-p", "udp"]
    expected = [[*base, "--orig-dst", "10.96.0.10"], [*base, "--dport", "30053"]]
    assert stale_flows([replace(DNS, cluster_endpoints=())], [DNS]) == expected


def test_tcp_and_unchanged_services_have_no_stale_flows() -> None:
    assert stale_flows([DNS], [DNS]) == []
    tcp = replace(DNS, protocol="tcp")
    assert stale_flows([tcp], []) == []


def test_unknown_fields_of_a_file_are_warned_of_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "proxy.yaml"
    file.write_text("kind: KubeProxyConfiguration\nmode: nftables\nmodus: nope\n")
    assert from_flags(flags().parse([f"--config={file}"]), hostname="n1").mode == "nftables"
    assert "unknown=modus" in capsys.readouterr().err.replace('"', "")


def test_a_configuration_file_is_understood() -> None:
    document = {
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clusterCIDR": "10.244.0.0/16",
        "nftables": {"masqueradeAll": True, "minSyncPeriod": "500ms", "syncPeriod": "0s"},
        "clientConnection": {"kubeconfig": "/var/lib/kube-proxy/kubeconfig.conf"},
    }
    assert from_file(document) == {
        "mode": "nftables",
        "cluster_cidrs": ("10.244.0.0/16",),
        "masquerade_all": True,
        "min_sync_s": 0.5,
        "kubeconfig": "/var/lib/kube-proxy/kubeconfig.conf",
    }


def test_flags_are_those_of_kube_proxy() -> None:
    config = from_flags(
        flags().parse(["--hostname-override=n1", "--cluster-cidr", "10.0.0.0/8", "--v=2"]), hostname="x"
    )
    assert (config.node_name, config.cluster_cidrs, config.mode) == ("n1", ("10.0.0.0/8",), "")


@pytest.mark.parametrize("argv", [["--proxy-mode=ipvs"], ["--cluster-cidr=nonsense"], ["--iptables-masquerade-bit=32"]])
def test_nonsense_is_refused(argv: list[str]) -> None:
    with pytest.raises(UsageError):
        from_flags(flags().parse(argv), hostname="x")


def test_addresses_split_into_host_and_port() -> None:
    assert split_address("0.0.0.0:10256", 1) == ("0.0.0.0", 10256)
    assert split_address("[::]:10256", 1) == ("::", 10256)
    assert split_address("127.0.0.1", 10249) == ("127.0.0.1", 10249)


class FakeBackend:
    def __init__(self) -> None:
        self.applied = 0
        self.failures = 0
        self.intact = True
        self.looked = asyncio.Event()
        self.found_flushed = asyncio.Event()

    async def apply(self, ports: Sequence[ServicePort]) -> None:
        if self.failures:
            self.failures -= 1
            raise CommandFailed(["iptables-restore"], 1, "no")
        self.applied += 1
        self.intact = True

    async def is_intact(self) -> bool:
        self.looked.set()
        if not self.intact:
            self.found_flushed.set()
        return self.intact

    async def cleanup(self) -> None:
        return None


def proxier_with(backend: FakeBackend, clock: FakeClock, *, sync_period_s: float = 1000.0) -> Proxier:
    return Proxier(
        services=lambda: (),
        slices=lambda: (),
        node=lambda: NodeInfo("n1"),
        backends={"IPv4": backend},
        health=Health(clock),
        clock=clock,
        min_sync_s=1.0,
        sync_period_s=sync_period_s,
    )


def test_changes_are_gathered_and_a_failure_is_tried_again() -> None:
    async def scenario() -> None:
        clock, backend = FakeClock(), FakeBackend()
        proxier = proxier_with(backend, clock)
        task = asyncio.ensure_future(proxier.run())
        for _ in range(5):
            proxier.changed()
        await settle()
        assert backend.applied == 1
        proxier.changed()
        await settle()
        assert backend.applied == 1, "not before the minimum interval"
        backend.failures = 2
        await clock.run_for(1.0)
        assert backend.applied == 1
        await clock.run_for(2.0)
        assert backend.applied == 2
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())


def test_flushed_rules_are_written_again() -> None:
    async def scenario() -> None:
        clock, backend = FakeClock(), FakeBackend()
        proxier = proxier_with(backend, clock, sync_period_s=0.01)
        proxier.changed()
        task = asyncio.ensure_future(proxier.run())
        await settle()
        backend.intact = False
        await clock.run_for(1.0)
        async with asyncio.timeout(5):
            await backend.found_flushed.wait()
        await clock.run_for(1.0)
        assert backend.applied == 2
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())


def test_changes_do_not_put_off_the_look_at_flushed_rules() -> None:
    async def scenario() -> None:
        clock, backend = FakeClock(), FakeBackend()
        proxier = proxier_with(backend, clock, sync_period_s=0.05)
        task = asyncio.ensure_future(proxier.run())
        async with asyncio.timeout(5):
            while not backend.looked.is_set():
                proxier.changed()
                await clock.run_for(1.0)
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())


def test_health_fails_when_a_change_waits_too_long() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.queued()
    clock.advance(59)
    assert health.is_healthy
    clock.advance(2)
    assert not health.is_healthy
    health.updated()
    assert health.is_healthy
