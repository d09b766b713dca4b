"""Where in the bar a beat falls, when the number of beats per bar is known."""

from __future__ import annotations

from typing import Final

import numpy as np

# Probabilities are averaged over about six bars.
_KEEP: Final = 0.85
# Nothing is moved before this many bars.
_MIN_BARS: Final = 4
# The downbeat moves only to a place that is clearly likelier.
_CLEARER: Final = 2.0


class BarPosition:
    """Counts beats in the bar; the downbeat is the first beat, unless another place is likelier.

    Parameters
    ----------
    beats_per_bar
        0 when unknown: every place is then 0.
    """

    def __init__(self, beats_per_bar: int) -> None:
        self._beats_per_bar = beats_per_bar
        self._likely = np.zeros(max(1, beats_per_bar))
        self._downbeat: int | None = None
        self._heard = 0

    def place(self, position: int) -> int:
        """Return 1 .. beats_per_bar for a beat of the grid, 0 when unknown."""
        if self._beats_per_bar == 0:
            return 0
        if self._downbeat is None:
            self._downbeat = position % self._beats_per_bar
        return (position - self._downbeat) % self._beats_per_bar + 1

    def hear(self, position: int, downbeat: float) -> None:
        """Take the probability that a bar begins with a beat; may move the downbeat."""
        if self._beats_per_bar < 2 or self._downbeat is None:
            return
        place = position % self._beats_per_bar
        self._likely[place] = _KEEP * self._likely[place] + (1.0 - _KEEP) * downbeat
        self._heard += 1
        if self._heard < _MIN_BARS * self._beats_per_bar:
            return
        likeliest = int(np.argmax(self._likely))
        if self._likely[likeliest] > _CLEARER * self._likely[self._downbeat]:
            self._downbeat = likeliest
