"""How long `kubectl get pods` takes, from the shell's point of view: median of 20, ours beside upstream's.

    python -m bench.kubectl                  # against a control plane of its own
    python -m bench.kubectl --kubeconfig F   # against a cluster that runs

Prints one line: the median and the best of ours, the target, and upstream's; the exit code tells whether the target
was met. The two take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET_MS = 150
TIMES = 20


def measure(kubectls: list[Path], kubeconfig: Path) -> list[list[float]]:
    """Wall times in ms of each; the first run, which fills the discovery cache and Python's, is not counted."""
    with tempfile.TemporaryDirectory(prefix="kajitori-bench-") as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "KUBECONFIG": str(kubeconfig)}
        times: list[list[float]] = [[] for _ in kubectls]
        for turn in range(TIMES + 1):
            for program, taken in zip(kubectls, times, strict=True):
                begin = time.perf_counter()
                subprocess.run([program, "get", "pods", "-A"], env=env, check=True, capture_output=True)
                if turn:
                    taken.append((time.perf_counter() - begin) * 1000)
    return times


@contextmanager
def cluster(kubeconfig: Path | None) -> Iterator[Path]:
    if kubeconfig is not None:
        yield kubeconfig
        return
    from kajitori.testing import ControlPlane

    with ControlPlane() as plane:
        yield plane.kubeconfig


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kubeconfig", type=Path)
    parser.add_argument(
        "--upstream", type=Path, default=Path(os.environ.get("KAJITORI_KUBECTL", ROOT / ".peers/kubectl"))
    )
    args = parser.parse_args()
    programs = [Path(sys.executable).with_name("kubectl"), *([args.upstream] if args.upstream.exists() else [])]
    with cluster(args.kubeconfig) as kubeconfig:
        ours, *theirs = measure(programs, kubeconfig)
    median = statistics.median(ours)
    beside = f"{statistics.median(theirs[0]):.0f} ms" if theirs else "not here"
    print(f"kubectl get pods: {median:.0f} ms (best {min(ours):.0f}), target {TARGET_MS} ms, upstream {beside}")
    return 0 if median <= TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
