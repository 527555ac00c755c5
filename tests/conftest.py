"""What every layer of tests stands on: signals as in a terminal, and no silent skips in CI."""

import os
import signal
from collections.abc import Generator

import pytest

# A shell without job control starts what runs in the background with SIGINT ignored, and children inherit that: tests that
# press Ctrl-C would press in vain.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

NOT_FOR_THIS_ENGINE = "promised by engines that are not shared"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is skipped has failed: `.ci/run` installs whatever a test needs."""
    report = yield
    if report.skipped and os.environ.get("CI") and NOT_FOR_THIS_ENGINE not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
