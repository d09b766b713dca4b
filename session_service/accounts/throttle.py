"""How often somebody may try to get in, per address of the network and per e-mail address."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_BUCKETS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """A token bucket: so many at once, then one every so often."""

    burst: int
    every_s: float


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

    per_host: Allowance = Allowance(burst=60, every_s=2.0)
    per_account: Allowance = Allowance(burst=10, every_s=30.0)


class Throttle:
    """Token buckets in memory; the oldest is forgotten when there are too many.

    Parameters
    ----------
    limits
        How often is often.
    now_s
        A monotonic clock, in seconds.
    """

    def __init__(self, limits: ThrottleLimits, now_s: Callable[[], float]) -> None:
        self._limits = limits
        self._now_s = now_s
        # When a bucket will be full again; full ones need no entry.
        self._full_at_s: OrderedDict[tuple[str, str], float] = OrderedDict()

    def enter(self, host: str) -> None:
        """Count an attempt from a network address.

        Raises
        ------
        PracticeError
            RATE_LIMITED with the time to wait.
        """
        self._take(("host", host), self._limits.per_host, "attempts from your address")

    def try_account(self, email_key: str) -> None:
        """Count an attempt at an account, as if it failed; see `forgive`."""
        self._take(("account", email_key), self._limits.per_account, "attempts at this account")

    def forgive(self, email_key: str) -> None:
        """Forget the failed attempts at an account: its owner got in."""
        self._full_at_s.pop(("account", email_key), None)

    def _take(self, key: tuple[str, str], allowance: Allowance, limit: str) -> None:
        now_s = self._now_s()
        full_at_s = max(self._full_at_s.pop(key, now_s), now_s) + allowance.every_s
        wait_s = full_at_s - now_s - allowance.burst * allowance.every_s
        self._full_at_s[key] = full_at_s if wait_s <= 0 else full_at_s - allowance.every_s
        if len(self._full_at_s) > _MOST_BUCKETS:
            self._full_at_s.popitem(last=False)
        if wait_s > 0:
            raise PracticeError(
                ErrorCode.RATE_LIMITED,
                f"Too many {limit}; wait {wait_s:.0f} s.",
                retry_after_s=wait_s,
                limit=limit,
            )
