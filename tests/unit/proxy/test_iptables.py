"""The text of the iptables ruleset."""

import itertools
from dataclasses import replace

from kajitori.proxy.iptables.installed import cleanup, emptied, missing_hooks, service_chains
from kajitori.proxy.iptables.ruleset import render
from kajitori.proxy.names import chain_hash, endpoint_chain
from kajitori.proxy.ruleset import Options
from kajitori.proxy.services import Endpoint, ServicePort

A, B = Endpoint("10.180.0.1", 80), Endpoint("10.180.0.2", 80, is_local=True)
WEB = ServicePort(
    namespace="ns1",
    name="svc1",
    port_name="p80",
    protocol="tcp",
    cluster_ip="172.30.0.41",
    port=80,
    cluster_endpoints=(A,),
)
OPTIONS = Options(cluster_cidr="10.0.0.0/8")


def lines(*ports: ServicePort, options: Options = OPTIONS) -> list[str]:
    return render(ports, options).text.splitlines()


def test_chain_names_are_those_of_upstream() -> None:
    # The names that kube-proxy's own tests show for this service and endpoint.
    assert chain_hash(WEB) == "XPGD46QRK7WJZT7O"
    assert endpoint_chain(WEB, A) == "KUBE-SEP-SXIVWICOYRO3J4NJ"


def test_a_cluster_ip_leads_to_its_endpoint() -> None:
    text = lines(WEB)
    svc, sep = "KUBE-SVC-XPGD46QRK7WJZT7O", "KUBE-SEP-SXIVWICOYRO3J4NJ"
    head = '-m comment --comment "ns1/svc1:p80 cluster IP" -m tcp -p tcp -d 172.30.0.41 --dport 80'
    assert f"-A KUBE-SERVICES {head} -j {svc}" in text
    assert f"-A {svc} {head} ! -s 10.0.0.0/8 -j KUBE-MARK-MASQ" in text
    assert f'-A {svc} -m comment --comment "ns1/svc1:p80 -> 10.180.0.1:80" -j {sep}' in text
    assert f'-A {sep} -m comment --comment "ns1/svc1:p80" -s 10.180.0.1 -j KUBE-MARK-MASQ' in text
    assert f'-A {sep} -m comment --comment "ns1/svc1:p80" -m tcp -p tcp -j DNAT --to-destination 10.180.0.1:80' in text


def test_every_endpoint_has_the_same_chance() -> None:
    three = replace(WEB, cluster_endpoints=(A, B, Endpoint("10.180.0.3", 80)))
    chances = [line for line in lines(three) if "--probability" in line]
    assert [line.split("--probability ")[1].split()[0] for line in chances] == ["0.3333333333", "0.5000000000"]


def test_without_endpoints_it_is_refused_in_the_filter_table() -> None:
    text = lines(replace(WEB, cluster_endpoints=(), node_port=30080))
    assert (
        '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 has no endpoints"'
        " -m tcp -p tcp -d 172.30.0.41 --dport 80 -j REJECT" in text
    )
    assert (
        '-A KUBE-EXTERNAL-SERVICES -m comment --comment "ns1/svc1:p80 has no endpoints"'
        " -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j REJECT" in text
    )
    assert not any("KUBE-SVC" in line for line in text)


def test_node_ports_are_the_last_rule_of_the_services_chain() -> None:
    rules = [line for line in lines(replace(WEB, node_port=30080)) if line.startswith("-A KUBE-SERVICES")]
    assert rules[-1].endswith("-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")


def test_local_policy_short_circuits_traffic_of_the_cluster_itself() -> None:
    text = lines(replace(WEB, node_port=30080, is_external_local=True, cluster_endpoints=(A, B), local_endpoints=(B,)))
    ext = [line for line in text if line.startswith("-A KUBE-EXT-")]
    assert "-s 10.0.0.0/8 -j KUBE-SVC-" in ext[0]
    assert "--src-type LOCAL -j KUBE-MARK-MASQ" in ext[1]
    assert "--src-type LOCAL -j KUBE-SVC-" in ext[2]
    assert ext[3].endswith("-j KUBE-SVL-XPGD46QRK7WJZT7O")


def test_stale_chains_are_emptied_and_deleted() -> None:
    first = render([WEB], OPTIONS)
    second = render([], OPTIONS, existing=first.chains)
    for chain in first.chains:
        assert f":{chain} - [0:0]" in second.text
        assert f"-X {chain}" in second.text
    assert second.chains == frozenset()


def test_equal_input_gives_equal_text() -> None:
    assert render([WEB], OPTIONS) == render([WEB], OPTIONS)


def test_hooks_are_added_where_they_are_missing_only() -> None:
    everything = missing_hooks("")
    assert "-I PREROUTING" in everything
    saved, table = [], ""
    for line in everything.splitlines():
        table = line if line.startswith("*") else table
        saved.append(line.replace("-I ", "-A ", 1))
    assert missing_hooks("\n".join(saved)) == ""


def test_cleanup_takes_out_jumps_and_chains() -> None:
    saved = (
        "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC-X - [0:0]\n:OTHER - [0:0]\n"
        '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\nCOMMIT\n'
    )
    text = cleanup(saved)
    assert '-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES' in text
    assert "-X KUBE-SERVICES" in text
    assert "-X KUBE-SVC-X" in text
    assert "OTHER" not in text
    assert service_chains(saved) == {"KUBE-SVC-X"}
    assert cleanup("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n") == ""


def test_chains_of_unchanged_services_are_left_alone() -> None:
    other = replace(WEB, name="svc2", cluster_ip="172.30.0.42", node_port=30080)
    first = render([WEB, other], OPTIONS)
    changed = replace(other, cluster_endpoints=(B,))
    second = render([WEB, changed], OPTIONS, existing=first.chains, unchanged={WEB})
    assert second.chains == render([WEB, changed], OPTIONS).chains
    assert f":KUBE-SVC-{chain_hash(WEB)} - [0:0]" not in second.text
    assert f"-X KUBE-SVC-{chain_hash(WEB)}" not in second.text
    assert f"--dport 80 -j KUBE-SVC-{chain_hash(WEB)}" in second.text, "the way to it is written anew"
    assert f":KUBE-SVC-{chain_hash(changed)} - [0:0]" in second.text
    assert f"-X {endpoint_chain(other, A)}" in second.text


def test_no_chain_of_a_service_is_without_rules() -> None:
    """So one that has none was flushed by somebody."""
    both = (True, False)
    for cluster, local in (((A, B), (A,)), ((A, B), ()), ((A,), (A,))):
        for node_port, balanced, ranges, inside, outside in itertools.product((0, 30080), both, both, both, both):
            port = replace(
                WEB, node_port=node_port, load_balancer_ips=("5.6.7.8",) if balanced else (),
                source_ranges=("10.0.0.0/8",) if ranges else (), is_internal_local=inside, is_external_local=outside,
                cluster_endpoints=cluster, local_endpoints=local,
            )  # fmt: skip
            for options in (OPTIONS, replace(OPTIONS, cluster_cidr="")):
                ruleset = render([port], options)
                assert emptied(ruleset.text, ruleset.chains) == set(), port
    assert emptied("*nat\n:KUBE-SVC-X - [0:0]\nCOMMIT\n", ["KUBE-SVC-X"]) == {
        "KUBE-SVC-X", "KUBE-POSTROUTING", "KUBE-FORWARD"
    }  # fmt: skip
