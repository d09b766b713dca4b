"""When a beat of the stream is, on the clock on the wall: for whoever flashes or clicks with it.

`BeatClock` knows when audio came, and so what a sample index means here; `LiveStream.clock` is kept
by the stream itself. `BeatSchedule` says from beats and windows when the next flash is due.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

# Blocks looked back over: some seconds. Long enough to meet one that came without delay, short
# enough to follow a sound card whose clock is a little fast or slow.
_BLOCKS: Final = 64
# A told beat this much later than its flash gets one of its own: the player waited.
_AGAIN_S: Final = 0.15
_NO_PULSE: Final = frozenset({pb.WINDOW_STATE_LOST, pb.WINDOW_STATE_SILENT})
_BREAKS: Final = frozenset({pb.EVENT_KIND_SILENCE_STARTED, pb.EVENT_KIND_GAP})


class BeatClock:
    """Sample indices of a stream that runs in real time, as local monotonic time.

    Blocks of audio come late and never early, so the earliest of the last ones counts. What the
    microphone delays is the server's to subtract (`input_latency_seconds` in the config).

    Parameters
    ----------
    sample_rate_hz
        Rate of the stream.
    output_latency_s
        How long it takes from drawing (or playing) something until it is seen (or heard).
    now_s
        Monotonic clock; that of asyncio and `time.monotonic` are the same.
    """

    def __init__(
        self,
        sample_rate_hz: int,
        output_latency_s: float = 0.0,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sample_rate_hz = sample_rate_hz
        self.output_latency_s = output_latency_s
        self._now_s = now_s
        self._offsets_s: deque[float] = deque(maxlen=_BLOCKS)

    def hear(self, end_sample: int) -> None:
        """Note that the audio before this sample is there now."""
        self._offsets_s.append(self._now_s() - end_sample / self._sample_rate_hz)

    def forget(self) -> None:
        """Begin anew: the samples stood still (a pause)."""
        self._offsets_s.clear()

    def local_s(self, sample: int) -> float | None:
        """Return when to act so that it is noticed with this sample; None before any audio."""
        if not self._offsets_s:
            return None
        return min(self._offsets_s) + sample / self._sample_rate_hz - self.output_latency_s


@dataclass(slots=True)
class BeatSchedule:
    """When beats are to be shown: predicted ones when they are due, others when they are told.

    Attributes
    ----------
    clock
        The stream's; None where the stream does not run in real time, and nothing is predicted.
    due_s
        Local time of the next flash, None where nobody knows.
    shown_s, shown_index, count
        When the newest beat was shown, its index, and how many were.
    """

    clock: BeatClock | None = None
    due_s: float | None = None
    shown_s: float = float("-inf")
    shown_index: int = -1
    count: int = 0
    _due_index: int = field(default=-1, repr=False)

    def take(self, result: object, now_s: float) -> None:
        """Take one result of the stream."""
        self.advance(now_s)
        match result:
            case pb.Beat():
                self._take_beat(result, now_s)
            case pb.WindowResult() if result.state in _NO_PULSE:
                self.due_s = None
            case pb.StreamEvent() if result.kind in _BREAKS:
                self.due_s = None

    def advance(self, now_s: float) -> None:
        """Show what has come due."""
        due_s = self.due_s  # a view may be drawn by another thread
        if due_s is not None and now_s >= due_s:
            self.due_s = None
            self._show(self._due_index, due_s)

    def _take_beat(self, beat: pb.Beat, now_s: float) -> None:
        if not beat.final:
            at_s = self._local_s(beat.sample)
            was_shown = beat.beat_index <= self.shown_index
            self._show(beat.beat_index, now_s)
            if was_shown and at_s is not None and at_s > self.shown_s + _AGAIN_S:
                self.shown_s = now_s
        if beat.beat_index + 1 > self.shown_index:
            is_ahead = beat.HasField("next_beat_sample")
            self.due_s = self._local_s(beat.next_beat_sample) if is_ahead else None
            self._due_index = beat.beat_index + 1

    def _show(self, index: int, at_s: float) -> None:
        if index > self.shown_index:
            self.shown_s = at_s
            self.shown_index = index
            self.count += 1

    def _local_s(self, sample: int) -> float | None:
        return None if self.clock is None else self.clock.local_s(sample)
