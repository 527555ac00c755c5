"""Both kubectls answer alike: stdout, stderr and exit code, byte for byte, but for names, times and addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Pair, changes
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
        difference = changes(theirs, ours)
        if difference:
            wrong.append(f"$ kubectl {line}\n{difference}")
    if wrong:
        pytest.fail(f"{len(wrong)} of {len(lines)} differ\n\n" + "\n\n".join(wrong), pytrace=False)
