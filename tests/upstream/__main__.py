"""Upstream's conformance suite against a Kajitori cluster.

    python -m tests.upstream build                 fetch and build what is missing
    python -m tests.upstream up   [--name N]       a cluster that stays; prints its kubeconfig
    python -m tests.upstream run  [--name N] [--focus RE] [--skip RE] [--jobs N] [--all] [--kubectl PATH] [--report DIR]
    python -m tests.upstream down [--name N]

`run` uses the cluster that `up` left, or starts one and deletes it afterwards. It ends with 1 where a test failed.
"""

import argparse
import sys
from pathlib import Path

from tests.upstream import report, source, suite
from tests.upstream.bed import BIN, Bed
from tests.upstream.places import Places


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.upstream", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("build", "up", "run", "down"))
    parser.add_argument("--name", default="conformance", help="the cluster's name, so that several can run")
    parser.add_argument("--focus", default=r"\[Conformance\]", help="regular expression of the tests to run")
    parser.add_argument("--skip", default="", help="regular expression of the tests to leave out")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time; [Serial] tests run alone")
    parser.add_argument("--all", action="store_true", help="run what not_applicable.txt names, too")
    parser.add_argument("--kubectl", default=str(BIN / "kubectl"), help="the kubectl that tests call")
    parser.add_argument("--report", type=Path, help="where logs and results go")
    parser.epilog = "What stands after -- goes to e2e.test as it is."
    end = words.index("--") if "--" in words else len(words)
    return parser.parse_args(words[:end], argparse.Namespace(extra=words[end + 1 :]))


def run(bed: Bed, chosen: argparse.Namespace) -> int:
    folder = (chosen.report or bed.places.root / "reports" / bed.name).absolute()
    selection = suite.Selection(
        focus=chosen.focus,
        skip=chosen.skip,
        jobs=chosen.jobs,
        kubectl=chosen.kubectl,
        include_all=chosen.all,
        extra=chosen.extra,
    )
    results, left_out = suite.run(bed, selection, folder)
    text = report.summary(results, left_out)
    (folder / "results.txt").write_text(text + "\n")
    print(text)
    return 1 if any(result.outcome == "failed" for result in results) else 0


def main(words: list[str]) -> int:
    chosen = arguments(words)
    places = Places.chosen()
    bed = Bed(places, chosen.name)
    if chosen.action == "down":
        bed.down()
        return 0
    source.prepare(places)
    if chosen.action == "build":
        return 0
    stays = bed.is_up() or chosen.action == "up"
    try:
        bed.up()
        if chosen.action == "up":
            print(bed.kubeconfig)
            return 0
        return run(bed, chosen)
    finally:
        if not stays:
            bed.down()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
