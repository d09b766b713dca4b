"""Token buckets in seconds of audio, on a clock that the test holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.serving.limits import PaceLimit, SmallMessageLimit
from analysis_engine.serving.pacing import AudioBucket, FastQuota, SmallMessages
from practice.rpc.errors import ErrorCode, PracticeError

REAL_TIME = PaceLimit(burst_s=30.0, speed=1.5)


def test_the_burst_fits_and_a_second_more_does_not() -> None:
    bucket = AudioBucket(REAL_TIME, now_s=0.0)
    bucket.charge(30.0, now_s=0.0)
    with pytest.raises(PracticeError) as refusal:
        bucket.charge(1.0, now_s=0.0)
    assert refusal.value.code is ErrorCode.PACE_EXCEEDED
    assert refusal.value.retry_after_s == pytest.approx(1.0 / 1.5)


def test_after_the_wait_that_was_told_it_fits() -> None:
    bucket = AudioBucket(REAL_TIME, now_s=0.0)
    bucket.charge(30.0, now_s=0.0)
    with pytest.raises(PracticeError) as refusal:
        bucket.charge(6.0, now_s=1.0)
    wait_s = refusal.value.retry_after_s
    assert wait_s is not None
    bucket.charge(6.0, now_s=1.0 + wait_s + 1e-9)


@given(st.lists(st.floats(0.02, 1.0), max_size=500))
def test_real_time_always_fits(chunks_s: list[float]) -> None:
    bucket, now_s = AudioBucket(REAL_TIME, now_s=0.0), 0.0
    for chunk_s in chunks_s:
        now_s += chunk_s
        bucket.charge(chunk_s, now_s)


@given(st.floats(1.6, 50.0))
def test_anything_faster_runs_dry(speed: float) -> None:
    bucket = AudioBucket(REAL_TIME, now_s=0.0)
    with pytest.raises(PracticeError):  # noqa: PT012 - one of many charges fails
        for second in range(10_000):
            bucket.charge(1.0, now_s=second / speed)


def test_a_clock_that_jumps_back_takes_nothing_away() -> None:
    bucket = AudioBucket(REAL_TIME, now_s=100.0)
    bucket.charge(29.0, now_s=50.0)
    bucket.charge(1.0, now_s=50.0)


def test_every_principal_has_one_bucket() -> None:
    quota = FastQuota(PaceLimit(burst_s=1.0, speed=1.0))
    quota.bucket_of("clara", 0.0).charge(1.0, 0.0)
    quota.bucket_of("johannes", 0.0).charge(1.0, 0.0)
    with pytest.raises(PracticeError):
        quota.bucket_of("clara", 0.0).charge(0.5, 0.0)


@pytest.mark.parametrize(("burst_s", "speed"), [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0)])
def test_a_limit_is_positive(burst_s: float, speed: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        PaceLimit(burst_s, speed)


SMALL = SmallMessageLimit(useful_s=0.01, burst=20.0, per_s=10.0, gap_cost=10.0)


@given(st.lists(st.floats(0.01, 1.0), max_size=500))
def test_useful_audio_is_free_of_the_budget_for_small_messages(chunks_s: list[float]) -> None:
    budget = SmallMessages(SMALL, now_s=0.0)
    for chunk_s in chunks_s:
        budget.charge(chunk_s, now_s=0.0)
    for _ in range(20):
        budget.charge(0.0, now_s=0.0)


@pytest.mark.parametrize(("audio_s", "is_gap", "count"), [(0.009, False, 20), (1.0, True, 2)])
def test_small_messages_and_gaps_run_out_and_come_back(
    audio_s: float, is_gap: bool, count: int
) -> None:
    budget = SmallMessages(SMALL, now_s=0.0)
    for _ in range(count):
        budget.charge(audio_s, now_s=0.0, is_gap=is_gap)
    with pytest.raises(PracticeError) as refusal:
        budget.charge(audio_s, now_s=0.0, is_gap=is_gap)
    error = refusal.value
    assert (error.code, error.limit) == (ErrorCode.RATE_LIMITED, "small messages")
    assert error.retry_after_s is not None
    budget.charge(audio_s, now_s=error.retry_after_s + 1e-9, is_gap=is_gap)
