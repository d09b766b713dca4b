"""Token buckets in Redis, shared by every process of an installation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from practice.rpc.token_buckets import US_PER_S

if TYPE_CHECKING:
    from practice.rpc.token_buckets import Allowance

_PREFIX: Final = "practice:bucket:"
_MOST_CONNECTIONS: Final = 32

#: One step for all processes, by the server's clock. KEYS: the bucket. ARGV: burst, µs per token.
#: Returns the µs to wait, 0 when a token was taken. A bucket that is full again needs no key. One
#: that would be full later than a whole bucket takes is of a clock that was set back.
_TAKE: Final = """
local time = redis.call('TIME')
local now_us = time[1] * 1000000 + time[2]
local every_us = tonumber(ARGV[2])
local fill_us = ARGV[1] * every_us
local full_at_us = tonumber(redis.call('GET', KEYS[1]) or now_us)
full_at_us = math.min(math.max(full_at_us, now_us), now_us + fill_us)
local wait_us = full_at_us + every_us - now_us - fill_us
if wait_us > 0 then
    return math.ceil(wait_us)
end
full_at_us = full_at_us + every_us
local lives_ms = math.ceil((full_at_us - now_us) / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', full_at_us), 'PX', lives_ms)
return 0
"""


class RedisBuckets:
    """Buckets that outlive a process.

    Parameters
    ----------
    url
        ``redis://…``, ``rediss://…`` or ``unix://…``.
    timeout_s
        How long an answer may take.

    Raises
    ------
    ValueError
        When the URL is none.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        pool = redis.BlockingConnectionPool.from_url(
            url,
            max_connections=_MOST_CONNECTIONS,
            timeout=timeout_s,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),  # who asks has something better to do than to wait
        )
        self._client: redis.Redis = redis.Redis.from_pool(pool)
        self._take: Any = self._client.register_script(_TAKE)

    async def take(self, key: str, allowance: Allowance) -> float:
        """Take a token and return 0, or return how long until there is one, s.

        Raises
        ------
        redis.RedisError
            When Redis does not answer as it should.
        """
        arguments = [allowance.burst, allowance.every_us]
        wait_us = await self._take(keys=[_name(key)], args=arguments)
        return int(wait_us) / US_PER_S

    async def refill(self, key: str) -> None:
        """Fill a bucket; raises like `take`."""
        await self._client.delete(_name(key))

    async def check(self) -> None:
        """Return when Redis answers, and can run what is asked of it; raises like `take`."""
        await self._client.ping()

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _name(key: str) -> str:
    """Return a key's name: of one length, and without whom it is about."""
    return _PREFIX + hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
