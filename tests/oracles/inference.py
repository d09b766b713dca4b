"""The decoder as a plain hidden Markov model: one vector of states, one matrix, one tick."""

from __future__ import annotations

import numpy as np

from analysis_engine.dsp.novelty import FRAMES_PER_TICK
from analysis_engine.tracking.tempo_grid import BANDWIDTH, TempoGrid


class PlainDecoder:
    """Forward algorithm with every state moved by hand, float64.

    Parameters
    ----------
    grid
        Tempi, zones and transitions.
    mass
        Initial mass, one list of phases per tempo.
    pull
        Weight of each tempo at the start of a beat.
    gains
        Of an onset at the beat, its half and its other subdivisions; then of a beat, and of a
        missing one.
    """

    def __init__(
        self,
        grid: TempoGrid,
        mass: list[np.ndarray],
        pull: np.ndarray,
        gains: tuple[float, float, float, float, float],
    ) -> None:
        self.grid, self.mass, self.pull, self.gains = grid, mass, pull, gains

    def step(self, ratio: float, onset_ratio: float) -> None:
        """Move every state on by a tick, then weigh it by the log odds of a beat and an onset."""
        for _ in range(FRAMES_PER_TICK):
            self._move()
        self._weigh(ratio, max(0.0, onset_ratio))

    def _move(self) -> None:
        crossing = np.array([phases[-1] for phases in self.mass])
        for ring, phases in enumerate(self.mass):
            total = 0.0
            for k in range(2 * BANDWIDTH + 1):
                before = ring - BANDWIDTH + k
                if 0 <= before < crossing.size:
                    total += float(self.grid.transition[k, ring]) * crossing[before]
            phases[1:] = phases[:-1].copy()
            phases[0] = total * self.pull[ring]

    def _weigh(self, ratio: float, onset_ratio: float) -> None:
        *onset_gains, beat, miss = self.gains
        for ring, phases in enumerate(self.mass):
            for first, length, evidence in self.grid.segments[ring]:
                weight = onset_gains[evidence] * onset_ratio
                if evidence == 0:
                    weight += (beat if ratio > 0 else miss) * ratio
                phases[first : first + length] *= np.exp(weight)

    def tempo_shares(self) -> np.ndarray:
        """Posterior of the tempi."""
        sums = np.array([phases.sum() for phases in self.mass])
        return np.asarray(sums / sums.sum())


def horizon(grid: TempoGrid, mass: np.ndarray, origin: np.ndarray, mode: int) -> np.ndarray:
    """Mass by frames until its next beat, over the tempi within 4 % of a ring's."""
    near = range(grid.first[mode], grid.last[mode])
    out = np.zeros(int(grid.period[near[-1]]) + 1)
    for ring in near:
        period = int(grid.period[ring])
        phase = (np.arange(period) - origin[ring]) % period
        frames = (grid.zone[ring] // 2 - phase) % period
        out[frames] += mass[grid.start[ring] : grid.start[ring] + period]
    return out


def smoothed(horizon: np.ndarray) -> np.ndarray:
    """Sums of three neighbours; the first of the two that there are, the last of none."""
    out = np.convolve(horizon, np.ones(3), "same")
    out[-1] = 0.0
    return np.asarray(out)
