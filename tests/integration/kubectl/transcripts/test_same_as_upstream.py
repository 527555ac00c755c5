"""Both kubectls answer alike: stdout, stderr and exit code, byte for byte, but for names, times and addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..twokubectls import difference
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
        differing = difference(theirs, ours)
        if differing:
            wrong.append(f"$ kubectl {line}\n{differing}")
    if wrong:
        pytest.fail(f"{len(wrong)} of {len(lines)} differ\n\n" + "\n\n".join(wrong), pytrace=False)
