"""Ctrl-C and the end of a command: what was decided and told stands, whenever the signal comes."""

import subprocess
import sys

import pytest

from kajitori.minikube import __main__ as minikube

PROGRAM = """
import os, signal, sys
from kajitori.minikube import __main__ as minikube

def dispatch(args):
    {act}

minikube.dispatch = dispatch
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["minikube", "start"]
code = minikube.main()
os.kill(os.getpid(), signal.SIGINT)
sys.exit(code)
"""


@pytest.mark.parametrize(("act", "code"), [("return 0", 0), ("return 30", 30), ("raise KeyboardInterrupt", 130)])
def test_an_interrupt_after_the_outcome_does_not_change_it(act: str, code: int) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(act=act)], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("was interrupted" in done.stderr) == (code == 130)


def test_an_interrupt_while_a_failure_is_told_is_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(minikube.output, "fail", interrupted)
    assert minikube.main(["start", "--driver=nonsense"]) == 130
    assert '"minikube start" was interrupted' in capsys.readouterr().err
