"""An operator in kopf with admission handlers: it serves the webhooks and writes their configurations itself."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from tests.integration.commandline import Kubectl
from tests.waiting import eventually

from kajitori.machinery import certificates
from kajitori.testing.controlplane import ControlPlane

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]


def test_an_operators_webhooks(
    server: ControlPlane, kubectl: Kubectl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kopf: Any = pytest.importorskip("kopf")
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig))
    asyncio.run(_scenario(kopf, kubectl, tmp_path))
    logging.getLogger("kopf").handlers.clear()


def certificate(folder: Path) -> dict[str, str]:
    ca = certificates.new_ca("kopf-ca")
    pair = certificates.issue(ca, "kopf", sans=("127.0.0.1",), usages=("server",))
    for name, data in (("ca", ca.cert_pem), ("cert", pair.cert_pem), ("key", pair.key_pem)):
        (folder / name).write_bytes(data)
    return {"cafile": str(folder / "ca"), "certfile": str(folder / "cert"), "pkeyfile": str(folder / "key")}


async def _scenario(kopf: Any, kubectl: Kubectl, folder: Path) -> None:
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    def login(**arguments: Any) -> Any:
        return kopf.login_with_kubeconfig(**arguments)

    @kopf.on.validate("v1", "configmaps", id="validate", labels={"judged": "yes"}, registry=registry)
    def validate(body: Any, warnings: list[str], dryrun: bool, **_: Any) -> None:
        warnings.append(f"judged, dry run: {dryrun}")
        if body.get("data", {}).get("color") == "mauve":
            raise kopf.AdmissionError("not that color", code=409)

    @kopf.on.mutate("v1", "configmaps", id="mutate", labels={"judged": "yes"}, registry=registry)
    def mutate(patch: Any, **_: Any) -> None:
        patch.setdefault("data", {})["shade"] = "light"

    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.admission.server = kopf.WebhookServer(addr="127.0.0.1", host="127.0.0.1", **certificate(folder))
    settings.admission.managed = "hooks.kopf.dev"
    stop, ready = asyncio.Event(), asyncio.Event()
    running = kopf.operator(
        registry=registry, settings=settings, clusterwide=True, standalone=True, stop_flag=stop, ready_flag=ready
    )
    operator = asyncio.create_task(running)
    try:
        await asyncio.wait_for(ready.wait(), 20)
        await asyncio.to_thread(_use, kubectl)
    finally:
        stop.set()
        await asyncio.wait_for(operator, 20)


def _use(kubectl: Kubectl) -> None:
    def is_configured() -> bool:
        kinds = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")
        return all(
            item.get("webhooks") for kind in kinds for item in kubectl.json("get", kind)["items"] or [{"webhooks": []}]
        )

    eventually(is_configured, "kopf has written its configurations")
    config_map: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"labels": {"judged": "yes"}}}

    def named(name: str, color: str) -> dict[str, Any]:
        return {**config_map, "metadata": {**config_map["metadata"], "name": name}, "data": {"color": color}}

    done = kubectl.run("create", "-f", "-", stdin=named("good", "green"))
    assert (done.returncode, done.stderr) == (0, "Warning: judged, dry run: False\n")
    assert kubectl.json("get", "configmap", "good")["data"] == {"color": "green", "shade": "light"}
    error = kubectl.fails("create", "-f", "-", "--dry-run=server", stdin=named("bad", "mauve"))
    assert "Warning: judged, dry run: True\n" in error
    assert 'admission webhook "validate.hooks.kopf.dev" denied the request: not that color' in error
    kubectl.ok("create", "configmap", "unjudged", "--from-literal=color=mauve")
