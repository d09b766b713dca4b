"""What the reader already has, so that a resumed stream tells nothing twice."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Hashable

# A resume repeats at most a few seconds of results; this many records are minutes of them.
_REMEMBERED: Final = 4_096
# The same beat, heard again by a tracker that started later, lies this close to its first telling.
_SAME_BEAT_S: Final = 0.1


class Delivered:
    """Filter of one stream's results.

    After a restart of the stream (the server lost its state) beats are counted on from the last
    one, and those that were already told are left out.

    Parameters
    ----------
    sample_rate_hz
        Rate of the stream.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._same_beat_samples = round(_SAME_BEAT_S * sample_rate_hz)
        self._window_end_sample = -1
        self._seen: OrderedDict[Hashable, None] = OrderedDict()
        self._newest_beat_index = -1
        self._newest_beat_sample = -1
        self._index_shift: int | None = 0
        self._first_kept_index = 0

    def restart(self) -> None:
        """Expect a count from zero; the next new beat goes on from the last one told."""
        self._index_shift = None

    def new_window(self, window: pb.WindowResult) -> bool:
        """Tell whether the window was not delivered yet, and remember it."""
        if window.end_sample <= self._window_end_sample:
            return False
        self._window_end_sample = window.end_sample
        return True

    def new_event(self, event: pb.StreamEvent) -> bool:
        """Tell whether the event was not delivered yet, and remember it."""
        return self._is_new(("event", event.sample, event.kind))

    def new_beat(self, beat: pb.Beat) -> pb.Beat | None:
        """Return the record with its index on the stream's own count; None when already told."""
        if self._index_shift is None and not self._find_shift(beat):
            return None
        if self._index_shift is None or beat.beat_index < self._first_kept_index:
            return None
        index = beat.beat_index + self._index_shift
        if not self._is_new(("beat", index, beat.final)):
            return None
        if index > self._newest_beat_index:
            self._newest_beat_index = index
            self._newest_beat_sample = beat.sample
        if not self._index_shift:
            return beat
        renumbered = pb.Beat()
        renumbered.CopyFrom(beat)
        renumbered.beat_index = index
        return renumbered

    def _find_shift(self, beat: pb.Beat) -> bool:
        """After a restart: let the first beat that is really new set the count."""
        if beat.final or beat.sample <= self._newest_beat_sample + self._same_beat_samples:
            return False
        self._first_kept_index = beat.beat_index
        self._index_shift = self._newest_beat_index + 1 - beat.beat_index
        return True

    def _is_new(self, key: Hashable) -> bool:
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True
