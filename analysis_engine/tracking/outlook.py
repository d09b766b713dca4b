"""What the posterior says: which tempo, how sure, and how long until the next beat."""

from __future__ import annotations

import numpy as np

from analysis_engine.dsp.kernel import kernel


@kernel(fastmath=True)
def mode(grid, sums):
    """Return the ring whose 4 % neighbourhood holds the most mass, and that mass."""
    best, best_mass = 0, -1.0
    low = high = 0
    near = 0.0
    for ring in range(sums.size):
        while high < grid.last[ring]:
            near += sums[high]
            high += 1
        while low < grid.first[ring]:
            near -= sums[low]
            low += 1
        if near > best_mass:
            best, best_mass = ring, near
    return best, np.float32(best_mass)


@kernel(fastmath=True)
def _add(mass, out):
    for i in range(out.size):
        out[i] += mass[i]


@kernel(fastmath=True)
def _fill_horizon(state, low, high, horizon):
    """Add up when the rings ``low`` .. ``high`` have their next beat; the soonest is last."""
    grid, mass = state.grid, state.mass
    longest = horizon.size
    for k in range(longest):
        horizon[k] = np.float32(0.0)
    for ring in range(low, high):
        first, period = grid.start[ring], grid.period[ring]
        # The phase at which the beat itself is due is half a zone after the origin.
        now = (state.origin[ring] + grid.zone[ring] // 2) % period + 1
        _add(mass[first : first + now], horizon[longest - now :])
        _add(mass[first + now : first + period], horizon[longest - period : longest - now])


@kernel(fastmath=True)
def frames_to_beat(state, ring):
    """Return the likeliest number of frames until the next beat, over the tempi around ``ring``."""
    grid = state.grid
    low, high = grid.first[ring], grid.last[ring]
    longest = grid.period[high - 1] + 1
    horizon = state.horizon[:longest]
    _fill_horizon(state, low, high, horizon)
    last = longest - 1
    best, best_mass = 0, np.float32(-1.0)
    for k in range(1, last):
        smooth = horizon[last - k + 1] + horizon[last - k] + horizon[last - k - 1]
        if smooth > best_mass:
            best, best_mass = k, smooth
    if horizon[last] + horizon[last - 1] > best_mass:
        best = 0
    # Centre of gravity around the peak, in frames.
    weight, moment = np.float32(1e-30), np.float32(0.0)
    for k in range(max(0, best - 2), min(longest, best + 3)):
        weight += horizon[last - k]
        moment += horizon[last - k] * k
    return moment / weight
