"""Token buckets: how often something may happen, as a port, and its adapter in memory.

A bucket is one number, the moment at which it is full again ("generic cell rate algorithm", ITU-T
I.371): a token moves it on by the time between two tokens, and there is none left when it would lie
further ahead than a whole bucket takes to fill.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

US_PER_S: Final = 1_000_000

#: About 5 MB of keys and numbers.
MOST_KEYS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """A token bucket: so many at once, then one every so often."""

    burst: int
    every_s: float

    def __post_init__(self) -> None:
        if self.burst < 1:
            raise ValueError(f"burst={self.burst} lets nothing through")
        if not self.every_s > 0:
            raise ValueError(f"every_s={self.every_s} is not positive")

    @property
    def every_us(self) -> int:
        """The same in whole microseconds, at least one."""
        return max(1, round(self.every_s * US_PER_S))


class TokenBuckets(Protocol):
    """Buckets by key; each is full until a token is taken."""

    async def take(self, key: str, allowance: Allowance) -> float:
        """Take a token, or leave the bucket as it is.

        Parameters
        ----------
        key
            Which bucket.
        allowance
            Its size and how it fills; the same for every call with this key.

        Returns
        -------
        float
            0 when a token was taken, else how long until there is one, s.
        """
        ...

    async def refill(self, key: str) -> None:
        """Fill a bucket."""
        ...


class MemoryBuckets:
    """Buckets of this process; the longest untouched is forgotten when there are too many.

    Parameters
    ----------
    now_s
        A monotonic clock, in seconds.
    most_keys
        How many buckets are kept.
    """

    def __init__(self, now_s: Callable[[], float], most_keys: int = MOST_KEYS) -> None:
        self._now_s = now_s
        self._most_keys = most_keys
        # Whole microseconds, as in Redis: sums of fractions would find a full bucket short of one.
        self._full_at_us: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at_us)

    async def take(self, key: str, allowance: Allowance) -> float:
        """Take a token and return 0, or return how long until there is one, s."""
        now_us = round(self._now_s() * US_PER_S)
        full_at_us = max(self._full_at_us.pop(key, now_us), now_us)
        wait_us = full_at_us + allowance.every_us - now_us - allowance.burst * allowance.every_us
        self._full_at_us[key] = full_at_us if wait_us > 0 else full_at_us + allowance.every_us
        if len(self._full_at_us) > self._most_keys:
            self._full_at_us.popitem(last=False)
        return max(0, wait_us) / US_PER_S

    async def refill(self, key: str) -> None:
        """Fill a bucket."""
        self._full_at_us.pop(key, None)
