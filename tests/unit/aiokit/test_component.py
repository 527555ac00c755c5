"""A component's process: flags that cannot be followed end it in one line, others are served with."""

import pytest

from kajitori.aiokit.component import run_component
from kajitori.aiokit.flags import Flags, Options, UsageError


def flags() -> Flags:
    made = Flags("kajitori tester", "Nothing.")
    made.string("port", "8080", "Where to serve.")
    return made


def port(options: Options) -> int:
    if not options["port"]:
        raise UsageError("--port must be given")
    return int(options["port"])


@pytest.mark.parametrize(
    ("given", "said"),
    [("", "Error: --port must be given\n"), ("x", "Error: invalid literal for int() with base 10: 'x'\n")],
)
def test_flags_that_cannot_be_followed_are_told_in_one_line(given, said, capsys):
    served: list[int] = []

    async def serve(at: int) -> None:
        served.append(at)

    assert run_component(flags(), [f"--port={given}"], port, serve) == 1
    assert capsys.readouterr().err == said
    assert served == []


def test_what_the_flags_say_is_served_with():
    served: list[int] = []

    async def serve(at: int) -> None:
        served.append(at)

    assert run_component(flags(), ["--port=9"], port, serve) == 0
    assert served == [9]
