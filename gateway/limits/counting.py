"""Rate limits by the settings: how often, and where it is counted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from gateway.limits.failover import FailoverBuckets
from gateway.limits.redis_buckets import RedisBuckets
from practice.rpc.origins import Origins, networks
from practice.rpc.principals import is_loopback
from practice.rpc.rate_limits import CallRates, RateLimits
from practice.rpc.token_buckets import Allowance, MemoryBuckets

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from gateway.settings import Settings
    from practice.rpc.token_buckets import TokenBuckets

#: An app that is used as fast as a hand can makes some 5 calls a second, 50 in a sync. A school is
#: one address, and has a hundred of them.
_CALLS_PER_S_PER_USER: Final = 50.0
_CALLS_PER_S_PER_ADDRESS: Final = 500.0
_BURST_S: Final = 10.0

#: Redis is on the way of every call: it answers in less than 1 ms, or is not there.
_REDIS_TIMEOUT_S: Final = 0.25


class Counting:
    """Where a server counts calls and attempts; make it on the event loop.

    Parameters
    ----------
    settings
        How often, and where Redis is.
    registry
        For metrics.
    """

    def __init__(self, settings: Settings, registry: CollectorRegistry) -> None:
        local = MemoryBuckets(asyncio.get_running_loop().time)
        self._shared: FailoverBuckets | None = None
        if settings.redis_url:
            redis = RedisBuckets(settings.redis_url, _REDIS_TIMEOUT_S)
            self._shared = FailoverBuckets(redis, local, registry)
        self.buckets: TokenBuckets = self._shared or local
        self.limits = RateLimits(self.buckets, rates_of(settings), registry)
        self.origins = Origins(networks(settings.trusted_proxies))

    async def close(self) -> None:
        """Close every connection."""
        if self._shared is not None:
            await self._shared.close()


def rates_of(settings: Settings) -> CallRates:
    """Return how often one may call; whoever has the server to themselves, as they like."""
    is_alone = is_loopback(settings.host)
    return CallRates(
        per_address=_allowance(
            settings.calls_per_second_per_address, 0.0 if is_alone else _CALLS_PER_S_PER_ADDRESS
        ),
        per_user=_allowance(
            settings.calls_per_second_per_user, 0.0 if is_alone else _CALLS_PER_S_PER_USER
        ),
    )


def _allowance(chosen_per_s: float | None, fallback_per_s: float) -> Allowance | None:
    per_s = fallback_per_s if chosen_per_s is None else chosen_per_s
    if not per_s:
        return None
    return Allowance(burst=max(1, round(per_s * _BURST_S)), every_s=1.0 / per_s)
