"""Tokens that are kept in Secrets: who asks for one gets it, it works, and it goes with its ServiceAccount."""

import base64
from typing import Any

import pytest

from kajitori.api import schema
from kajitori.api.core.v1 import ConfigMap, Secret, ServiceAccount
from kajitori.client.config import RestConfig
from kajitori.client.rest import Client
from kajitori.machinery.errors import Forbidden, NotFound, Unauthorized

pytestmark = pytest.mark.integration
TYPE = "kubernetes.io/service-account-token"


def secret(name: str, account: str) -> Any:
    metadata = {"name": name, "namespace": "ns", "annotations": {"kubernetes.io/service-account.name": account}}
    return schema.from_wire(Secret, {"metadata": metadata, "type": TYPE})


def test_a_secret_is_filled_works_and_goes_with_its_account(play, tmp_path) -> None:
    from kajitori.machinery.certificates import new_key_pair

    key = tmp_path / "sa.key"
    key.write_bytes(new_key_pair("rsa")[0])

    async def scenario(s: Any) -> None:
        await s.namespace("ns")
        await s.client.create(schema.from_wire(ServiceAccount, {"metadata": {"name": "robot", "namespace": "ns"}}))
        await s.client.create(secret("robot-token", "robot"))

        async def filled() -> Any:
            found = await s.client.get(Secret, "robot-token", "ns")
            return found if found.data.get("token") else None

        made = await s.until(filled)
        account = await s.client.get(ServiceAccount, "robot", "ns")
        assert made.metadata.annotations["kubernetes.io/service-account.uid"] == account.metadata.uid
        assert base64.b64decode(made.data["namespace"]) == b"ns"
        assert base64.b64decode(made.data["ca.crt"]) == b"-----CA-----\n"
        own = RestConfig(
            server=s.control_plane.url,
            ca_data=s.control_plane.ca_file.read_bytes(),
            token=base64.b64decode(made.data["token"]).decode(),
        )
        async with Client(own) as robot:
            with pytest.raises(Forbidden, match='User "system:serviceaccount:ns:robot" cannot list'):
                await robot.list(ConfigMap, "ns")

            async def noted() -> bool:
                labels = (await s.client.get(Secret, "robot-token", "ns")).metadata.labels
                return "kubernetes.io/legacy-token-last-used" in labels

            await s.until(noted)
            label = {"metadata": {"labels": {"kubernetes.io/legacy-token-invalid-since": "2026-01-01"}}}
            await s.client.patch(Secret, "robot-token", label, namespace="ns")
            with pytest.raises(Unauthorized):
                await robot.list(ConfigMap, "ns")
        await s.client.delete(ServiceAccount, "robot", "ns")

        async def gone() -> bool:
            try:
                await s.client.get(Secret, "robot-token", "ns")
            except NotFound:
                return True
            return False

        await s.until(gone)
        tracking = await s.client.get(ConfigMap, "kube-apiserver-legacy-service-account-token-tracking", "kube-system")
        assert list(tracking.data) == ["since"]

    play(scenario, service_account_key_file=str(key), api={"service_account_signing_key_file": str(key)})


def test_a_secret_for_nobody_is_deleted(play, tmp_path) -> None:
    from kajitori.machinery.certificates import new_key_pair

    key = tmp_path / "sa.key"
    key.write_bytes(new_key_pair("rsa")[0])

    async def scenario(s: Any) -> None:
        await s.namespace("ns")
        await s.client.create(secret("nobody-token", "nobody"))

        async def gone() -> bool:
            try:
                await s.client.get(Secret, "nobody-token", "ns")
            except NotFound:
                return True
            return False

        await s.until(gone)

    play(scenario, service_account_key_file=str(key))
