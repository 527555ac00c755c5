"""NodeRestriction: what a kubelet may write, in upstream's words."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.apiserver.admission.admissionrequests import NODE, Object, pod, request, run

from kajitori.apiserver.admission.noderestriction import may_label
from kajitori.apiserver.admission_types import CREATE, DELETE, UPDATE
from kajitori.machinery.errors import Forbidden


def mirror(node: str = "n1", **spec: Any) -> Object:
    made = pod(nodeName=node, **spec)
    made["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    made["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "Node", "name": node, "uid": "u1", "controller": True}
    ]
    return made


def owned(**changes: Any) -> Object:
    """A mirror Pod whose owner is told otherwise."""
    made = mirror()
    made["metadata"]["ownerReferences"][0].update(changes)
    return made


def claim(**status: Any) -> Object:
    return {"metadata": {"name": "c", "namespace": "ns"}, "spec": {}, "status": status}


def resource_slice(node: str) -> Object:
    return {"metadata": {"name": "s"}, "spec": {"nodeName": node}}


class TestNodeRestriction:
    @pytest.mark.parametrize(
        ("operation", "plural", "obj", "old", "subresource", "why"),
        [
            (CREATE, "pods", mirror(), None, "", ""),
            (CREATE, "pods", mirror("n2"), None, "", "can only create pods with spec.nodeName set to itself"),
            (CREATE, "pods", pod(nodeName="n1"), None, "", "can only create mirror pods"),
            (
                CREATE,
                "pods",
                mirror(volumes=[{"name": "c", "configMap": {"name": "c"}}]),
                None,
                "",
                "can not create pods that reference configmaps",
            ),
            (DELETE, "pods", None, pod(nodeName="n1"), "", ""),
            (DELETE, "pods", None, pod(nodeName="n2"), "", "can only delete pods with spec.nodeName set to itself"),
            (UPDATE, "pods", pod(nodeName="n1"), pod(nodeName="n1"), "status", ""),
            (UPDATE, "pods", pod(nodeName="n2"), pod(nodeName="n2"), "status", "can only update pod status for pods"),
            (UPDATE, "nodes", {"metadata": {"name": "n1"}}, {"metadata": {"name": "n1"}}, "", ""),
            (
                UPDATE,
                "nodes",
                {"metadata": {"name": "n2"}},
                {"metadata": {"name": "n2"}},
                "",
                'is not allowed to modify node "n2"',
            ),
            (
                UPDATE,
                "nodes",
                {"metadata": {"name": "n1", "labels": {"node-restriction.kubernetes.io/x": "y"}}},
                {"metadata": {"name": "n1"}},
                "status",
                'nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x',
            ),
            (
                UPDATE,
                "nodes",
                {"metadata": {"name": "n1"}, "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}},
                {"metadata": {"name": "n1"}},
                "",
                "is not allowed to modify taints",
            ),
            (
                UPDATE,
                "nodes",
                {"metadata": {"name": "n1", "ownerReferences": [{"name": "x"}]}},
                {"metadata": {"name": "n1"}},
                "",
                "is not allowed to modify ownerReferences",
            ),
            (CREATE, "pods", owned(controller=False), None, "", "with a controller owner reference set to itself"),
            (CREATE, "pods", owned(blockOwnerDeletion=True), None, "", "must not set blockOwnerDeletion"),
            (CREATE, "pods", owned(uid="other"), None, "", "node n1 UID mismatch: expected other got u1"),
            (CREATE, "pods", owned(name="n2"), None, "", "with an owner reference set to itself"),
            (
                CREATE,
                "pods",
                mirror(resourceClaims=[{"name": "c", "resourceClaimName": "gpu"}]),
                None,
                "",
                "can not create pods that reference resourceclaims",
            ),
            (
                CREATE,
                "pods",
                mirror(volumes=[{"name": "e", "ephemeral": {}}]),
                None,
                "",
                r"can not create pods that reference persistentvolumeclaims \(via ephemeral volumes\)",
            ),
            (UPDATE, "pods", pod(nodeName="n1"), pod(nodeName="n1"), "resize", 'unexpected pod subresource "resize"'),
            (UPDATE, "persistentvolumeclaims", claim(capacity={"storage": "2"}), claim(), "status", ""),
            (UPDATE, "persistentvolumeclaims", claim(phase="Bound"), claim(), "status", "fields other than status.cap"),
            (UPDATE, "persistentvolumeclaims", claim(), claim(), "", "may only update PVC status"),
            (CREATE, "resourceslices", resource_slice("n1"), None, "", ""),
            (CREATE, "resourceslices", resource_slice("n2"), None, "", "can only create ResourceSlice with the same"),
            (DELETE, "resourceslices", None, resource_slice("n2"), "", "can only delete ResourceSlice with the same"),
        ],
    )
    def test_rule(self, deps: Any, operation: str, plural: str, obj: Any, old: Any, subresource: str, why: str) -> None:
        made = request(operation, plural, obj, old, subresource=subresource, user=NODE)
        deps.reader.put("", "nodes", {"metadata": {"name": "n1", "uid": "u1"}})
        if not why:
            run(deps, made)
            return
        with pytest.raises(Forbidden, match=why):
            run(deps, made)

    def test_tokens_only_for_own_pods(self, deps: Any, world: Any) -> None:
        world.put("", "pods", {**pod(nodeName="n2"), "metadata": {"name": "p", "namespace": "ns", "uid": "u"}})
        reference = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "u"}
        token = {"metadata": {"name": "default", "namespace": "ns"}, "spec": {"boundObjectRef": reference}}
        with pytest.raises(Forbidden, match="bound to a pod scheduled on a different node"):
            run(deps, request(CREATE, "serviceaccounts", token, subresource="token", user=NODE))

    @pytest.mark.parametrize(
        ("audiences", "why"),
        [
            ([], ""),
            (["vault"], ""),
            (["csi"], ""),
            (["other"], 'audience "other" not found in pod spec volume, system:node:n1 is not authorized to request'),
            (["vault", "csi"], "node may only request 0 or 1 audiences"),
        ],
    )
    def test_tokens_only_for_audiences_that_the_pod_uses(self, deps: Any, audiences: list[str], why: str) -> None:
        sources = [{"serviceAccountToken": {"path": "t"}}, {"serviceAccountToken": {"path": "v", "audience": "vault"}}]
        volumes = [
            {"name": "t", "projected": {"sources": sources}},
            {"name": "d", "persistentVolumeClaim": {"claimName": "c"}},
        ]
        made = {**pod(nodeName="n1", volumes=volumes), "metadata": {"name": "p", "namespace": "ns", "uid": "u"}}
        deps.reader.put("", "pods", made)
        deps.reader.put("", "persistentvolumeclaims", {**claim(), "spec": {"volumeName": "v"}})
        deps.reader.put("", "persistentvolumes", {"metadata": {"name": "v"}, "spec": {"csi": {"driver": "d"}}})
        driver = {"metadata": {"name": "d"}, "spec": {"tokenRequests": [{"audience": "csi"}]}}
        deps.reader.put("storage.k8s.io", "csidrivers", driver)
        reference = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "u"}
        token = {
            "metadata": {"name": "default", "namespace": "ns"},
            "spec": {"boundObjectRef": reference, "audiences": audiences},
        }
        asked = request(CREATE, "serviceaccounts", token, subresource="token", user=NODE)
        if not why:
            run(deps, asked)
            return
        with pytest.raises(Forbidden, match=why):
            run(deps, asked)

    @pytest.mark.parametrize(
        ("label", "allowed"),
        [
            ("kubernetes.io/hostname", True),
            ("example.com/zone", True),
            ("plain", True),
            ("node.kubernetes.io/anything", True),
            ("foo.kubernetes.io/x", False),
            ("node-role.kubernetes.io/control-plane", False),
            ("x.node-restriction.kubernetes.io/y", False),
        ],
    )
    def test_labels(self, label: str, allowed: bool) -> None:
        assert may_label(label) is allowed
