"""Both kubectls answer alike: stdout, stderr and exit code, byte for byte, but for names, times and addresses."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import pytest

from .conftest import Pair
from .transcripts import MANIFESTS, TRANSCRIPTS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.mark.parametrize("lines", TRANSCRIPTS.values(), ids=[name.replace(" ", "-") for name in TRANSCRIPTS])
def test_both_kubectls_answer_alike(lines: list[str], pair: Callable[[], Pair]) -> None:
    both = pair()
    wrong = []
    for line in lines:
        command, _, manifest = line.partition("  < ")
        text = MANIFESTS[manifest] if manifest else ""
        theirs, ours = both.upstream(command, text), both.kajitori(command, text)
        if theirs != ours:
            change = difflib.unified_diff(
                str(theirs).split("\n"), str(ours).split("\n"), "upstream", "ours", "", "", 1, ""
            )
            wrong.append(f"$ kubectl {line}\n" + "\n".join(change))
    if wrong:
        pytest.fail(f"{len(wrong)} of {len(lines)} differ\n\n" + "\n\n".join(wrong), pytrace=False)
