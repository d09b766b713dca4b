"""How fast a client may send: token buckets in seconds of audio, and in messages."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from analysis_engine.serving.limits import PaceLimit, SmallMessageLimit

_MAX_PRINCIPALS: Final = 10_000


class AudioBucket:
    """Token bucket of one sender; full at first.

    Parameters
    ----------
    limit
        Size and refill.
    now_s
        Monotonic time of its making.
    """

    __slots__ = ("_level_s", "_limit", "_updated_s")

    def __init__(self, limit: PaceLimit, now_s: float) -> None:
        self._limit = limit
        self._level_s = limit.burst_s
        self._updated_s = now_s

    def charge(self, audio_s: float, now_s: float) -> None:
        """Take ``audio_s`` out of the bucket.

        Raises
        ------
        PracticeError
            PACE_EXCEEDED, with the wait after which it fits; nothing is taken then.
        """
        elapsed_s = max(0.0, now_s - self._updated_s)
        self._level_s = min(self._limit.burst_s, self._level_s + elapsed_s * self._limit.speed)
        self._updated_s = now_s
        if audio_s > self._level_s:
            raise PracticeError(
                ErrorCode.PACE_EXCEEDED,
                f"Audio comes faster than {self._limit.speed:g} times real time beyond "
                f"{self._limit.burst_s:g} s at once; wait and resume.",
                limit="audio pace",
                retry_after_s=(audio_s - self._level_s) / self._limit.speed,
            )
        self._level_s -= audio_s

    def is_full(self, now_s: float) -> bool:
        """Whether the bucket has forgotten every charge."""
        refilled_s = self._level_s + (now_s - self._updated_s) * self._limit.speed
        return refilled_s >= self._limit.burst_s


class SmallMessages:
    """Token bucket of one stream for all that is not useful audio; full at first.

    A message costs the server about the same whatever it holds, so one that holds next to nothing
    is not covered by the pace of its audio.

    Parameters
    ----------
    limit
        Size, refill and prices.
    now_s
        Monotonic time of its making.
    """

    __slots__ = ("_level", "_limit", "_updated_s")

    def __init__(self, limit: SmallMessageLimit, now_s: float) -> None:
        self._limit = limit
        self._level = limit.burst
        self._updated_s = now_s

    def charge(self, audio_s: float, now_s: float, *, is_gap: bool = False) -> None:
        """Take out what a message with ``audio_s`` costs; nothing for useful audio.

        Raises
        ------
        PracticeError
            RATE_LIMITED, with the wait after which it fits; nothing is taken then.
        """
        if is_gap:
            self._take(self._limit.gap_cost, now_s)
        elif audio_s < self._limit.useful_s:
            self._take(1.0, now_s)

    def _take(self, cost: float, now_s: float) -> None:
        refill = max(0.0, now_s - self._updated_s) * self._limit.per_s
        self._level = min(self._limit.burst, self._level + refill)
        self._updated_s = now_s
        if cost > self._level:
            raise PracticeError(
                ErrorCode.RATE_LIMITED,
                f"Too many messages with less than {1000 * self._limit.useful_s:g} ms of audio, or "
                "too many gaps; send larger chunks, then resume.",
                limit="small messages",
                retry_after_s=(cost - self._level) / self._limit.per_s,
            )
        self._level -= cost


class FastQuota:
    """The buckets for files sent as fast as possible, one per principal, bounded.

    When there are too many, the longest unused one is forgotten: its owner gets a new allowance
    early, and memory stays bounded.
    """

    def __init__(self, limit: PaceLimit) -> None:
        self._limit = limit
        self._buckets: OrderedDict[str, AudioBucket] = OrderedDict()

    def bucket_of(self, principal: str, now_s: float) -> AudioBucket:
        """Return the principal's bucket."""
        bucket = self._buckets.get(principal)
        if bucket is None:
            bucket = self._buckets[principal] = AudioBucket(self._limit, now_s)
        self._buckets.move_to_end(principal)
        while len(self._buckets) > _MAX_PRINCIPALS:
            self._buckets.popitem(last=False)
        return bucket
