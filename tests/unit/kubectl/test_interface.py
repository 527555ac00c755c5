"""The front: groups of commands without a subcommand, and warnings that count as errors."""

from __future__ import annotations

import pytest

from kajitori.kubectl.__main__ import main


@pytest.mark.parametrize(
    ("group", "stream", "code"),
    [
        ("top", "err", 1),
        ("auth", "err", 1),
        ("create secret", "err", 1),
        ("rollout", "out", 1),
        ("certificate", "out", 0),
    ],
)
def test_a_group_alone_prints_its_help(group: str, stream: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(group.split()) == code
    printed = capsys.readouterr()
    shown, other = (printed.out, printed.err) if stream == "out" else (printed.err, printed.out)
    assert "Available Commands:" in shown
    assert other == ""


def test_an_unknown_subcommand_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rollout", "back"]) == 1
    expected = "error: unknown command \"back\"\nSee 'kubectl rollout -h' for help and examples\n"
    assert capsys.readouterr() == ("", expected)
