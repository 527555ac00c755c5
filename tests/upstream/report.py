"""What the suite said, test by test, and what is not asked of us and why (not_applicable.txt)."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

REASONS = Path(__file__).with_name("not_applicable.txt")


@dataclass(frozen=True)
class Reason:
    """Tests whose names hold `pattern` are not run, for `why`."""

    pattern: re.Pattern[str]
    why: str


@dataclass(frozen=True)
class Result:
    name: str
    outcome: str  # passed, failed, skipped
    seconds: float = 0.0
    message: str = ""


def reasons(path: Path = REASONS) -> list[Reason]:
    """Lines `pattern  # reason`; a line that begins with `#` is a comment."""
    found = []
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pattern, mark, why = line.partition("  # ")
        if not mark or not why.strip():
            raise ValueError(f"{path.name}: a pattern without a reason: {line}")
        found.append(Reason(re.compile(pattern.strip()), why.strip()))
    return found


def why_not(name: str, known: Iterable[Reason]) -> str | None:
    return next((reason.why for reason in known if reason.pattern.search(name)), None)


def read_junit(path: Path) -> list[Result]:
    """Every test that the suite looked at; those that its focus left out are `skipped` without a message."""
    results = []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name, seconds = case.get("name", ""), float(case.get("time", 0))
        failure, skipped = case.find("failure"), case.find("skipped")
        if failure is not None:
            results.append(Result(name, "failed", seconds, (failure.text or "").strip()))
        elif skipped is not None:
            results.append(Result(name, "skipped", seconds, skipped_because(case)))
        else:
            results.append(Result(name, "passed", seconds))
    return results


def skipped_because(case: ElementTree.Element) -> str:
    texts = [part.text or "" for part in case.iter() if part.tag in ("skipped", "system-out")]
    return next((line.strip() for text in texts for line in text.splitlines() if "skip" in line.lower()), "")


def progress(line: str) -> str | None:
    """The suite tells every finished test in a line of JSON; that test in words."""
    start = line.find('{"msg":')
    if start < 0:
        return None
    try:
        told: Mapping[str, object] = json.loads(line[start:])
    except ValueError:
        return None
    message = str(told.get("msg", ""))
    return message if message.startswith(("PASSED", "FAILED")) else None


def summary(results: Iterable[Result], not_applicable: Mapping[str, str]) -> str:
    """One line a test, failures last with their messages, then the count."""
    ordered = sorted(results, key=lambda result: (("passed", "skipped", "failed").index(result.outcome), result.name))
    lines = [f"NOT APPLICABLE {name}: {why}" for name, why in sorted(not_applicable.items())]
    for result in ordered:
        lines.append(f"{result.outcome.upper()} {result.name} ({result.seconds:.0f} s)")
        if result.message:
            lines += [f"    {line}" for line in result.message.splitlines()[:12]]
    counts = {
        outcome: sum(result.outcome == outcome for result in ordered) for outcome in ("passed", "failed", "skipped")
    }
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    return "\n".join([*lines, f"{told}, {len(not_applicable)} not applicable"])
