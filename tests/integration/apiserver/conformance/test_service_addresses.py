"""IPAddresses and ServiceCIDRs: named after addresses, tied to what uses them, and never changed."""

import pytest
from tests.waiting import eventually

pytestmark = pytest.mark.integration
IPS = "/apis/networking.k8s.io/v1/ipaddresses"
CIDRS = "/apis/networking.k8s.io/v1/servicecidrs"
PARENT = {"group": "mygroup", "resource": "myresources", "namespace": "foo", "name": "bar"}


def address(name, **labels):
    return {"metadata": {"name": name, "labels": labels}, "spec": {"parentRef": PARENT}}


def test_addresses_of_both_families_are_written_read_and_deleted(api):
    with api.watch(
        IPS, labelSelector="type=broadcast", resourceVersion=api.get(IPS).ok()["metadata"]["resourceVersion"]
    ) as w:
        made = api.post(IPS, address("255.255.255.255", type="broadcast")).ok()
        api.post(IPS, address("fe80::42:1dff:fe84:f9e2", type="link-local")).ok()
        one = f"{IPS}/255.255.255.255"
        patched = api.patch(one, {"metadata": {"annotations": {"patched": "true"}}}).ok()
        assert int(patched["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"])
        patched["metadata"]["annotations"]["updated"] = "true"
        assert api.put(one, patched).ok()["metadata"]["annotations"] == {"patched": "true", "updated": "true"}
        assert api.get(one).ok()["spec"] == {"parentRef": PARENT}
        found = api.get(IPS, labelSelector="type=broadcast").ok()["items"]
        assert [item["metadata"]["name"] for item in found] == ["255.255.255.255"]
        api.delete(one).ok()
        assert [kind for kind, _ in w.take(4)] == ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]
    assert api.get(f"{IPS}/fe80::42:1dff:fe84:f9e2").status == 200
    api.delete(IPS, labelSelector="type=link-local").ok()
    assert api.get(IPS, labelSelector="type=link-local").ok()["items"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            address("example"),
            'metadata.name: Invalid value: "example": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        ),
        (address("10.0.0.01"), 'metadata.name: Invalid value: "10.0.0.01": must not have leading 0s'),
        (
            address("2001:DB8::1"),
            'metadata.name: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")',
        ),
        ({"metadata": {"name": "10.1.2.3"}, "spec": {}}, "spec.parentRef: Required value"),
        (
            {"metadata": {"name": "10.1.2.3"}, "spec": {"parentRef": {"resource": "services"}}},
            "spec.parentRef.name: Required value",
        ),
        (
            {"metadata": {"name": "10.1.2.3"}, "spec": {"parentRef": {"name": "a"}}},
            "spec.parentRef.resource: Required value",
        ),
    ],
)
def test_what_is_no_address_is_refused(api, body, message):
    assert message in api.post(IPS, body).fails(422, "Invalid")["message"]


def test_an_address_stays_with_its_owner(api):
    made = api.post(IPS, address("192.0.2.7")).ok()
    made["spec"]["parentRef"] = {**PARENT, "name": "other"}
    status = api.put(f"{IPS}/192.0.2.7", made).fails(422, "Invalid")
    assert status["details"]["causes"][0]["field"] == "spec.parentRef"
    assert "field is immutable" in status["message"]
    api.delete(f"{IPS}/192.0.2.7").ok()


def test_the_default_service_cidr_is_there(api, control_plane):
    found = api.get(f"{CIDRS}/kubernetes").ok()
    assert found["spec"]["cidrs"] == [control_plane.server.config.service_cluster_ip_range]
    conditions = eventually(
        lambda: api.get(f"{CIDRS}/kubernetes").ok()["status"].get("conditions"), "it is told that it is ready"
    )
    assert [(c["type"], c["status"], c["message"]) for c in conditions] == [
        ("Ready", "True", "Kubernetes default Service CIDR is ready")
    ]
    status = api.get(f"{CIDRS}/kubernetes/status").ok()
    assert (status["kind"], status["metadata"]["uid"]) == ("ServiceCIDR", found["metadata"]["uid"])
    assert "kubernetes" in {item["metadata"]["name"] for item in api.get(CIDRS).ok()["items"]}
    with api.watch(CIDRS) as watch:
        assert watch.names(1) == [("ADDED", "kubernetes")]


@pytest.mark.parametrize(
    ("cidrs", "message"),
    [
        ([], "spec.cidrs: Required value: at least one CIDR required"),
        (["10.0.0.0/8", "10.1.0.0/16"], "spec.cidrs: Invalid value"),
        (["10.0.0.0/24", "fd00::/112", "10.1.0.0/24"], "spec.cidrs: Invalid value"),
        (["10.0.0.1/24"], 'spec.cidrs[0]: Invalid value: "10.0.0.1/24"'),
        (["nowhere"], 'spec.cidrs[0]: Invalid value: "nowhere"'),
    ],
)
def test_what_is_no_range_is_refused(api, cidrs, message):
    answer = api.post(CIDRS, {"metadata": {"name": "bad"}, "spec": {"cidrs": cidrs}})
    assert message in answer.fails(422, "Invalid")["message"]


def test_a_range_is_never_changed(api):
    made = api.post(CIDRS, {"metadata": {"name": "more"}, "spec": {"cidrs": ["203.0.113.0/24"]}}).ok()
    made["spec"]["cidrs"] = ["203.0.112.0/24"]
    status = api.put(f"{CIDRS}/more", made).fails(422, "Invalid")
    assert [cause["field"] for cause in status["details"]["causes"]] == ["spec.cidrs[0]"]
    api.delete(f"{CIDRS}/more").ok()


def cluster_ip(api, place, name, **spec):
    made = api.post(place("services"), {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}}).ok()
    return made["spec"]["clusterIP"]


def parent_of(api, ip):
    answer = api.get(f"{IPS}/{ip}")
    return answer.ok()["spec"]["parentRef"] if answer.status == 200 else None


def test_every_cluster_ip_has_its_address_for_as_long_as_its_service_holds_it(api, place):
    ip = cluster_ip(api, place, "s")
    parent = {"resource": "services", "namespace": place.name, "name": "s"}
    eventually(lambda: parent_of(api, ip), "the address is there", holds=lambda found: found == parent)
    assert api.get(f"{IPS}/{ip}").ok()["metadata"]["labels"] == {
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    }
    api.delete(f"{IPS}/{ip}").ok()
    eventually(lambda: parent_of(api, ip), "it is written again", holds=lambda found: found == parent)
    api.patch(place("services", "s"), {"spec": {"type": "ExternalName", "externalName": "example.com"}}).ok()
    eventually(lambda: parent_of(api, ip) is None, "the address goes when the Service gives it up")
    again = cluster_ip(api, place, "t", clusterIP=ip)
    eventually(lambda: (parent_of(api, again) or {}).get("name") == "t", "another Service may have it")
    api.delete(place("services", "t")).ok()
    third = cluster_ip(api, place, "u", clusterIP=ip)
    eventually(lambda: (parent_of(api, third) or {}).get("name") == "u", "and a third, at once")
    eventually(
        lambda: parent_of(api, api.get("/api/v1/namespaces/default/services/kubernetes").ok()["spec"]["clusterIP"]),
        "kubernetes",
    )


def test_an_address_that_somebody_holds_is_given_to_no_service(api, place):
    ip = cluster_ip(api, place, "s")
    api.delete(place("services", "s")).ok()
    eventually(lambda: parent_of(api, ip) is None, "the address is free")
    api.post(IPS, address(ip)).ok()
    answer = api.post(
        place("services"), {"metadata": {"name": "s"}, "spec": {"clusterIP": ip, "ports": [{"port": 80}]}}
    )
    assert f"failed to allocate IP {ip}: provided IP is already allocated" in answer.fails(422, "Invalid")["message"]
    api.delete(f"{IPS}/{ip}").ok()
    assert cluster_ip(api, place, "s", clusterIP=ip) == ip


def ready_of(api, name):
    answer = api.get(f"{CIDRS}/{name}")
    conditions = answer.ok()["status"].get("conditions") or () if answer.status == 200 else ()
    return next(((c["status"], c["reason"], c["message"]) for c in conditions if c["type"] == "Ready"), None)


def test_another_range_serves_services_until_it_is_deleted_and_empty(cluster, room):
    name = f"more-{room.name}"
    body = {"metadata": {"name": name}, "spec": {"cidrs": ["203.0.113.0/28"]}}
    spec = {"clusterIP": "203.0.113.3", "ports": [{"port": 80}]}
    wanted = {"metadata": {"name": "s"}, "spec": spec}
    refused = cluster.post(room("services"), wanted).fails(422, "Invalid")
    assert "the provided network does not match the current range" in refused["message"]
    cluster.post(CIDRS, body).ok()
    ready = ("True", "", "Kubernetes Service CIDR is ready")
    eventually(lambda: ready_of(cluster, name), "the range is ready", holds=lambda found: found == ready)
    cluster.post(room("services"), wanted).ok()
    eventually(lambda: parent_of(cluster, "203.0.113.3"), "its address is written down")
    again = cluster.post(room("services"), {"metadata": {"name": "t"}, "spec": spec}).fails(422, "Invalid")
    assert "provided IP is already allocated" in again["message"]
    assert cluster.delete(f"{CIDRS}/{name}").ok()["metadata"]["finalizers"] == [
        "networking.k8s.io/service-cidr-finalizer"
    ]
    held = eventually(
        lambda: ready_of(cluster, name), "it waits for the address", holds=lambda r: r and r[0] == "False"
    )
    assert held[1] == "Terminating"
    assert "There are still IPAddresses referencing the ServiceCIDR" in held[2]
    other = {"metadata": {"name": "u"}, "spec": {**spec, "clusterIP": "203.0.113.4"}}
    cluster.post(room("services"), other).fails(422, "Invalid")
    cluster.delete(room("services", "s")).ok()
    eventually(lambda: cluster.get(f"{CIDRS}/{name}").status == 404, "the range is gone")
