"""What every kind of buckets does, and what each does alone."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest
import redis

from gateway.limits.redis_buckets import RedisBuckets
from practice.rpc.token_buckets import Allowance, MemoryBuckets, TokenBuckets
from tests.gateway.limits.conftest import PATIENT_S

if TYPE_CHECKING:
    from tests.gateway.redis_server import RedisServer

#: Nobody gets a second token while a test runs.
SELDOM = Allowance(burst=3, every_s=3600.0)


@pytest.fixture
def key() -> str:
    """A bucket that nobody else takes from."""
    return uuid.uuid4().hex


async def test_a_full_bucket_gives_its_burst_and_then_tells_the_wait(
    buckets: TokenBuckets, key: str
) -> None:
    assert [await buckets.take(key, SELDOM) for _ in range(3)] == [0.0, 0.0, 0.0]
    wait_s = await buckets.take(key, SELDOM)
    assert 3500.0 < wait_s <= 3600.0


async def test_a_refusal_costs_nothing(buckets: TokenBuckets, key: str) -> None:
    for _ in range(3):
        await buckets.take(key, SELDOM)
    waits_s = [await buckets.take(key, SELDOM) for _ in range(5)]
    assert waits_s == sorted(waits_s, reverse=True)


async def test_a_token_comes_when_it_was_said_to(buckets: TokenBuckets, key: str) -> None:
    quick = Allowance(burst=1, every_s=0.05)
    assert await buckets.take(key, quick) == 0.0
    while wait_s := await buckets.take(key, quick):
        assert wait_s <= 0.05
        await asyncio.sleep(wait_s)


async def test_buckets_are_apart(buckets: TokenBuckets, key: str) -> None:
    for _ in range(4):
        await buckets.take(key, SELDOM)
    assert await buckets.take(f"{key} of another", SELDOM) == 0.0


async def test_a_refilled_bucket_is_full(buckets: TokenBuckets, key: str) -> None:
    for _ in range(4):
        await buckets.take(key, SELDOM)
    await buckets.refill(key)
    assert [await buckets.take(key, SELDOM) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert await buckets.take(key, SELDOM) > 0.0


async def test_of_many_at_once_no_more_get_through_than_the_burst(
    buckets: TokenBuckets, key: str
) -> None:
    waits_s = await asyncio.gather(*(buckets.take(key, SELDOM) for _ in range(50)))
    assert waits_s.count(0.0) == 3


async def test_memory_is_bounded_and_forgets_the_longest_untouched() -> None:
    buckets = MemoryBuckets(lambda: 0.0, most_keys=2)
    once = Allowance(burst=1, every_s=60.0)
    for key in ("a", "b", "a", "c"):
        await buckets.take(key, once)
    assert len(buckets) == 2
    assert await buckets.take("a", once) > 0.0
    assert await buckets.take("b", once) == 0.0


async def test_redis_is_shared_and_keeps_nothing_for_good(
    shared_redis: RedisServer, key: str
) -> None:
    one, other = (
        RedisBuckets(shared_redis.url, PATIENT_S),
        RedisBuckets(shared_redis.url, PATIENT_S),
    )
    try:
        for buckets in (one, other, one):
            assert await buckets.take(key, SELDOM) == 0.0
        assert await other.take(key, SELDOM) > 0.0
    finally:
        await one.close()
        await other.close()
    with redis.Redis.from_url(shared_redis.url, decode_responses=True) as client:
        names = list(client.scan_iter("practice:bucket:*"))
        assert names
        assert not any(key in name for name in names), "whom it is about stays here"
        assert all(client.pttl(name) > 0 for name in names)


@pytest.mark.parametrize(("burst", "every_s"), [(0, 1.0), (1, 0.0), (1, float("nan"))])
def test_an_allowance_that_is_none_is_refused(burst: int, every_s: float) -> None:
    with pytest.raises(ValueError, match=r"burst|every_s"):
        Allowance(burst=burst, every_s=every_s)
