"""When a broken stream is tried again, and when not."""

from __future__ import annotations

import random

import pytest

from practice.rpc.errors import ErrorCode, PracticeError
from practice_client.failure import Remedy, remedy_for
from practice_client.reconnect import Backoff, ReconnectPolicy

POLICY = ReconnectPolicy(first_delay_s=0.1, factor=2.0, max_delay_s=1.0)


class Longest(random.Random):
    """Always draws the longest wait, so that the waits can be compared."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(POLICY, random=Longest())
    waits_s = [backoff.next_delay_s(0.0, None, 100.0) for _ in range(6)]
    assert waits_s == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0, 1.0])


def test_waits_are_jittered() -> None:
    backoff = Backoff(POLICY, random=random.Random(1))
    waits_s = {backoff.next_delay_s(0.0, None, 100.0) for _ in range(5)}
    assert len(waits_s) == 5
    assert all(wait_s is not None and 0.0 <= wait_s <= 1.0 for wait_s in waits_s)


def test_the_servers_wish_is_the_least_wait() -> None:
    backoff = Backoff(POLICY, random=random.Random(1))
    wait_s = backoff.next_delay_s(0.0, 3.0, 100.0)
    assert wait_s is not None
    assert 3.0 <= wait_s <= 3.1


def test_it_gives_up_when_the_row_of_failures_gets_too_long() -> None:
    backoff = Backoff(POLICY, random=Longest())
    assert backoff.next_delay_s(10.0, None, 5.0) is not None
    assert backoff.next_delay_s(14.9, None, 5.0) is None
    backoff.reset()
    assert backoff.next_delay_s(14.9, None, 5.0) is not None


def test_wrong_policies_are_refused() -> None:
    with pytest.raises(ValueError, match="factor"):
        ReconnectPolicy(factor=0.5)
    with pytest.raises(ValueError, match="max_delay_s"):
        ReconnectPolicy(max_delay_s=-1.0)


def _remedy(code: ErrorCode, retry_after_s: float | None = None, **how: object) -> Remedy:
    error = PracticeError(code, "so it is", retry_after_s=retry_after_s)
    return remedy_for(
        error,
        has_token=bool(how.get("has_token", True)),
        internal_failures=int(str(how.get("internal_failures", 0))),
    )


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (ErrorCode.SERVER_UNREACHABLE, Remedy.RESUME),
        (ErrorCode.SERVER_DRAINING, Remedy.RESUME),
        (ErrorCode.SERVER_FULL, Remedy.RESUME),
        (ErrorCode.READER_TOO_SLOW, Remedy.RESUME),
        (ErrorCode.STREAM_IDLE, Remedy.RESUME_WHEN_NEEDED),
        (ErrorCode.STREAM_NOT_RESUMABLE, Remedy.START_AGAIN),
        (ErrorCode.STREAM_TAKEN_OVER, Remedy.SURFACE),
        (ErrorCode.RESUME_TOKEN_WRONG, Remedy.SURFACE),
        (ErrorCode.FIELD_INVALID, Remedy.SURFACE),
        (ErrorCode.STREAM_TOO_LONG, Remedy.FINISH),
    ],
)
def test_each_failure_has_its_remedy(code: ErrorCode, remedy: Remedy) -> None:
    assert _remedy(code) is remedy


def test_limits_are_tried_again_only_when_the_server_says_when() -> None:
    assert _remedy(ErrorCode.PACE_EXCEEDED, 2.0) is Remedy.RESUME
    assert _remedy(ErrorCode.PACE_EXCEEDED) is Remedy.SURFACE


def test_an_unknown_stream_is_an_error_when_nothing_was_resumed() -> None:
    assert _remedy(ErrorCode.NOT_FOUND, has_token=False) is Remedy.SURFACE


def test_internal_errors_are_tried_again_a_few_times() -> None:
    assert _remedy(ErrorCode.INTERNAL, internal_failures=1) is Remedy.RESUME
    assert _remedy(ErrorCode.INTERNAL, internal_failures=3) is Remedy.SURFACE
