"""Who may do what, asked of a real server by the real kubectl and by plain HTTPS."""

from __future__ import annotations

import base64
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tests.integration.apiserver.plainhttps import Api
from tests.integration.commandline import Kubectl

pytestmark = pytest.mark.integration


def issue(server: Any, folder: Path, name: str, *groups: str) -> tuple[str, str]:
    """A client certificate by the server's own authority: (certificate file, key file)."""
    ca = x509.load_pem_x509_certificate(server.ca_file.read_bytes())
    ca_key: Any = serialization.load_pem_private_key((server.ca_file.parent / "ca.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, g) for g in groups]
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    cert_file, key_file = folder / "client.crt", folder / "client.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(cert_file), str(key_file)


def who(api: Api) -> Any:
    return api("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}).json["status"]["userInfo"]


class TestIdentities:
    def test_a_client_certificate_names_user_and_groups(self, server: Any, tmp_path: Path) -> None:
        user = who(Api(server, cert=issue(server, tmp_path, "jane", "devs", "ops")))
        assert (user["username"], user["groups"]) == ("jane", ["devs", "ops", "system:authenticated"])

    def test_nobody_may_read_public_information_only(self, server: Any) -> None:
        nobody = Api(server)
        assert nobody("GET", "/version").status == 200 and nobody("GET", "/readyz").status == 200
        answer = nobody("GET", "/api/v1/namespaces")
        assert (answer.status, answer.message) == (
            403,
            'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" '
            "at the cluster scope",
        )

    def test_a_wrong_token_is_401(self, server: Any) -> None:
        answer = Api(server, token="wrong")("GET", "/version")
        assert (answer.status, answer.json["reason"], answer.message) == (401, "Unauthorized", "Unauthorized")

    def test_a_token_made_by_kubectl_speaks_for_its_account(self, server: Any, kubectl: Kubectl) -> None:
        kubectl.ok("create", "serviceaccount", "bot")
        token = kubectl.ok("create", "token", "bot").strip()
        user = who(Api(server, token=token))
        assert user["username"] == "system:serviceaccount:default:bot"
        kubectl.ok("delete", "serviceaccount", "bot")
        assert Api(server, token=token)("GET", "/version").status == 401

    def test_bootstrap_tokens_let_nodes_ask_for_certificates(self, server: Any, admin: Api) -> None:
        data = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true"}
        secret = {
            "metadata": {"name": "bootstrap-token-abcdef"},
            "type": "bootstrap.kubernetes.io/token",
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
        }
        assert admin("POST", "/api/v1/namespaces/kube-system/secrets", secret).status == 201
        user = who(Api(server, token="abcdef.0123456789abcdef"))
        assert user["username"] == "system:bootstrap:abcdef" and "system:bootstrappers" in user["groups"]

    def test_kubectl_acts_as_someone_else(self, kubectl: Kubectl) -> None:
        user = kubectl.json("auth", "whoami", "--as", "jane", "--as-group", "devs")["status"]["userInfo"]
        assert (user["username"], user["groups"]) == ("jane", ["devs", "system:authenticated"])

    def test_only_who_may_impersonates(self, server: Any, tmp_path: Path) -> None:
        jane = Api(server, cert=issue(server, tmp_path, "jane"))
        answer = jane("GET", "/version", headers={"impersonate-user": "root"})
        assert answer.status == 403 and 'cannot impersonate resource "users"' in answer.message

    def test_the_published_keys_verify_a_token(self, kubectl: Kubectl) -> None:
        issuer = json.loads(kubectl.ok("get", "--raw", "/.well-known/openid-configuration"))
        keys = json.loads(kubectl.ok("get", "--raw", "/openid/v1/jwks"))["keys"]
        assert issuer["issuer"].startswith("https://") and keys[0]["kid"]
        assert issuer["id_token_signing_alg_values_supported"] == ["RS256"]


class TestRBAC:
    def test_a_binding_opens_one_namespace_at_once(self, kubectl: Kubectl) -> None:
        assert kubectl.run("auth", "can-i", "create", "deployments", "--as", "dev").stdout == "no\n"
        kubectl.ok("create", "rolebinding", "dev", "--clusterrole=edit", "--user=dev")
        assert kubectl.ok("auth", "can-i", "create", "deployments", "--as", "dev") == "yes\n"
        assert (
            kubectl.run("auth", "can-i", "create", "deployments", "--as", "dev", "-n", "kube-system").stdout == "no\n"
        )
        kubectl.ok("delete", "rolebinding", "dev")
        assert kubectl.run("auth", "can-i", "create", "deployments", "--as", "dev").stdout == "no\n"

    def test_nobody_grants_what_they_do_not_have(self, kubectl: Kubectl) -> None:
        kubectl.ok("create", "rolebinding", "admin-of-one", "--clusterrole=admin", "--user=boss")
        kubectl.ok("create", "role", "fine", "--verb=get", "--resource=pods", "--as", "boss")
        done = kubectl.run("create", "role", "much", "--verb=get", "--resource=nodes", "--as", "boss")
        assert "is attempting to grant RBAC permissions not currently held" in done.stderr
        assert '{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}' in done.stderr
        done = kubectl.run("create", "rolebinding", "much", "--clusterrole=cluster-admin", "--user=x", "--as", "boss")
        assert "not currently held" in done.stderr

    def test_default_roles_are_there(self, kubectl: Kubectl) -> None:
        names = kubectl.ok("get", "clusterroles", "-o", "name")
        for name in (
            "cluster-admin",
            "admin",
            "edit",
            "view",
            "system:node",
            "system:controller:replicaset-controller",
        ):
            assert f"clusterrole.rbac.authorization.k8s.io/{name}\n" in names


class TestNodes:
    @pytest.fixture
    def node(self, server: Any, tmp_path: Path, admin: Api) -> Api:
        admin("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
        for name in ("mine", "theirs"):
            admin("POST", "/api/v1/namespaces/default/secrets", {"metadata": {"name": name}})
            env = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": name, "key": "k"}}}]
            spec = {"nodeName": f"node-{name}", "containers": [{"name": "c", "image": "i", "env": env}]}
            admin("POST", "/api/v1/namespaces/default/pods", {"metadata": {"name": name}, "spec": spec})
        return Api(server, cert=issue(server, tmp_path, "system:node:node-mine", "system:nodes"))

    def test_a_node_reads_the_secrets_of_its_pods_only(self, node: Api) -> None:
        assert node("GET", "/api/v1/namespaces/default/secrets/mine").status == 200
        answer = node("GET", "/api/v1/namespaces/default/secrets/theirs")
        assert answer.status == 403
        assert "no relationship found between node 'node-mine' and this object" in answer.message

    def test_a_node_registers_itself_and_nobody_else(self, node: Api) -> None:
        assert node("POST", "/api/v1/nodes", {"metadata": {"name": "node-mine"}}).status in (201, 409)
        answer = node("POST", "/api/v1/nodes", {"metadata": {"name": "node-other"}})
        assert answer.status == 403 and 'is not allowed to modify node "node-other"' in answer.message

    def test_a_node_gets_tokens_for_its_pods_only(self, node: Api, admin: Api) -> None:
        path = "/api/v1/namespaces/default/serviceaccounts/default/token"
        for name, status in (("mine", 201), ("theirs", 403)):
            uid = admin("GET", f"/api/v1/namespaces/default/pods/{name}").json["metadata"]["uid"]
            reference = {"kind": "Pod", "apiVersion": "v1", "name": name, "uid": uid}
            answer = node("POST", path, {"spec": {"boundObjectRef": reference}})
            assert answer.status == status, answer.body


class TestWrites:
    def test_a_pod_is_bound_once(self, admin: Api) -> None:
        admin("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
        spec = {"containers": [{"name": "c", "image": "i"}]}
        pods = "/api/v1/namespaces/default/pods"
        assert admin("POST", pods, {"metadata": {"name": "bindme"}, "spec": spec}).status == 201
        binding = {"metadata": {"name": "bindme"}, "target": {"kind": "Node", "name": "n9"}}
        assert admin("POST", f"{pods}/bindme/binding", binding).json["status"] == "Success"
        bound = admin("GET", f"{pods}/bindme").json
        assert bound["spec"]["nodeName"] == "n9" and bound["status"]["conditions"][0]["type"] == "PodScheduled"
        answer = admin("POST", f"{pods}/bindme/binding", binding)
        assert (answer.status, answer.message) == (
            409,
            'Operation cannot be fulfilled on pods/binding "bindme": pod bindme is already assigned to node "n9"',
        )

    def test_node_ports_are_unique_and_come_back(self, kubectl: Kubectl) -> None:
        kubectl.ok("create", "service", "nodeport", "one", "--tcp=80", "--node-port=31080")
        done = kubectl.run("create", "service", "nodeport", "two", "--tcp=80", "--node-port=31080")
        assert "spec.ports[0].nodePort: Invalid value: 31080: provided port is already allocated" in done.stderr
        kubectl.ok("delete", "service", "one")
        kubectl.ok("create", "service", "nodeport", "two", "--tcp=80", "--node-port=31080")

    def test_dry_run_takes_nothing(self, kubectl: Kubectl) -> None:
        for _ in range(2):
            kubectl.ok("create", "service", "nodeport", "dry", "--tcp=80", "--node-port=31090", "--dry-run=server")

    def test_debug_containers_are_added_to_a_running_pod(self, admin: Api) -> None:
        admin("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
        spec = {"containers": [{"name": "c", "image": "i"}]}
        pods = "/api/v1/namespaces/default/pods"
        admin("POST", pods, {"metadata": {"name": "debugme"}, "spec": spec})
        patch = {"spec": {"ephemeralContainers": [{"name": "dbg", "image": "busybox"}]}}
        headers = {"content-type": "application/strategic-merge-patch+json"}
        answer = admin("PATCH", f"{pods}/debugme/ephemeralcontainers", patch, headers=headers)
        assert answer.status == 200, answer.body
        assert answer.json["spec"]["ephemeralContainers"][0]["name"] == "dbg"
