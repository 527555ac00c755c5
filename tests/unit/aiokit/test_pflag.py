"""Flags as pflag reads them."""

from dataclasses import dataclass
from typing import Any

import pytest

from kajitori.aiokit.pflag import Duration, FlagError, HelpRequested, Options, Parser, UsageError, flag, parse


@dataclass(frozen=True, kw_only=True)
class Some(Options):
    all_: bool = flag(False, "", name="all", short="A")
    count: int = flag(1, "", short="c")
    names: tuple[str, ...] = flag((), "")
    whole: tuple[str, ...] = flag((), "", split=False)
    time: Duration = flag(Duration(0), "")
    user: tuple[str, ...] = flag((), "")
    how: str = flag("x", "", no_value="bare")


@dataclass(frozen=True, kw_only=True)
class GlobalOptions(Options):
    context: str = flag("", "")
    user: str = flag("", "")
    secret: bool = flag(False, "", hidden=True)


def parsed(*words: str) -> Some:
    parser = Parser(Some, GlobalOptions)
    parser.parse(words)
    return parser.build(Some)


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        (["--all"], "all_", True),
        (["-A"], "all_", True),
        (["--all=false"], "all_", False),
        (["-c", "3"], "count", 3),
        (["-c3"], "count", 3),
        (["-c=3"], "count", 3),
        (["--count", "0x10"], "count", 16),
        (["-Ac3"], "count", 3),
        (["--names=a,b", "--names", "c"], "names", ("a", "b", "c")),
        (['--names="a,b",c'], "names", ("a,b", "c")),
        (["--whole=a,b"], "whole", ("a,b",)),
        (["--time=1m30s"], "time", 90.0),
        (["--how"], "how", "bare"),
        (["--how=y"], "how", "y"),
        (["a", "--all", "b"], "args", ("a", "b")),
        (["a", "--", "-x", "b"], "args", ("a", "-x", "b")),
        (["a", "--", "-x"], "args_after_dash", ("-x",)),
    ],
    ids=str,
)
def test_a_flag_is_read_in_all_its_forms(words: list[str], field: str, value: Any) -> None:
    assert getattr(parsed(*words), field) == value


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--nope"], "unknown flag: --nope"),
        (["-q"], "unknown shorthand flag: 'q' in -q"),
        (["--count"], "flag needs an argument: --count"),
        (["-c"], "flag needs an argument: 'c' in -c"),
        (["--count=x"], 'invalid argument "x" for "-c, --count" flag: strconv.ParseInt: parsing "x": invalid syntax'),
        (["--all=maybe"], 'invalid argument "maybe" for "-A, --all" flag: strconv.ParseBool'),
    ],
    ids=str,
)
def test_bad_flags_are_refused_in_upstreams_words(words: list[str], message: str) -> None:
    with pytest.raises(FlagError) as caught:
        parsed(*words)
    assert str(caught.value).startswith(message)


def test_a_verbs_flag_with_a_global_name_does_not_leak_into_the_global_one() -> None:
    parser = Parser(Some, GlobalOptions)
    parser.parse(["--user=u", "--context=c"])
    assert parser.build(Some).user == ("u",)
    assert parser.build(GlobalOptions).user == ""
    assert parser.build(GlobalOptions).context == "c"


def test_a_whole_line_has_no_more_arguments_than_it_may() -> None:
    assert parse(Some, ["a", "-A"], program="p verb", about="Does it.", max_args=1).args == ("a",)
    with pytest.raises(UsageError, match='unknown command "b" for "p verb"'):
        parse(Some, ["a", "b"], program="p verb", about="Does it.", max_args=1)


def test_help_lists_the_flags_that_are_not_hidden() -> None:
    with pytest.raises(HelpRequested) as caught:
        parse(GlobalOptions, ["--help"], program="p verb", about="Does it.")
    assert str(caught.value).startswith("Does it.\n\nOptions:\n    --context='':")
    assert "--secret" not in str(caught.value)
