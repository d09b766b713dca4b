"""A small rhythm grammar: bars grown from cells of one to four beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

Cell = tuple[float, ...]
"""Lengths in beats, one after the other; a negative one is a rest."""

THIRD: Final = 1 / 3
SHORTEST_NOTE_S: Final = 0.075

CELLS: Final[dict[Cell, float]] = {
    (1.0,): 5.0,
    (0.5, 0.5): 5.0,
    (0.25, 0.25, 0.25, 0.25): 2.5,
    (THIRD, THIRD, THIRD): 1.5,
    (0.5, 0.25, 0.25): 1.5,
    (0.25, 0.25, 0.5): 1.0,
    (0.75, 0.25): 1.5,
    (0.25, 0.5, 0.25): 0.5,
    (-0.5, 0.5): 0.7,
    (-1.0,): 0.7,
    (2.0,): 2.0,
    (1.5, 0.5): 2.0,
    (0.5, 1.0, 0.5): 0.7,
    (-1.0, 1.0): 0.4,
    (1.0, -1.0): 0.4,
    (0.75, 0.75, 0.5): 0.3,
    (3.0,): 0.4,
    (4.0,): 0.3,
}
COMPOUND_CELLS: Final[dict[Cell, float]] = {
    (THIRD, THIRD, THIRD): 5.0,
    (1.0,): 3.0,
    (2 * THIRD, THIRD): 4.0,
    (THIRD, 2 * THIRD): 0.5,
    (THIRD / 2, THIRD / 2, THIRD, THIRD): 1.0,
    (0.5, THIRD / 2, THIRD): 0.7,
    (2.0,): 0.8,
    (-THIRD, THIRD, THIRD): 0.4,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for one note inside a bar, in beats from its start."""

    position_beats: float
    length_beats: float


class RhythmGrammar:
    """Draws bars from weighted cells, no note of which is too short to be played.

    Parameters
    ----------
    rng
        Source of chance; a style (which cells are liked) is drawn at once.
    beats_per_bar
        Length of a bar.
    period_s
        Nominal beat period.
    compound
        Whether a beat divides into three (6/8, 12/8).
    """

    def __init__(
        self,
        rng: np.random.Generator,
        beats_per_bar: int,
        period_s: float,
        *,
        compound: bool = False,
    ) -> None:
        self._rng = rng
        self._beats_per_bar = beats_per_bar
        table = COMPOUND_CELLS if compound else CELLS
        playable = {
            cell: weight
            for cell, weight in table.items()
            if min(abs(length) for length in cell) * period_s >= SHORTEST_NOTE_S
        }
        taste = rng.gamma(0.7, 1.0, len(playable)) + 0.05
        self._cells = list(playable)
        self._weights = np.array(list(playable.values())) * taste

    def bar(self) -> list[Slot]:
        """One new bar."""
        slots: list[Slot] = []
        at = 0.0
        while at < self._beats_per_bar - 1e-9:
            for length in self._draw_cell(self._beats_per_bar - at):
                if length > 0:
                    slots.append(Slot(at, length))
                at += abs(length)
            at = float(round(at))
        return slots

    def bars(self, count: int) -> list[list[Slot]]:
        """Bars with the repetitions that music has: a few motifs, often returning."""
        motifs = [self.bar() for _ in range(int(self._rng.integers(2, 5)))]
        result = []
        for _ in range(count):
            if self._rng.random() < 0.25:
                motifs[int(self._rng.integers(len(motifs)))] = self.bar()
            result.append(motifs[int(self._rng.integers(len(motifs)))])
        return result

    def _draw_cell(self, room_beats: float) -> Cell:
        fits = np.array(
            [sum(abs(length) for length in cell) <= room_beats + 1e-6 for cell in self._cells]
        )
        weights = self._weights * fits
        return self._cells[int(self._rng.choice(len(self._cells), p=weights / weights.sum()))]
