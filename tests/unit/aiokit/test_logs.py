import json
import re

import pytest

from kajitori.aiokit import logs


@pytest.fixture(autouse=True)
def plain_settings():
    yield
    logs.configure()


def test_text_lines_look_like_klog(capsys: pytest.CaptureFixture[str]) -> None:
    logs.get_logger("x").info("created pods", replicaset="default/web", count=3, dry=False)
    line = capsys.readouterr().err
    assert re.fullmatch(
        r'I\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ test_logs\.py:\d+\] "created pods"'
        r' replicaset="default/web" count=3 dry=false\n',
        line,
    )


def test_verbosity_silences_deeper_lines(capsys: pytest.CaptureFixture[str]) -> None:
    log = logs.get_logger("x")
    logs.configure(verbosity=1)
    log.v(2).info("deep")
    log.v(1).info("shallow")
    assert capsys.readouterr().err.count("\n") == 1


def test_json_lines_hold_message_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(format="json")
    logs.get_logger("x").bind(node="a").warning("slow", seconds=2)
    entry = json.loads(capsys.readouterr().err)
    assert (entry["msg"], entry["level"], entry["node"], entry["seconds"]) == ("slow", "warning", "a", 2)


def test_an_error_shows_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise KeyError("gone")
    except KeyError as error:
        logs.get_logger("x").error("failed", error, key="a/b")
    text = capsys.readouterr().err
    assert text.startswith("E") and "Traceback" in text and 'key="a/b"' in text


def test_single_files_may_say_more(capsys: pytest.CaptureFixture[str]) -> None:
    log = logs.get_logger("x")
    logs.configure(modules=logs.parse_modules("other=9,test_lo*=2"))
    log.v(3).info("deep")
    log.v(2).info("shallow")
    assert log.v(2).enabled
    assert not log.v(3).enabled
    assert capsys.readouterr().err.count("\n") == 1
    logs.configure(modules=logs.parse_modules("other=9"))
    log.v(1).info("other")
    assert not capsys.readouterr().err


@pytest.mark.parametrize("text", ["a", "=1", "a=x", "a=1,b"])
def test_what_is_no_list_of_files_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expect comma-separated list of filename=N"):
        logs.parse_modules(text)
