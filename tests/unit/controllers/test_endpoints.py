import pytest

from kajitori.controllers import endpointslice_plan as slices
from kajitori.controllers.endpoints import desired as desired_endpoints
from kajitori.controllers.service_pods import ports_of

HTTP = {"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}


def _plan(service, pods, existing=(), limit=100):
    return slices.plan(service, slices.desired(service, pods, {}), existing, changed_at=None, limit=limit)


def _stored(item, name):
    item.metadata.name, item.metadata.uid = name, f"uid-{name}"
    return item


@pytest.mark.parametrize(
    "facts,publish,conditions",
    [
        ({"ready": True}, False, (True, True, False)),
        ({"ready": False}, False, (False, False, False)),
        ({"ready": False}, True, (True, False, False)),
        ({"ready": True, "deleted": "2026-01-01T00:00:00Z"}, False, (False, True, True)),
    ],
)
def test_conditions_of_an_endpoint(service, pod, facts, publish, conditions) -> None:
    svc = service(ports=[HTTP], publishNotReadyAddresses=publish)
    ((item,),) = slices.desired(svc, [pod(ip="10.0.0.1", **facts)], {}).values()
    assert (item.conditions.ready, item.conditions.serving, item.conditions.terminating) == conditions


@pytest.mark.parametrize("facts", [{"phase": "Succeeded", "ip": "10.0.0.1"}, {"phase": "Failed", "ip": "1.1.1.1"}, {}])
def test_finished_and_addressless_pods_are_no_endpoints(service, pod, facts) -> None:
    assert slices.desired(service(ports=[HTTP]), [pod(**facts)], {}) == {}


def test_named_target_ports_are_resolved_per_pod(service, pod) -> None:
    svc = service(ports=[{"name": "http", "port": 80, "targetPort": "web", "protocol": "TCP"}])
    one = pod("a", ports=[{"name": "web", "containerPort": 8080, "protocol": "TCP"}])
    other = pod("b", ports=[{"name": "other", "containerPort": 1}])
    assert [p.port for p in ports_of(svc, one)] == [8080]
    assert ports_of(svc, other) == ()


def test_the_first_slice_is_owned_and_labelled(service, pod) -> None:
    changes = _plan(service(ports=[HTTP], labels={"team": "a"}), [pod(ip="10.0.0.1", ready=True)])
    (made,) = changes.create
    assert made.metadata.generate_name == "web-"
    assert made.metadata.labels == {
        "team": "a",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    assert made.metadata.owner_references[0].name == "web"
    assert (changes.update, changes.delete) == ([], [])


def test_nothing_changes_when_nothing_changed(service, pod) -> None:
    svc, pods = service(ports=[HTTP]), [pod(ip="10.0.0.1", ready=True)]
    made = _stored(_plan(svc, pods).create[0], "web-1")
    changes = _plan(svc, pods, [made])
    assert (changes.create, changes.update, changes.delete) == ([], [], [])


def test_slices_fill_up_before_another_is_made_and_keep_their_endpoints(service, pod) -> None:
    svc = service(ports=[HTTP])
    pods = [pod(f"p{n}", ip=f"10.0.0.{n}", ready=True) for n in range(1, 6)]
    first = _plan(svc, pods[:3], limit=2).create
    assert [len(item.endpoints) for item in first] == [2, 1]
    stored = [_stored(item, f"web-{n}") for n, item in enumerate(first)]
    changes = _plan(svc, pods, stored, limit=2)
    assert [len(item.endpoints) for item in changes.update] == [2]
    assert [len(item.endpoints) for item in changes.create] == [1]
    assert changes.update[0].metadata.name == "web-1"


def test_losing_all_endpoints_leaves_one_empty_slice(service, pod) -> None:
    svc = service(ports=[HTTP])
    stored = _stored(_plan(svc, [pod(ip="10.0.0.1", ready=True)]).create[0], "web-1")
    changes = _plan(svc, [], [stored])
    assert [item.endpoints for item in changes.create] == [[]]
    assert [item.metadata.name for item in changes.delete] == ["web-1"]
    empty = _stored(changes.create[0], "web-2")
    again = _plan(svc, [], [empty])
    assert (again.create, again.update, again.delete) == ([], [], [])


def test_a_headless_service_is_marked_and_its_pods_keep_their_hostnames(service, pod) -> None:
    svc = service(clusterIP="None", ports=[])
    (made,) = _plan(svc, [pod(ip="10.0.0.1", ready=True, hostname="web-0", subdomain="web")]).create
    assert made.metadata.labels["service.kubernetes.io/headless"] == ""
    assert made.endpoints[0].hostname == "web-0"


def test_endpoints_group_addresses_by_ports_and_readiness(service, pod) -> None:
    svc = service(ports=[HTTP])
    pods = [pod("b", ip="10.0.0.2", ready=True), pod("a", ip="10.0.0.1", ready=True), pod("c", ip="10.0.0.3")]
    wire = desired_endpoints(svc, pods)
    (subset,) = wire["subsets"]
    assert [a["ip"] for a in subset["addresses"]] == ["10.0.0.1", "10.0.0.2"]
    assert [a["ip"] for a in subset["notReadyAddresses"]] == ["10.0.0.3"]
    assert subset["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    assert wire["metadata"]["labels"] == {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}


def test_endpoints_beyond_a_thousand_are_cut_and_marked(service, pod) -> None:
    pods = [pod(f"p{n}", ip=f"10.0.{n // 250}.{n % 250 + 1}", ready=True) for n in range(1001)]
    wire = desired_endpoints(service(ports=[HTTP]), pods)
    assert sum(len(subset["addresses"]) for subset in wire["subsets"]) == 1000
    assert wire["metadata"]["annotations"] == {"endpoints.kubernetes.io/over-capacity": "truncated"}
