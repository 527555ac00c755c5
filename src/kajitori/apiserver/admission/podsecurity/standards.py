"""The Pod Security Standards (v1.34): which rules make up a level, as they were in each version.

`violations` runs those of a level in upstream's order: baseline by their ids, then restricted by theirs. Pure.
May import: podsecurity.{baseline,restricted,rule}.
"""

from __future__ import annotations

import functools

from kajitori.apiserver.admission.podsecurity.baseline import BASELINE
from kajitori.apiserver.admission.podsecurity.restricted import RESTRICTED
from kajitori.apiserver.admission.podsecurity.rule import Check, Object, Violation

LEVELS = ("privileged", "baseline", "restricted")
LATEST = 34
"""The minor version whose rules are the latest."""


@functools.cache
def checks(level: str, minor: int = LATEST) -> tuple[Check, ...]:
    """The checks of a level as they were in v1.MINOR."""
    if level == "privileged":
        return ()
    more = RESTRICTED if level == "restricted" else ()
    idle = {rule.replaces for rule in more if rule.in_version(minor) is not None}
    found = (rule.in_version(minor) for rule in (*BASELINE, *more) if rule.name not in idle)
    return tuple(check for check in found if check is not None)


def violations(level: str, metadata: Object, spec: Object, minor: int = LATEST) -> list[Violation]:
    """What a Pod does that its level forbids."""
    return [found for check in checks(level, minor) if (found := check(metadata, spec)) is not None]
