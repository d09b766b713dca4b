"""Load of the loop, and places for streams."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack

import pytest

from analysis_engine.serving.admission import Admission, Load, LoopLoadGauge
from analysis_engine.serving.limits import AdmissionLimits
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import ANONYMOUS_SUBJECT, Principal

ANYBODY = Principal(ANONYMOUS_SUBJECT)
ADA, BOB = Principal("ada"), Principal("bob")


class FixedGauge:
    def __init__(self, load: Load) -> None:
        self.load = load


def test_places_are_counted_and_given_back() -> None:
    admission = Admission(AdmissionLimits(max_streams=2), FixedGauge(Load()))
    with ExitStack() as stack:
        stack.enter_context(admission.enter(ANYBODY))
        stack.enter_context(admission.enter(ANYBODY))
        with pytest.raises(PracticeError) as refusal, admission.enter(ANYBODY):
            pass
        assert refusal.value.code is ErrorCode.SERVER_FULL
        assert refusal.value.retry_after_s is not None
    assert admission.stream_count == 0


def test_one_user_can_not_take_every_place() -> None:
    admission = Admission(AdmissionLimits(max_streams_per_user=2), FixedGauge(Load()))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(admission.enter(ADA))
        with pytest.raises(PracticeError) as refusal, admission.enter(ADA):
            pass
        assert (refusal.value.code, refusal.value.limit) == (
            ErrorCode.RATE_LIMITED,
            "streams per user",
        )
        for principal in (BOB, ANYBODY, ANYBODY, ANYBODY):
            stack.enter_context(admission.enter(principal))
    with admission.enter(ADA):
        assert admission.stream_count == 1


def test_a_users_broken_streams_do_not_keep_the_same_from_coming_back() -> None:
    admission = Admission(AdmissionLimits(max_streams_per_user=2), FixedGauge(Load()))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(admission.enter(ADA))
        for _ in range(2):
            stack.enter_context(admission.enter(ADA, is_resuming=True))
        with pytest.raises(PracticeError), admission.enter(ADA, is_resuming=True):
            pass


def test_streams_that_come_back_find_a_reserve() -> None:
    limits = AdmissionLimits(max_streams=10, resume_reserve=0.1)
    admission = Admission(limits, FixedGauge(Load(busy=0.9, lag_s=0.021)))
    with pytest.raises(PracticeError), admission.enter(ANYBODY):
        pass
    with ExitStack() as stack:
        for _ in range(11):
            stack.enter_context(admission.enter(ANYBODY, is_resuming=True))
        with pytest.raises(PracticeError), admission.enter(ANYBODY, is_resuming=True):
            pass


@pytest.mark.parametrize(
    ("load", "is_full"),
    [
        (Load(busy=1.0, lag_s=0.005), False),  # busy with files, which give way
        (Load(busy=1.0, lag_s=0.05), True),
        (Load(busy=0.2, lag_s=0.05), False),  # somebody else's work on this machine
        (Load(busy=0.2, lag_s=0.2), True),
    ],
)
def test_a_busy_loop_is_full_when_it_runs_late(load: Load, is_full: bool) -> None:
    admission = Admission(AdmissionLimits(), FixedGauge(load))
    try:
        with admission.enter(ANYBODY):
            was_refused = False
    except PracticeError:
        was_refused = True
    assert was_refused == is_full


def test_refused_clients_do_not_return_as_one() -> None:
    admission = Admission(AdmissionLimits(retry_after_s=2.0), FixedGauge(Load(lag_s=1.0)))
    waits_s = set()
    for _ in range(20):
        with pytest.raises(PracticeError) as refusal, admission.enter(ANYBODY):
            pass
        waits_s.add(refusal.value.retry_after_s)
    assert len(waits_s) == 20
    assert all(wait_s is not None and 1.0 <= wait_s <= 3.0 for wait_s in waits_s)


async def test_the_gauge_sees_work_on_the_loop() -> None:
    gauge = LoopLoadGauge(interval_s=0.01)
    measuring = asyncio.create_task(gauge.run())
    while gauge.load == Load():  # noqa: ASYNC110 - the gauge tells nobody
        await asyncio.sleep(0)
    started_s = time.thread_time()
    await asyncio.sleep(0)
    while time.thread_time() - started_s < 0.1:
        pass  # the loop stands still
    while gauge.load.lag_s < 0.05:  # noqa: ASYNC110 - as above; a timeout ends the test
        await asyncio.sleep(0)
    assert gauge.load.busy > 0.0
    measuring.cancel()
