"""Listens for beats that one onset divides, and for how unevenly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analysis_engine.scoring import swing
from analysis_engine.tracking.onset_grid import PLACES

if TYPE_CHECKING:
    from analysis_engine.tracking.timing import PlacedOnset

# A beat is one when the told beat is this near, as a share of the period.
_ON_BEAT_SHARE: Final = 0.2


class SwingWatch:
    """Keeps the last three onsets; three that span one beat are a divided beat."""

    def __init__(self) -> None:
        self._last: list[tuple[float, PlacedOnset]] = []

    def add(self, onset_s: float, placed: PlacedOnset, from_beat_s: float) -> float | None:
        """Take a placed onset; returns log(first / second part) of the beat that it ends, if any.

        Parameters
        ----------
        onset_s
            When it was played.
        placed
            Where on the player's grid.
        from_beat_s
            Time since the last told beat.
        """
        self._last = [*self._last[-2:], (onset_s, placed)]
        if len(self._last) < 3:
            return None
        (first_s, first), (between_s, _), _ = self._last
        if first.grid_number != placed.grid_number or placed.position - first.position != PLACES:
            return None
        beats = from_beat_s / placed.period_s
        if abs(beats - round(beats)) > _ON_BEAT_SHARE:
            return None
        return swing.log_ratio(first_s, between_s, onset_s)
