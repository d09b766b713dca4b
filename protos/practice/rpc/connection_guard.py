"""Ending connections that do nothing but fail.

grpc caps how many calls a connection has at once, and not how fast they follow each other: a client
that opens and resets costs as much as it likes. What a call costs here is the same whether it fails
or not, so failures are counted by connection, and who goes on failing loses the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import grpc
import structlog

from practice.rpc.calls import CallInterceptor
from practice.rpc.cutting import cut_connection
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import peer_host
from practice.rpc.status import STATUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from practice.rpc.calls import Context, Proceed
    from practice.rpc.origins import Origins

#: What a client brings upon itself, and could stop doing.
_OWN_FAULT: Final = frozenset(
    {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED}
)
_MOST_CONNECTIONS: Final = 10_000


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """What a connection may do before it is cut.

    Parameters
    ----------
    max_metadata_bytes
        Names and values of all metadata of a call. grpc announces its own limit of 16 KiB, and
        takes in more from those who ignore it.
    failure_burst, failures_per_s
        Calls that were reset, invalid or over a limit: so many at once, then so many per second.
    """

    max_metadata_bytes: int = 16_384
    failure_burst: float = 50.0
    failures_per_s: float = 5.0


class ConnectionGuard(CallInterceptor):
    """Counts failures by connection; stands inside of what turns errors into statuses.

    Parameters
    ----------
    limits
        How many are too many.
    origins
        Knows the proxies, whose connections mix many clients' calls and are never cut.
    cut
        Ends the connection of a grpc peer; may block for some milliseconds.
    clock_s
        Monotonic time in seconds.
    """

    def __init__(
        self,
        limits: GuardLimits,
        origins: Origins,
        cut: Callable[[str], bool] | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._origins = origins
        self._cut = cut or cut_connection
        self._clock_s = clock_s
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._cutting: set[asyncio.Task[None]] = set()

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Run the call, or raise RATE_LIMITED for too much metadata."""
        try:
            self._check_metadata(context)
            return await proceed()
        except PracticeError as error:
            if STATUS[error.code] in _OWN_FAULT:
                self._count(context.peer())
            raise
        except (asyncio.CancelledError, grpc.aio.InternalError):
            self._count(context.peer())
            raise

    def _check_metadata(self, context: Context) -> None:
        pairs: Any = context.invocation_metadata() or ()
        byte_count = sum(len(key) + len(value) for key, value in pairs)
        if byte_count > self._limits.max_metadata_bytes:
            raise PracticeError(
                ErrorCode.RATE_LIMITED,
                f"A call may bring {self._limits.max_metadata_bytes} bytes of metadata, not "
                f"{byte_count}.",
                limit="bytes of metadata",
            )

    def _count(self, peer: str) -> None:
        if self._origins.is_trusted(peer_host(peer)):
            return
        now_s = self._clock_s()
        level, counted_s = self._failures.pop(peer, (0.0, now_s))
        level = max(0.0, level - (now_s - counted_s) * self._limits.failures_per_s) + 1.0
        if level > self._limits.failure_burst:
            cutting = asyncio.create_task(self._cut_off(peer))
            self._cutting.add(cutting)
            cutting.add_done_callback(self._cutting.discard)
            return
        self._failures[peer] = (level, now_s)
        if len(self._failures) > _MOST_CONNECTIONS:
            self._failures.popitem(last=False)

    async def _cut_off(self, peer: str) -> None:
        is_cut = await asyncio.to_thread(self._cut, peer)
        structlog.get_logger().warning("connection_cut", peer=peer, is_cut=is_cut)
