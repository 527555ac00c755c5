"""A server that starts on what an earlier one left: nothing is seeded twice, nothing taken is given again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.apiserver.plainhttps import Api

from kajitori.testing.controlplane import ControlPlane

pytestmark = pytest.mark.integration
SERVICES = "/api/v1/namespaces/default/services"


def test_a_restart_keeps_roles_addresses_and_tokens(tmp_path: Path) -> None:
    ports = [{"port": 80, "nodePort": 30123}]
    with ControlPlane(storage="sqlite", data_dir=tmp_path) as first:
        admin = Api(first, token=first.admin_token)
        made = admin("POST", SERVICES, {"metadata": {"name": "a"}, "spec": {"type": "NodePort", "ports": ports}})
        assert made.status == 201, made.body
        address = made.json["spec"]["clusterIP"]
        admin("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "bot"}})
        asked = admin("POST", "/api/v1/namespaces/default/serviceaccounts/bot/token", {"spec": {}})
        token = asked.json["status"]["token"]
        role = admin("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/view").json["metadata"]
    with ControlPlane(storage="sqlite", data_dir=tmp_path) as second:
        admin = Api(second, token=second.admin_token)
        again = admin("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/view").json["metadata"]
        assert again["resourceVersion"] == role["resourceVersion"]
        for spec in ({"clusterIP": address, "ports": [{"port": 80}]}, {"type": "NodePort", "ports": ports}):
            answer = admin("POST", SERVICES, {"metadata": {"name": "b"}, "spec": spec})
            assert answer.status == 422 and "already allocated" in answer.message
        assert Api(second, token=token)("GET", "/version").status == 200
        endpoints = admin("GET", "/api/v1/namespaces/default/endpoints/kubernetes").json
        assert endpoints["subsets"][0]["ports"][0]["port"] == second.port
