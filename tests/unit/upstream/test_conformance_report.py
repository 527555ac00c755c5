"""The conformance run's report: reasons, results, progress."""

import pytest
from tests.upstream import report
from tests.upstream.report import Result

JUNIT = """<testsuite>
  <testcase name="a" time="1.5"/>
  <testcase name="b" time="2"><failure>it broke
at a line</failure></testcase>
  <testcase name="c" time="0"><skipped/></testcase>
</testsuite>"""


def test_every_test_that_is_left_out_has_a_reason():
    known = report.reasons()
    assert all(reason.why for reason in known)
    assert report.why_not("[sig-auth] PodSecurityPolicy [Feature:PodSecurityPolicy] should x", known)
    assert report.why_not("[sig-api-machinery] Watchers should observe x [Conformance]", known) is None


def test_a_pattern_without_a_reason_is_refused(tmp_path):
    path = tmp_path / "reasons.txt"
    path.write_text("# a comment\n\nsomething\n")
    with pytest.raises(ValueError, match="a pattern without a reason: something"):
        report.reasons(path)


def test_results_are_read_and_told_with_failures_last(tmp_path):
    path = tmp_path / "junit.xml"
    path.write_text(JUNIT)
    results = report.read_junit(path)
    assert results == [
        Result("a", "passed", 1.5),
        Result("b", "failed", 2.0, "it broke\nat a line"),
        Result("c", "skipped"),
    ]
    text = report.summary(results, {"d": "for a reason"})
    assert text.splitlines()[0] == "NOT APPLICABLE d: for a reason"
    assert text.endswith("FAILED b (2 s)\n    it broke\n    at a line\n1 passed, 1 failed, 1 skipped, 1 not applicable")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"msg":"PASSED a","total":1}', "PASSED a"),
        ('•{"msg":"FAILED b","total":1}', "FAILED b"),
        ('{"msg":"Test Suite starting","total":1}', None),
        ('{"msg":broken', None),
        ("PASSED a", None),
    ],
)
def test_only_finished_tests_are_progress(line, told):
    assert report.progress(line) == told
