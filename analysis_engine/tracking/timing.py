"""Onsets against the player's own grid: how late each is, and the intervals of one beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis_engine.tracking import onset_grid

#: A line through fewer onsets than this says nothing of the newest.
_LEAST_ONSETS: Final = 4


@dataclass(frozen=True, slots=True)
class PlacedOnset:
    """An onset that has a place on the player's grid.

    Parameters
    ----------
    late_s
        How late it is, standardised: its spread is the player's (and the engine's); None while
        the grid is young.
    period_s
        The local period, foretold from the onsets before.
    grid_number
        Positions on the same grid can be compared.
    position
        Twelfths of a beat since the grid began. Which of them are beats, is not known here.
    beat_s
        Time since the onset one beat before; None where there was none.
    """

    late_s: float | None
    period_s: float
    grid_number: int
    position: int
    beat_s: float | None


class PlayersGrid:
    """Follows the player's grid from onset to onset; see `analysis_engine.tracking.onset_grid`."""

    def __init__(self) -> None:
        self._state = onset_grid.make_grid()
        self._out = np.zeros(onset_grid.OUT_SIZE)

    def break_off(self) -> None:
        """Begin a new grid with the next onset; how even the player is stays known."""
        self._state.best[1] = 0

    def place(self, onset_s: float, period_s: float) -> PlacedOnset | None:
        """Take an onset; returns None when it is no note of the grid.

        Parameters
        ----------
        onset_s
            Later than every onset before.
        period_s
            Period of the played beat, as the decoder tells it.
        """
        out = self._out
        onset_grid.hear(self._state, onset_s, period_s, out)
        if not out[onset_grid.FITS]:
            return None
        old = out[onset_grid.ONSET_COUNT] >= _LEAST_ONSETS
        beat_s = float(out[onset_grid.BEAT_S])
        return PlacedOnset(
            late_s=float(out[onset_grid.LATE_S]) if old else None,
            period_s=float(out[onset_grid.LOCAL_S]),
            grid_number=int(out[onset_grid.GRID_NUMBER]),
            position=int(out[onset_grid.POSITION]),
            beat_s=beat_s if beat_s > 0.0 else None,
        )
