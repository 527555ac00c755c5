"""Runs e2e.test: lists what a focus selects, spreads it over several processes, gathers what they report."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.upstream import report
from tests.upstream.bed import Bed
from tests.upstream.report import Result

NAMES_A_PROCESS = 150  # a focus is one word of a command line, and those have a limit


@dataclass(frozen=True, kw_only=True)
class Selection:
    focus: str = r"\[Conformance\]"
    skip: str = ""
    jobs: int = 1
    kubectl: str = ""
    include_all: bool = False
    extra: Sequence[str] = field(default_factory=tuple)


def run(bed: Bed, chosen: Selection, folder: Path) -> tuple[list[Result], dict[str, str]]:
    """Results, and the names that were left out with the reason."""
    folder.mkdir(parents=True, exist_ok=True)
    names = select(bed, chosen, folder)
    known = [] if chosen.include_all else report.reasons()
    left_out = {name: why for name in names if (why := report.why_not(name, known))}
    wanted = [name for name in names if name not in left_out]
    alone = [name for name in wanted if "[Serial]" in name or "[Disruptive]" in name]
    together = [name for name in wanted if name not in alone]
    threads, results = [], list[Result]()
    for number in range(chosen.jobs):
        share = together[number :: chosen.jobs]
        thread = threading.Thread(
            target=lambda n=number, s=share: results.extend(run_all(bed, chosen, folder, f"{n}", s))
        )
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    results += run_all(bed, chosen, folder, "serial", alone)
    return results, left_out


def select(bed: Bed, chosen: Selection, folder: Path) -> list[str]:
    """The names of the tests that focus and skip choose, by a dry run."""
    where = folder / "selection"
    words = ["--ginkgo.dryRun", f"--ginkgo.focus={chosen.focus}", f"--ginkgo.skip={chosen.skip}"]
    execute(bed, chosen, where, words, quiet=True)
    return [result.name for result in report.read_junit(where / "junit_01.xml") if result.outcome != "skipped"]


def run_all(bed: Bed, chosen: Selection, folder: Path, label: str, names: Sequence[str]) -> list[Result]:
    results: list[Result] = []
    for number, start in enumerate(range(0, len(names), NAMES_A_PROCESS)):
        part = set(names[start : start + NAMES_A_PROCESS])
        focus = "|".join(f"{re.escape(name)}$" for name in sorted(part))
        where = folder / f"{label}-{number}"
        execute(bed, chosen, where, [f"--ginkgo.focus={focus}", "--ginkgo.skip="])
        junit = where / "junit_01.xml"
        found = [result for result in report.read_junit(junit) if result.name in part] if junit.exists() else []
        results += found
        results += [
            Result(name, "failed", 0, f"never ran; see {where / 'log'}")
            for name in part - {result.name for result in found}
        ]
    return results


def execute(bed: Bed, chosen: Selection, where: Path, words: Sequence[str], *, quiet: bool = False) -> None:
    """One process of the suite; finished tests are told on stdout as they finish, the whole goes to a log."""
    where.mkdir(parents=True, exist_ok=True)
    command = [
        str(bed.places.bin / "e2e.test"),
        f"--kubeconfig={bed.kubeconfig}",
        "--provider=skeleton",
        "--container-runtime=remote",  # else RuntimeClass tests ask for a handler named docker
        f"--report-dir={where}",
        f"--repo-root={bed.places.tree}",
        "--ginkgo.noColor",
        "--ginkgo.v",
        "--dump-logs-on-failure=true",
        *([f"--kubectl-path={chosen.kubectl}"] if chosen.kubectl else []),
        *chosen.extra,
        *words,
    ]
    environ = {**bed.environ(), "PATH": os.environ["PATH"]}
    with (where / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=where,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                log.write(line)
                log.flush()
                told = report.progress(line)
                if told and not quiet:
                    print(told, flush=True)
        except KeyboardInterrupt:
            process.wait()
            raise
        finally:
            process.wait()
    if process.returncode not in (0, 1):
        print(f"the suite ended with {process.returncode}; see {where / 'log'}", file=sys.stderr)
