"""Which claims get which volume, and what is removed."""

from typing import Any

import pytest

from kajitori.provisioner import views as v
from kajitori.provisioner.plan import (
    LOCAL_PATH,
    MINIKUBE,
    PROVISIONED_BY,
    SELECTED_NODE,
    Options,
    Unprovisionable,
    directory_to_remove,
    is_doomed,
    is_wanted,
    volume_for,
)

OPTIONS = Options(
    roots={MINIKUBE: "/tmp/hostpath-provisioner", LOCAL_PATH: "/var/local-path-provisioner"}, identity="n1"
)
STANDARD = v.StorageClass(metadata=v.Meta(name="standard"), provisioner=MINIKUBE, reclaim_policy="Delete")
LOCAL = v.StorageClass(
    metadata=v.Meta(name="standard"), provisioner=LOCAL_PATH, volume_binding_mode="WaitForFirstConsumer"
)


def claim(*, node: str = "", phase: str = "Pending", **spec: Any) -> v.Claim:
    annotations = {SELECTED_NODE: node} if node else {}
    meta = v.Meta(name="data", namespace="shop", uid="u-1", resource_version="7", annotations=annotations)
    given = {
        "storage_class_name": "standard",
        "access_modes": ["ReadWriteOnce"],
        "resources": v.Resources(requests={"storage": "1Gi"}),
        **spec,
    }
    return v.Claim(metadata=meta, spec=v.ClaimSpec(**given), status=v.ClaimStatus(phase=phase))


@pytest.mark.parametrize(
    ("given", "storage_class", "wanted"),
    [
        (claim(), STANDARD, True),
        (claim(phase="Bound"), STANDARD, False),
        (claim(volume_name="pv"), STANDARD, False),
        (claim(), None, False),
        (claim(), v.StorageClass(provisioner="other"), False),
        (claim(), LOCAL, False),
        (claim(node="n1"), LOCAL, True),
    ],
    ids=["pending", "bound", "chosen by hand", "no class", "other provisioner", "waits for a consumer", "node chosen"],
)
def test_a_claim_is_served_when_it_is_our_turn(given: Any, storage_class: Any, wanted: bool) -> None:
    assert is_wanted(given, storage_class, OPTIONS) is wanted


def test_a_volume_of_minikube_lies_under_namespace_and_claim() -> None:
    volume = volume_for(claim(), STANDARD, OPTIONS)
    assert volume["metadata"]["name"] == "pvc-u-1"
    assert volume["metadata"]["annotations"] == {PROVISIONED_BY: MINIKUBE, "hostPathProvisionerIdentity": "n1"}
    spec = volume["spec"]
    assert spec["hostPath"] == {"path": "/tmp/hostpath-provisioner/shop/data", "type": ""}
    assert spec["claimRef"]["uid"] == "u-1"
    assert (spec["capacity"], spec["accessModes"]) == ({"storage": "1Gi"}, ["ReadWriteOnce"])
    assert "nodeAffinity" not in spec


def test_a_local_path_volume_belongs_to_its_node() -> None:
    spec = volume_for(claim(node="n2"), LOCAL, OPTIONS)["spec"]
    assert spec["hostPath"] == {"path": "/var/local-path-provisioner/pvc-u-1_shop_data", "type": "DirectoryOrCreate"}
    (term,) = spec["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == ["n2"]


def test_block_volumes_are_refused() -> None:
    with pytest.raises(Unprovisionable, match="block volume"):
        volume_for(claim(volume_mode="Block"), STANDARD, OPTIONS)


def volume(path: str, phase: str = "Released", policy: str = "Delete", by: str = MINIKUBE) -> v.Volume:
    return v.Volume(
        metadata=v.Meta(name="pvc-u-1", annotations={PROVISIONED_BY: by}),
        spec=v.VolumeSpec(host_path=v.HostPath(path=path), persistent_volume_reclaim_policy=policy),
        status=v.VolumeStatus(phase=phase),
    )


def test_only_our_released_volumes_with_policy_delete_go() -> None:
    path = "/tmp/hostpath-provisioner/shop/data"
    assert is_doomed(volume(path), OPTIONS)
    assert not is_doomed(volume(path, phase="Bound"), OPTIONS)
    assert not is_doomed(volume(path, policy="Retain"), OPTIONS)
    assert not is_doomed(volume(path, by="other"), OPTIONS)


@pytest.mark.parametrize(
    ("path", "removed"),
    [
        ("/tmp/hostpath-provisioner/shop/data", "/tmp/hostpath-provisioner/shop/data"),
        ("/tmp/hostpath-provisioner", ""),
        ("/tmp/hostpath-provisioner/../x", ""),
        ("/etc", ""),
    ],
)
def test_nothing_outside_the_own_directory_is_ever_removed(path: str, removed: str) -> None:
    assert directory_to_remove(volume(path), OPTIONS) == removed
