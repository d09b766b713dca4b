"""Where broken streams wait for their clients: a port, and its adapter in memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis_engine.serving.limits import ResumeLimits
    from analysis_engine.serving.stream_session import StreamSession


class ResumeStore(Protocol):
    """Keeps parked streams for a while; what is too old or too much is forgotten."""

    async def park(self, session: StreamSession) -> None:
        """Keep a stream that has lost its connection."""
        ...

    async def find(self, stream_id: str) -> StreamSession | None:
        """Return a parked stream without taking it, or None."""
        ...

    async def take(self, stream_id: str) -> StreamSession | None:
        """Take a stream out, so that no one else can, or return None."""
        ...


class MemoryResumeStore:
    """Parked streams in this process, bounded in number and time.

    When it is full, the oldest finished stream goes first, then the oldest of all.

    Parameters
    ----------
    limits
        Bounds.
    clock_s
        Monotonic time in seconds.
    """

    def __init__(self, limits: ResumeLimits, clock_s: Callable[[], float]) -> None:
        self._limits = limits
        self._clock_s = clock_s
        self._parked: OrderedDict[str, tuple[float, StreamSession]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._parked)

    async def park(self, session: StreamSession) -> None:
        """Keep a stream that has lost its connection."""
        self._parked.pop(session.stream_id, None)
        self._parked[session.stream_id] = (self._clock_s(), session)
        self._forget_old()
        while len(self._parked) > self._limits.max_parked:
            finished = (key for key, (_, parked) in self._parked.items() if parked.is_finished)
            del self._parked[next(finished, next(iter(self._parked)))]

    async def find(self, stream_id: str) -> StreamSession | None:
        """Return a parked stream without taking it, or None."""
        self._forget_old()
        entry = self._parked.get(stream_id)
        return None if entry is None else entry[1]

    async def take(self, stream_id: str) -> StreamSession | None:
        """Take a stream out, so that no one else can, or return None."""
        self._forget_old()
        entry = self._parked.pop(stream_id, None)
        return None if entry is None else entry[1]

    def _forget_old(self) -> None:
        oldest_s = self._clock_s() - self._limits.retention_s
        while self._parked:
            stream_id, (parked_s, _) = next(iter(self._parked.items()))
            if parked_s >= oldest_s:
                return
            del self._parked[stream_id]
