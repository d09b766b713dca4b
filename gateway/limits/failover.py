"""Shared token buckets while they answer, this process's own while they do not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import structlog
from prometheus_client import Counter, Gauge
from redis import RedisError

from practice.rpc.token_buckets import TokenBuckets

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prometheus_client import CollectorRegistry

    from practice.rpc.token_buckets import Allowance

Answer = TypeVar("Answer")

_AWAY: Final = (RedisError, OSError, TimeoutError)


class SharedBuckets(TokenBuckets, Protocol):
    """Buckets that may be away for a while."""

    async def check(self) -> None:
        """Return when they answer, else raise."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class FailoverBuckets:
    """Asks the shared buckets; without an answer its own, until a look in the background helps.

    Nobody waits for shared buckets that are known to be away. The two know nothing of each other:
    who has used up the ones begins with full ones after a change.

    Parameters
    ----------
    shared, local
        The buckets.
    registry
        Where it is told which ones are asked.
    look_every_s
        How often shared buckets that are away are looked at.
    """

    def __init__(
        self,
        shared: SharedBuckets,
        local: TokenBuckets,
        registry: CollectorRegistry,
        look_every_s: float = 1.0,
    ) -> None:
        self._shared = shared
        self._local = local
        self._look_every_s = look_every_s
        self._looking: asyncio.Task[None] | None = None
        self._is_shared = Gauge(
            "practice_rate_limits_shared",
            "1 while rate limits are counted in Redis, 0 while each process counts its own.",
            registry=registry,
        )
        self._is_shared.set(1)
        self._failures = Counter(
            "practice_rate_limit_failovers", "Times that Redis went away.", registry=registry
        )

    async def take(self, key: str, allowance: Allowance) -> float:
        """Take a token and return 0, or return how long until there is one, s."""
        return await self._ask(lambda buckets: buckets.take(key, allowance))

    async def refill(self, key: str) -> None:
        """Fill a bucket."""
        await self._local.refill(key)
        await self._ask(lambda buckets: buckets.refill(key))

    async def close(self) -> None:
        """Close every connection."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._shared.close()

    async def _ask(self, question: Callable[[TokenBuckets], Awaitable[Answer]]) -> Answer:
        if self._looking is None:
            try:
                return await question(self._shared)
            except _AWAY as error:
                self._go_local(error)
        return await question(self._local)

    def _go_local(self, error: Exception) -> None:
        if self._looking is not None:  # another call was first
            return
        structlog.get_logger().warning(
            "rate_limits_per_process", reason=f"Redis does not answer: {error}"
        )
        self._is_shared.set(0)
        self._failures.inc()
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._look_every_s)
            try:
                await self._shared.check()
            except _AWAY:
                continue
            break
        structlog.get_logger().warning("rate_limits_shared_again")
        self._is_shared.set(1)
        self._looking = None
