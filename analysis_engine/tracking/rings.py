"""A ring of beat phases for each tempo: how mass moves on frame by frame, and is added up."""

from __future__ import annotations

from typing import Final

import numpy as np

from analysis_engine.dsp.kernel import kernel
from analysis_engine.tracking.tempo_grid import BANDWIDTH
from analysis_engine.tracking.weighing import AGE, LIFTED, TOTAL

# Share of the whole that a state at the origin never falls below: keeps denormals away (they cost
# a hundred times as much) and every tempo reachable.
_MASS_FLOOR: Final = np.float32(1e-10)
# Rows of the transition that are added together, so that sums stay near.
_ROWS: Final = 4


@kernel(fastmath=True)
def total_of(sums):
    """Return the sum of a few sums, float32 (J,)."""
    total = np.float32(0.0)
    for i in range(sums.size):
        total += sums[i]
    return total


@kernel(fastmath=True)
def _ring_sums(grid, mass, sums):
    """Add every ring up anew; returns the total."""
    total = np.float32(0.0)
    for ring in range(sums.size):
        part = np.float32(0.0)
        phases = mass[grid.start[ring] : grid.start[ring] + grid.period[ring]]
        for i in range(phases.size):
            part += phases[i]
        sums[ring] = part
        total += part
    return total


@kernel(fastmath=True)
def rescale(state, total):
    """Bring the total to 1, and add every ring up: rounding must not pile up in the sums."""
    scale = np.float32(1.0) / total
    for i in range(state.mass.size):
        state.mass[i] *= scale
    state.numbers[TOTAL] = _ring_sums(state.grid, state.mass, state.sums)
    state.numbers[AGE] = np.float32(0.0)


@kernel(fastmath=True)
def _spread(transition, crossing, arriving):
    """Carry what crosses the origin to the tempi that it reaches, all tempi side by side.

    ``arriving`` (J,) is the sum over k of transition[k] times ``crossing`` from k on.
    """
    tempi, rows = arriving.size, transition.shape[0]
    first = rows % _ROWS
    for ring in range(tempi):
        arriving[ring] = np.float32(0.0)
    for k in range(first):
        row, near = transition[k], crossing[k : k + tempi]
        for ring in range(tempi):
            arriving[ring] += row[ring] * near[ring]
    for k in range(first, rows, _ROWS):
        a, b, c, d = transition[k], transition[k + 1], transition[k + 2], transition[k + 3]
        near = crossing[k : k + tempi + 3]
        for ring in range(tempi):
            arriving[ring] += (
                a[ring] * near[ring]
                + b[ring] * near[ring + 1]
                + c[ring] * near[ring + 2]
                + d[ring] * near[ring + 3]
            )


@kernel(fastmath=True)
def advance(state):
    """Every state one frame on; what crosses the origin may change its tempo."""
    grid, mass, origin, crossing = state.grid, state.mass, state.origin, state.crossing
    arriving, sums, pull = state.arriving, state.sums, state.pull
    floor = _MASS_FLOOR * state.numbers[TOTAL]
    lifted = state.numbers[LIFTED]
    kept = np.float32(1.0) - lifted
    for ring in range(origin.size):
        at = origin[ring] - 1
        if at < 0:
            at += grid.period[ring]
        origin[ring] = at
        crossing[BANDWIDTH + ring] = mass[grid.start[ring] + at]
    _spread(grid.transition, crossing, arriving)
    for ring in range(origin.size):
        arrived = max(arriving[ring] * (lifted + kept * pull[ring]), floor)
        mass[grid.start[ring] + origin[ring]] = arrived
        sums[ring] += arrived - crossing[BANDWIDTH + ring]
