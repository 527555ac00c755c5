"""CertificateSigningRequests from the request to a certificate that the API server believes; bootstrap tokens."""

from __future__ import annotations

import asyncio
import base64
import json
import stat
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.apiserver.plainhttps import ask
from tests.waiting import until

from kajitori.aiokit.clock import FakeClock
from kajitori.api import schema
from kajitori.api.certificates.v1 import CertificateSigningRequest, CertificateSigningRequestCondition
from kajitori.api.core.v1 import ConfigMap, Node, Secret
from kajitori.api.rbac.v1 import ClusterRoleBinding
from kajitori.client import kubeconfig as kubeconfigs
from kajitori.client.rest import Client
from kajitori.controllers.controller import Options
from kajitori.controllers.manager import ControllerManager
from kajitori.kubelet import clientcertificate
from kajitori.machinery import certificates
from kajitori.machinery.errors import NotFound
from kajitori.machinery.times import format_time
from kajitori.testing import ControlPlane

pytestmark = pytest.mark.integration
CONTROLLERS = ("csrapproving", "csrsigning", "csrcleaner", "bootstrapsigner", "tokencleaner")
USAGES = ["digital signature", "client auth"]
KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"


def with_controllers(story: Callable[[ControlPlane, Client], Awaitable[None]]) -> None:
    """Runs a story on a server with the certificate controllers, each under its own account."""

    async def main() -> None:
        async with ControlPlane(authorization_mode=("Node", "RBAC"), enable_bootstrap_token_auth=True) as control_plane:
            pki = control_plane.data_dir / "pki"
            files = {"": (str(pki / "ca.crt"), str(pki / "ca.key"))}
            async with Client(control_plane.rest_config) as client:
                options = Options(signing_files=files)
                manager = ControllerManager(client, options, CONTROLLERS, own_accounts=True)
                running = asyncio.ensure_future(manager.run())
                try:
                    async with asyncio.timeout(30):
                        await manager.synced()
                        await story(control_plane, client)
                finally:
                    running.cancel()
                    await asyncio.wait([running])

    asyncio.run(main())


def wire_csr(name: str, request: bytes, signer: str, usages: list[str] = USAGES, **spec: Any) -> Any:
    body = {"request": base64.b64encode(request).decode(), "signerName": signer, "usages": usages, **spec}
    return schema.from_wire(CertificateSigningRequest, {"metadata": {"name": name}, "spec": body})


async def told(client: Client, name: str, what: Callable[[CertificateSigningRequest], Any]) -> Any:
    """What a request says as soon as it says so."""

    async def read() -> Any:
        return what(await client.get(CertificateSigningRequest, name))

    return await until(read, f"the request {name} is answered")


def condition(kind: str) -> Callable[[CertificateSigningRequest], Any]:
    return lambda csr: next((c for c in csr.status.conditions if c.type == kind), None)


def approved(csr: CertificateSigningRequest) -> CertificateSigningRequest:
    changed = schema.clone(csr)
    wire = {"type": "Approved", "status": "True", "reason": "Test", "message": "ok"}
    changed.status.conditions.append(schema.from_wire(CertificateSigningRequestCondition, wire))
    return changed


def bootstrap_secret(**more: str) -> Any:
    data = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true", **more}
    metadata = {"name": "bootstrap-token-abcdef", "namespace": "kube-system"}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return schema.from_wire(Secret, {"metadata": metadata, "type": "bootstrap.kubernetes.io/token", "data": encoded})


def binding(role: str, member: str = "system:bootstrappers") -> Any:
    group = "rbac.authorization.k8s.io"
    wire = {
        "metadata": {"name": f"test-{role.rpartition(':')[2]}"},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": group, "kind": "Group", "name": member}],
    }
    return schema.from_wire(ClusterRoleBinding, wire)


def test_node_joins_by_a_bootstrap_token_and_is_itself_afterwards(tmp_path: Path) -> None:
    async def story(control_plane: ControlPlane, client: Client) -> None:
        await client.create(bootstrap_secret())
        await client.create(binding("system:node-bootstrapper"))
        await client.create(binding("system:certificates.k8s.io:certificatesigningrequests:nodeclient"))
        request, key = certificates.new_request("system:node:worker", organizations=["system:nodes"])
        body = {
            "apiVersion": "certificates.k8s.io/v1",
            "kind": "CertificateSigningRequest",
            "metadata": {"name": "csr-worker"},
            "spec": {
                "request": base64.b64encode(request).decode(),
                "signerName": KUBELET_CLIENT,
                "usages": USAGES,
            },
        }
        path = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
        token = "abcdef.0123456789abcdef"
        created = await asyncio.to_thread(ask, control_plane, path, method="POST", body=body, token=token)
        assert created.status == 201, created.body
        found = await told(client, "csr-worker", condition("Approved"))
        assert found.reason == "AutoApproved"
        assert found.message == "Auto approving kubelet client certificate after SubjectAccessReview."
        issued = await told(client, "csr-worker", lambda csr: csr.status.certificate)
        (tmp_path / "node.crt").write_bytes(base64.b64decode(issued))
        (tmp_path / "node.key").write_bytes(key)
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = await asyncio.to_thread(
            ask,
            control_plane,
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            method="POST",
            body=review,
            token="",
            client=(tmp_path / "node.crt", tmp_path / "node.key"),
        )
        user = answer.json["status"]["userInfo"]
        assert user["username"] == "system:node:worker"
        assert set(user["groups"]) == {"system:nodes", "system:authenticated"}

    with_controllers(story)


def token_kubeconfig(server: str, ca: bytes, token: str) -> str:
    cluster = {"server": server, "certificate-authority-data": base64.b64encode(ca).decode()}
    named = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
    return json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "c", **named})


def test_kubelet_bootstraps_itself_and_renews_its_certificate(tmp_path: Path) -> None:
    kubeconfig, pki = tmp_path / "kubelet.conf", tmp_path / "pki"

    async def story(control_plane: ControlPlane, client: Client) -> None:
        await client.create(bootstrap_secret())
        for role in ("nodeclient", "selfnodeclient"):
            group = "system:nodes" if role == "selfnodeclient" else "system:bootstrappers"
            await client.create(binding(f"system:certificates.k8s.io:certificatesigningrequests:{role}", group))
        await client.create(binding("system:node-bootstrapper"))
        token = "abcdef.0123456789abcdef"
        ca = control_plane.ca_file.read_bytes()
        bootstrap = tmp_path / "bootstrap.conf"
        bootstrap.write_text(token_kubeconfig(control_plane.url, ca, token))
        wanted = {"bootstrap": str(bootstrap), "kubeconfig": str(kubeconfig), "cert_dir": str(pki)}
        await clientcertificate.ensure(**wanted, node_name="worker")
        current = pki / clientcertificate.CURRENT
        assert stat.S_IMODE(kubeconfig.stat().st_mode) == stat.S_IMODE(current.stat().st_mode) == 0o600
        first = current.read_bytes()
        await clientcertificate.ensure(**wanted, node_name="worker")
        assert current.read_bytes() == first  # what is there is kept
        async with Client(kubeconfigs.load(str(kubeconfig))) as node:
            with pytest.raises(NotFound):
                await node.get(Node, "worker")  # allowed to ask, though there is none yet
            clock = FakeClock(datetime.now(UTC) + timedelta(days=364))
            rotation = clientcertificate.Rotation(node, current, "worker", clock=clock)
            running = asyncio.ensure_future(rotation.run())
            await until(current.read_bytes, "the certificate is renewed", holds=lambda now: now != first)
            running.cancel()
            await asyncio.wait([running])

    with_controllers(story)


def test_others_wait_for_an_approval_and_are_signed_after_it() -> None:
    async def story(control_plane: ControlPlane, client: Client) -> None:
        request, _ = certificates.new_request("ann", organizations=["devs"])
        csr = await client.create(
            wire_csr("ann", request, "kubernetes.io/kube-apiserver-client", expirationSeconds=3600)
        )
        await client.update_subresource(approved(csr), "approval")
        issued = await told(client, "ann", lambda csr: csr.status.certificate)
        end = certificates.expiry(base64.b64decode(issued))
        assert timedelta(minutes=55) < end - datetime.now(UTC) <= timedelta(hours=1)

    with_controllers(story)


def test_request_that_does_not_fit_its_signer_fails_with_the_reason() -> None:
    async def story(control_plane: ControlPlane, client: Client) -> None:
        request, _ = certificates.new_request("system:node:worker", organizations=["ops"])
        csr = await client.create(wire_csr("bad", request, KUBELET_CLIENT))
        await client.update_subresource(approved(csr), "approval")
        failed = await told(client, "bad", condition("Failed"))
        wanted = ("SignerValidationFailure", "subject organization is not system:nodes")
        assert (failed.reason, failed.message) == wanted
        assert not (await client.get(CertificateSigningRequest, "bad")).status.certificate

    with_controllers(story)


def test_cluster_info_is_signed_until_its_token_expires() -> None:
    async def story(control_plane: ControlPlane, client: Client) -> None:
        async def signatures() -> Mapping[str, str]:
            return (await client.get(ConfigMap, "cluster-info", "kube-public")).data

        wire = {"metadata": {"name": "cluster-info", "namespace": "kube-public"}, "data": {"kubeconfig": "{}"}}
        await client.create(schema.from_wire(ConfigMap, wire))
        soon = format_time(datetime.now(UTC) + timedelta(seconds=3))
        await client.create(bootstrap_secret(**{"usage-bootstrap-signing": "true", "expiration": soon}))
        await until(signatures, "cluster-info is signed", holds=lambda given: "jws-kubeconfig-abcdef" in given)
        await until(signatures, "the signature is gone", holds=lambda given: "jws-kubeconfig-abcdef" not in given)
        with pytest.raises(NotFound):
            await client.get(Secret, "bootstrap-token-abcdef", "kube-system")

    with_controllers(story)


def test_kubectl_shows_what_became_of_a_request(kubectl_for: Any) -> None:
    with ControlPlane() as control_plane:
        kubectl = kubectl_for(control_plane)
        request, _ = certificates.new_request("ann")
        spec = {"request": base64.b64encode(request).decode(), "signerName": "example.com/x", "usages": USAGES}
        wire = {
            "apiVersion": "certificates.k8s.io/v1",
            "kind": "CertificateSigningRequest",
            "metadata": {"name": "ann"},
            "spec": spec,
        }
        kubectl.ok("create", "-f", "-", stdin=json.dumps(wire))
        assert kubectl.ok("certificate", "deny", "ann").endswith("ann denied\n")
        assert kubectl.ok("get", "csr", "ann", "--no-headers").split()[-1] == "Denied"
