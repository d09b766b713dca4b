"""How often one address and one user may call, and the interceptors that see to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import Counter

from practice.rpc.calls import CallInterceptor
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.interceptors import OPEN_SERVICES, metadata_of
from practice.rpc.metadata import metadata_value
from practice.rpc.origins import FORWARDED_FOR, Origins, origin_of, place_of, set_origin
from practice.rpc.principals import current_principal, peer_host

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from practice.rpc.calls import Context, Proceed
    from practice.rpc.token_buckets import Allowance, TokenBuckets

ADDRESS: Final = "calls per address"
USER: Final = "calls per user"


@dataclass(frozen=True, slots=True)
class CallRates:
    """How often is often; None is without limit."""

    per_address: Allowance | None = None
    per_user: Allowance | None = None


class RateLimits:
    """Counts calls, and refuses those that are too many.

    Parameters
    ----------
    buckets
        Where is counted.
    rates
        How often is often.
    registry
        Where refusals are counted.
    """

    def __init__(
        self, buckets: TokenBuckets, rates: CallRates, registry: CollectorRegistry
    ) -> None:
        self._buckets = buckets
        self._rates = rates
        self._refused = Counter(
            "practice_rate_limited", "Calls that were too many.", ["limit"], registry=registry
        )

    async def count_address(self, host: str) -> None:
        """Count a call from an address of the network.

        Raises
        ------
        PracticeError
            RATE_LIMITED with the time to wait.
        """
        await self._take(ADDRESS, place_of(host), self._rates.per_address)

    async def count_user(self, subject: str) -> None:
        """Count a call of a user; raises like `count_address`."""
        await self._take(USER, subject, self._rates.per_user)

    async def _take(self, limit: str, who: str, allowance: Allowance | None) -> None:
        if allowance is None:
            return
        wait_s = await self._buckets.take(f"{limit}/{who}", allowance)
        if wait_s > 0:
            self._refused.labels(limit).inc()
            raise too_many(limit, wait_s)


def too_many(limit: str, wait_s: float) -> PracticeError:
    """Return the error for somebody who comes too often."""
    return PracticeError(
        ErrorCode.RATE_LIMITED,
        f"Too many {limit}; wait {math.ceil(wait_s)} s.",
        retry_after_s=wait_s,
        limit=limit,
    )


class AddressLimit(CallInterceptor):
    """Finds out where a call comes from, and counts it before anything is done for it.

    Parameters
    ----------
    limits
        Counts.
    origins
        Knows the proxies.
    """

    def __init__(self, limits: RateLimits, origins: Origins) -> None:
        self._limits = limits
        self._origins = origins

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Run the call, or raise RATE_LIMITED."""
        forwarded_for = metadata_value(metadata_of(context), FORWARDED_FOR)
        set_origin(self._origins.host_of(peer_host(context.peer()), forwarded_for))
        if method.split("/")[1] not in OPEN_SERVICES:
            await self._limits.count_address(origin_of(context))
        return await proceed()


class UserLimit(CallInterceptor):
    """Counts the calls of those who are known.

    Parameters
    ----------
    limits
        Counts.
    """

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Run the call, or raise RATE_LIMITED."""
        principal = current_principal()
        if principal is not None and not principal.is_anonymous:
            await self._limits.count_user(principal.subject)
        return await proceed()
