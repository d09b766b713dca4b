"""Buckets of both kinds, and a Redis that may be ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.limits.redis_buckets import RedisBuckets
from practice.rpc.token_buckets import MemoryBuckets, TokenBuckets
from tests.gateway import redis_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PATIENT_S = 60.0


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[redis_server.RedisServer]:
    """A server for tests that leave it up."""
    with redis_server.running() as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[redis_server.RedisServer]:
    """A server for a test that ends it."""
    with redis_server.running() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def buckets(request: pytest.FixtureRequest) -> AsyncIterator[TokenBuckets]:
    """Buckets of each kind."""
    if request.param == "memory":
        yield MemoryBuckets(asyncio.get_running_loop().time)
        return
    server: redis_server.RedisServer = request.getfixturevalue("shared_redis")
    in_redis = RedisBuckets(server.url, PATIENT_S)
    yield in_redis
    await in_redis.close()
