"""What holds for every test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator


# The machine's speed is nobody's property; a failure must come again when it is looked at.
settings.register_profile("house", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a microphone was promised (.ci/run), a microphone test that is skipped has failed."""
    report = yield
    is_promised = "PRACTICE_REQUIRE_MICROPHONE" in os.environ
    if is_promised and report.skipped and item.get_closest_marker("mic") is not None:
        report.outcome = "failed"
        report.longrepr = f"skipped, but PRACTICE_REQUIRE_MICROPHONE is set: {report.longrepr}"
    return report
