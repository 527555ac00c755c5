import asyncio

import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.client.objects import ObjectKey
from kajitori.controllers import registry
from kajitori.controllers.config import flags, from_flags
from kajitori.controllers.controller import DONE, Context, Controller, Result
from kajitori.machinery.errors import Conflict

KEY = ObjectKey("ns", "x")


class _Trial(Controller):
    """Does what its script says, call by call."""

    name, workers = "trial", 2
    script: list[object]
    calls: int

    async def reconcile(self, key: ObjectKey) -> Result:
        self.calls += 1
        step = self.script[min(self.calls, len(self.script)) - 1]
        if isinstance(step, Exception):
            raise step
        return step


@pytest.fixture
def calls_after():
    def run(script: list[object], seconds: float) -> int:
        async def main() -> int:
            clock = FakeClock()
            trial = _Trial(Context(client=None, informers=None, discovery=None, clock=clock))  # type: ignore[arg-type]
            trial.script, trial.calls = script, 0
            task = asyncio.ensure_future(trial.run())
            trial.queue.add(KEY)
            await clock.run_for(seconds)
            task.cancel()
            await asyncio.wait([task])
            return trial.calls

        return asyncio.run(main())

    return run


def test_a_key_that_went_well_is_not_reconciled_again(calls_after) -> None:
    assert calls_after([DONE], 1000) == 1


def test_a_failed_key_is_tried_again_until_it_goes_well(calls_after, capsys) -> None:
    assert calls_after([Conflict("old"), OSError("down"), ValueError("bug"), DONE], 10) == 4
    assert "ValueError" in capsys.readouterr().err


def test_a_key_can_ask_to_be_looked_at_later(calls_after) -> None:
    assert calls_after([Result(requeue_after_s=30), DONE], 29) == 1
    assert calls_after([Result(requeue_after_s=30), DONE], 31) == 2


@pytest.mark.parametrize(
    "wanted,expected",
    [
        (["*"], True),
        (["*", "-deployment"], False),
        (["*", "-deployment-controller"], False),
        (["deployment"], True),
        (["replicaset"], False),
    ],
)
def test_controllers_are_switched_by_either_name(wanted, expected) -> None:
    assert registry.is_enabled("deployment-controller", wanted) is expected


def test_every_registered_controller_loads_under_its_name() -> None:
    for name in registry.CONTROLLERS:
        assert registry.load(name).name == name


def test_flags_of_kubeadms_manifest_are_understood(tmp_path) -> None:
    ca = tmp_path / "ca.crt"
    ca.write_text("CA")
    key = tmp_path / "sa.key"
    key.write_text("-----BEGIN PRIVATE KEY-----")
    config = from_flags(
        flags().parse(
            [
                "--allocate-node-cidrs=true",
                "--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf",
                "--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf",
                "--bind-address=127.0.0.1",
                "--client-ca-file=/x/ca.crt",
                "--cluster-cidr=10.244.0.0/16",
                "--cluster-name=mk",
                "--cluster-signing-cert-file=/x/ca.crt",
                "--cluster-signing-key-file=/x/ca.key",
                "--controllers=*,bootstrapsigner,tokencleaner",
                "--kubeconfig=/etc/kubernetes/controller-manager.conf",
                "--leader-elect=false",
                "--requestheader-client-ca-file=/x/front-proxy-ca.crt",
                f"--root-ca-file={ca}",
                f"--service-account-private-key-file={key}",
                "--service-cluster-ip-range=10.96.0.0/12",
                "--use-service-account-credentials=true",
            ]
        )
    )
    assert (config.leader_elect, config.options.root_ca, config.options.cluster_cidr) == (False, "CA", "10.244.0.0/16")


def test_no_controller_imports_another() -> None:
    import re
    from pathlib import Path

    from kajitori import controllers

    folder = Path(controllers.__file__).parent
    modules = {module for module, _, _ in registry.CONTROLLERS.values()}
    for module in modules:
        text = (folder / f"{module.replace('.', '/')}.py").read_text()
        imported = set(re.findall(r"^\s*(?:from|import) (kajitori\.controllers\.[\w.]+)", text, re.MULTILINE))
        assert imported, module  # each has its base from there
        others = {f"kajitori.controllers.{other}" for other in modules - {module}}
        assert not imported & others, module
