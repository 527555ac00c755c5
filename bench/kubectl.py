"""How long `kubectl get pods` takes, process start to end: `python bench/kubectl.py [--quick]`.

Against an API server of this machine with a few Pods in it; bytecode and discovery cache are there, as on any second
call. Beside it: a user's first call (no discovery cache), the interpreter that does nothing, and the processor time of
each, which says more than the clock on a busy machine.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kajitori.testing import ControlPlane

BIN = Path(sys.prefix) / "bin"
POD = """{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod-%d"},
"spec": {"automountServiceAccountToken": false, "containers": [{"name": "c", "image": "nginx"}]}}"""


Timing = tuple[float, float]
"""Milliseconds by the clock, and of the processor."""


def show(what: str, timings: list[Timing], target: str = "") -> None:
    clock, processor = (statistics.median(column) for column in zip(*timings, strict=True))
    print(f"{what:<52} {clock:>11.0f} ms   {target:<18} {processor:.0f} ms CPU", flush=True)


def timed(argv: list[str], environ: dict[str, str]) -> Timing:
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, env=environ, check=True, stdout=subprocess.DEVNULL)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took * 1000, used * 1000


def several(argv: list[str], environ: dict[str, str], rounds: int) -> list[Timing]:
    return [timed(argv, environ) for _ in range(rounds)]


def main() -> None:
    rounds = 10 if "--quick" in sys.argv else 30
    with tempfile.TemporaryDirectory(prefix="kajitori-bench-") as home, ControlPlane() as control_plane:
        environ = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")} | {"HOME": home}
        kubectl = [str(BIN / "kubectl"), "--kubeconfig", str(control_plane.kubeconfig)]
        account = [*kubectl, "create", "serviceaccount", "default"]
        subprocess.run(account, env=environ, check=True, stdout=subprocess.DEVNULL)
        for number in range(5):
            create = [*kubectl, "create", "-f", "-"]
            subprocess.run(create, input=POD % number, text=True, env=environ, check=True, stdout=subprocess.DEVNULL)
        get = [*kubectl, "get", "pods"]
        first = []
        for number in range(max(3, rounds // 5)):
            first.append(timed(get, environ | {"KUBECACHEDIR": f"{home}/cache-{number}"}))
        show("kubectl get pods", several(get, environ, rounds), "target 150 ms")
        show("kubectl get pods, the first call of a user", first)
        show("kubectl version --client", several([kubectl[0], "version", "--client"], environ, rounds))
        show("python -c pass", several([sys.executable, "-c", "pass"], environ, rounds))


if __name__ == "__main__":
    main()
