"""How often somebody may try to get in, per address of the network and per e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from practice.rpc.origins import place_of
from practice.rpc.rate_limits import too_many
from practice.rpc.token_buckets import Allowance

if TYPE_CHECKING:
    from practice.rpc.token_buckets import TokenBuckets

_PER_HOST: Final = Allowance(burst=60, every_s=2.0)
_PER_ACCOUNT: Final = Allowance(burst=10, every_s=30.0)

_HOST: Final = "attempts from your address"
_ACCOUNT: Final = "attempts at this account"


@dataclass(frozen=True, slots=True)
class ThrottleLimits:
    """How often is often.

    Parameters
    ----------
    per_host
        Registrations and logins from one network address, a school's perhaps.
    per_account
        Failed logins to one e-mail address, registered or not.
    """

    per_host: Allowance = _PER_HOST
    per_account: Allowance = _PER_ACCOUNT


class Throttle:
    """Counts attempts.

    Parameters
    ----------
    limits
        How often is often.
    buckets
        Where is counted.
    """

    def __init__(self, limits: ThrottleLimits, buckets: TokenBuckets) -> None:
        self._limits = limits
        self._buckets = buckets

    async def enter(self, host: str) -> None:
        """Count an attempt from a network address.

        Raises
        ------
        PracticeError
            RATE_LIMITED with the time to wait.
        """
        await self._take(_HOST, place_of(host), self._limits.per_host)

    async def try_account(self, email_key: str) -> None:
        """Count an attempt at an account, as if it failed; see `forgive`."""
        await self._take(_ACCOUNT, email_key, self._limits.per_account)

    async def forgive(self, email_key: str) -> None:
        """Forget the failed attempts at an account: its owner got in."""
        await self._buckets.refill(_key(_ACCOUNT, email_key))

    async def _take(self, limit: str, who: str, allowance: Allowance) -> None:
        wait_s = await self._buckets.take(_key(limit, who), allowance)
        if wait_s > 0:
            raise too_many(limit, wait_s)


def _key(limit: str, who: str) -> str:
    return f"{limit}/{who}"
