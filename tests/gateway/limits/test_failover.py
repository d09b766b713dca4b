"""Redis goes away, and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry

from gateway.limits.failover import FailoverBuckets
from gateway.limits.redis_buckets import RedisBuckets
from practice.rpc.token_buckets import Allowance, MemoryBuckets

if TYPE_CHECKING:
    from tests.gateway.redis_server import RedisServer

SELDOM = Allowance(burst=1, every_s=3600.0)


def failover(url: str, registry: CollectorRegistry, timeout_s: float = 60.0) -> FailoverBuckets:
    local = MemoryBuckets(asyncio.get_running_loop().time)
    return FailoverBuckets(RedisBuckets(url, timeout_s), local, registry, look_every_s=0.01)


async def is_shared(registry: CollectorRegistry) -> None:
    """Wait for the metric to say that Redis counts."""
    async with asyncio.timeout(60):
        while registry.get_sample_value("practice_rate_limits_shared") != 1.0:  # noqa: ASYNC110 - a metric tells nobody
            await asyncio.sleep(0.01)


async def test_limits_hold_per_process_while_redis_is_away_and_together_when_it_is_back(
    own_redis: RedisServer,
) -> None:
    registry = CollectorRegistry()
    buckets = failover(own_redis.url, registry)
    try:
        assert await buckets.take("shared", SELDOM) == 0.0
        own_redis.stop()
        with structlog.testing.capture_logs() as logs:
            assert await buckets.take("key", SELDOM) == 0.0
            assert await buckets.take("key", SELDOM) > 0.0
            assert registry.get_sample_value("practice_rate_limits_shared") == 0.0
            own_redis.start()
            await is_shared(registry)
        assert [(line["event"], line["log_level"]) for line in logs] == [
            ("rate_limits_per_process", "warning"),
            ("rate_limits_shared_again", "warning"),
        ]
        assert registry.get_sample_value("practice_rate_limit_failovers_total") == 1.0
        assert await buckets.take("key", SELDOM) == 0.0, "Redis knows nothing of this one"
        assert await buckets.take("key", SELDOM) > 0.0
    finally:
        await buckets.close()


async def test_a_redis_that_hangs_holds_nobody_up_for_long(own_redis: RedisServer) -> None:
    registry = CollectorRegistry()
    buckets = failover(own_redis.url, registry, timeout_s=0.1)
    assert own_redis.process is not None
    try:
        os.kill(own_redis.process.pid, signal.SIGSTOP)
        assert await buckets.take("key", SELDOM) == 0.0
        assert registry.get_sample_value("practice_rate_limits_shared") == 0.0
        assert await buckets.take("key", SELDOM) > 0.0
        os.kill(own_redis.process.pid, signal.SIGCONT)
        await is_shared(registry)
    finally:
        await buckets.close()


async def test_a_redis_that_never_was_is_no_obstacle(own_redis: RedisServer) -> None:
    own_redis.stop()
    buckets = failover(own_redis.url, CollectorRegistry())
    try:
        assert await buckets.take("key", SELDOM) == 0.0
        await buckets.refill("key")
        assert await buckets.take("key", SELDOM) == 0.0
    finally:
        await buckets.close()
