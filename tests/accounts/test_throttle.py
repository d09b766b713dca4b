"""How often somebody may try to get in."""

from __future__ import annotations

import pytest

from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.token_buckets import Allowance, MemoryBuckets
from session_service.accounts.throttle import Throttle, ThrottleLimits

LIMITS = ThrottleLimits(per_host=Allowance(2, 60.0), per_account=Allowance(2, 60.0))


def standing_still() -> float:
    return 0.0


async def assert_too_many(attempt: object) -> None:
    with pytest.raises(PracticeError) as refused:
        await attempt  # type: ignore[misc]
    assert refused.value.code is ErrorCode.RATE_LIMITED
    assert refused.value.retry_after_s == 60.0


async def test_processes_that_share_buckets_count_attempts_together() -> None:
    buckets = MemoryBuckets(standing_still)
    one, other = Throttle(LIMITS, buckets), Throttle(LIMITS, buckets)
    await one.try_account("ada@example.org")
    await other.try_account("ada@example.org")
    await assert_too_many(one.try_account("ada@example.org"))
    await one.try_account("bob@example.org")
    await other.forgive("ada@example.org")
    await one.try_account("ada@example.org")


async def test_an_ipv6_network_is_one_place() -> None:
    throttle = Throttle(LIMITS, MemoryBuckets(standing_still))
    await throttle.enter("2001:db8::1")
    await throttle.enter("2001:db8::2")
    await assert_too_many(throttle.enter("2001:db8::3"))
    await throttle.enter("2001:db8:0:1::3")
