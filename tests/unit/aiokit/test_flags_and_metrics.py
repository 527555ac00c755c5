"""Go-style flags and Prometheus text."""

import re

import pytest

from kajitori.aiokit.flags import Flags, HelpRequested, UsageError
from kajitori.aiokit.govalues import format_duration, parse_bool, parse_duration
from kajitori.aiokit.metrics import Registry


def some_flags() -> Flags:
    flags = Flags("kajitori x", "Does x.")
    flags.string("name", "default", "A name.")
    flags.boolean("fast", False, "Be fast.")
    flags.integer("port", 80, "A port.")
    flags.duration("wait", 1.0, "How long.")
    flags.strings("zones", ("a",), "Zones.")
    return flags


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--version"], "Kubernetes v1.34.5\n"),
        (["--name=x", "--version=true"], "Kubernetes v1.34.5\n"),
        (["--version=raw"], 'version.Info{Major:"1", Minor:"34", GitVersion:"v1.34.5"}\n'),
    ],
)
def test_a_component_tells_its_version_and_ends(argv: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        some_flags().parse_or_exit(argv)
    assert (ended.value.code, capsys.readouterr().out) == (0, says)


def test_no_version_is_asked_for_with_false() -> None:
    assert some_flags().parse_or_exit(["--version=false", "--name=x"])["name"] == "x"


def test_a_version_that_is_none_of_its_words_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        some_flags().parse_or_exit(["--version=maybe"])
    assert ended.value.code == 1
    assert 'invalid argument "maybe"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "name", "value"),
    [
        (["--name=n"], "name", "n"),
        (["--name", "n"], "name", "n"),
        (["-v", "4"], "v", 4),
        (["--fast"], "fast", True),
        (["--fast=false"], "fast", False),
        (["--port=1"], "port", 1),
        (["--wait", "1m30s"], "wait", 90.0),
        (["--zones=b,c", "--zones", "d"], "zones", ["b", "c", "d"]),
        (["-v=4"], "v", 4),
        ([], "zones", ["a"]),
    ],
)
def test_flags_are_read_as_go_reads_them(argv: list[str], name: str, value: object) -> None:
    options = some_flags().parse(argv)
    assert options[name] == value
    assert options.given(name) == bool(argv)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--nonsense"], "unknown flag: --nonsense"),
        (["-name", "n"], "unknown shorthand flag: 'n' in -name"),
        (["--name"], "flag needs an argument: --name"),
        (["--port=x"], 'invalid argument "x" for "--port" flag'),
        (["--fast=maybe"], 'invalid argument "maybe" for "--fast" flag'),
        (["--wait=soon"], 'time: invalid duration "soon"'),
    ],
)
def test_mistakes_are_told_in_upstreams_words(argv: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        some_flags().parse(argv)


def test_a_program_with_gos_own_flag_package_takes_names_after_one_dash() -> None:
    flags = Flags("kajitori dns", "Answers.", one_dash=True)
    flags.string("conf", "", "A file.")
    assert flags.parse(["-conf", "Corefile", "-v=2"])["conf"] == "Corefile"


def test_help_lists_every_flag() -> None:
    with pytest.raises(HelpRequested, match="--zones"):
        some_flags().parse(["--help"])


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("1h2m3s", 3723), ("1.5s", 1.5), ("250ms", 0.25), ("-2s", -2)])
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "1x", "1h2", "-"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=f'time: (invalid|missing unit in) duration "{text}"'):
        parse_duration(text)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (90, "1m30s"), (0.5, "500ms"), (3600, "1h0m0s")])
def test_durations_are_printed_as_go_prints_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_booleans_are_gos() -> None:
    assert [parse_bool(text) for text in ("1", "t", "True", "FALSE", "f")] == [True, True, True, False, False]
    with pytest.raises(ValueError, match="invalid syntax"):
        parse_bool("tRuE")


def test_metrics_are_exposed_as_prometheus_reads_them() -> None:
    registry = Registry()
    requests = registry.counter("requests_total", "Requests.", ("code",))
    requests.inc("200")
    requests.inc("200")
    requests.inc('a"b\n')
    seconds = registry.histogram("seconds", "Time.", buckets=(0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 5):
        seconds.observe(value)
    registry.callback("queue", "Length.", ("name",), lambda: {("x",): 3.0})
    lines = registry.text().splitlines()
    assert 'requests_total{code="200"} 2' in lines
    assert 'requests_total{code="a\\"b\\n"} 1' in lines
    assert [line for line in lines if line.startswith("seconds")] == [
        'seconds_bucket{le="0.1"} 2',
        'seconds_bucket{le="1"} 3',
        'seconds_bucket{le="+Inf"} 4',
        "seconds_sum 5.65",
        "seconds_count 4",
    ]
    assert 'queue{name="x"} 3' in lines
    with pytest.raises(ValueError, match="twice"):
        registry.counter("seconds", "again")


def test_a_word_that_is_no_flag_is_refused_as_upstream_refuses_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Flags("kajitori proxy", "The service proxy.").parse_or_exit(["--v=2", "extra"])
    assert ended.value.code == 1
    assert 'Error: "kajitori proxy" does not take any arguments, got ["extra"]' in capsys.readouterr().err
