"""Upstream's numbers of what Services were given."""

import asyncio
from typing import Any

import pytest

from kajitori.apiserver.hooks import WriteContext
from kajitori.apiserver.registry.services import ServiceHooks
from kajitori.apiserver.user import LOOPBACK_USER
from kajitori.machinery.errors import InternalError, Invalid


def create(hooks: ServiceHooks, *, dry_run: bool = False, **spec: Any) -> None:
    ports = spec.pop("ports", [{"port": 80, "protocol": "TCP"}])
    obj = {"metadata": {"name": "web", "namespace": "ns"}, "spec": {"type": "ClusterIP", "ports": ports, **spec}}
    resource: Any = None
    asyncio.run(hooks.before_create(WriteContext(resource, LOOPBACK_USER, "ns", "web", dry_run=dry_run), obj))


def test_what_services_get_is_counted_by_whether_they_asked_for_it(make_deps: Any) -> None:
    deps = make_deps(service_cluster_ip_range="10.0.0.0/29", service_node_port_range=(30000, 30003))
    hooks = ServiceHooks(deps)
    create(hooks, clusterIP="10.0.0.2", type="NodePort", ports=[{"port": 80, "nodePort": 30001}, {"port": 81}])
    create(hooks)
    create(hooks, dry_run=True)
    with pytest.raises(Invalid):
        create(hooks, clusterIP="10.0.0.2")
    with pytest.raises(Invalid):
        create(hooks, type="NodePort", ports=[{"port": 80, "nodePort": 30001}])
    with pytest.raises(InternalError):
        create(hooks, type="NodePort", ports=[{"port": port} for port in (1, 2, 3)])
    lines = [line for line in deps.metrics.registry.text().splitlines() if line.startswith("kube_apiserver_")]
    numbers = dict(line.removeprefix("kube_apiserver_").rsplit(" ", 1) for line in lines)
    ips, ports = "clusterip_allocator_", "nodeport_allocator_"
    dynamic, static = '{cidr="10.0.0.0/29",scope="dynamic"}', '{cidr="10.0.0.0/29",scope="static"}'
    assert numbers == {
        f'{ips}allocated_ips{{cidr="10.0.0.0/29"}}': "3",  # the dry run is given back by who tried it
        f'{ips}available_ips{{cidr="10.0.0.0/29"}}': "3",
        f"{ips}allocation_total{dynamic}": "1",
        f"{ips}allocation_total{static}": "1",
        f"{ips}allocation_errors_total{static}": "1",
        f"{ports}allocated_ports": "2",
        f"{ports}available_ports": "2",
        f'{ports}allocation_total{{scope="dynamic"}}': "1",
        f'{ports}allocation_total{{scope="static"}}': "1",
        f'{ports}allocation_errors_total{{scope="dynamic"}}': "1",
        f'{ports}allocation_errors_total{{scope="static"}}': "1",
    }
