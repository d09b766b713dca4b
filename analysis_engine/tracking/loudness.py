"""Level, silence and clipping, frame by frame."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.kernel import kernel

# Below -60 dBFS, or 45 dB under the recent peak, nothing sounds.
SILENCE_POWER: Final = 1e-6
_SILENCE_BELOW_PEAK: Final = 10.0**-4.5
# The peak is forgotten with a half-life of 10 s.
_PEAK_DECAY: Final = 0.5 ** (0.01 / 10.0)
# The room's own noise: a minimum that creeps up by 1.5 dB a second.
_FLOOR_RISE: Final = 10.0 ** (0.15 * 0.01)
_ABOVE_FLOOR: Final = 4.0
_ONSET_HOLD_FRAMES: Final = 300
#: Silence is told after this long without sound.
SILENCE_FRAMES: Final = 150

# Indices into LoudnessState.levels (float64).
POWER_SUM: Final = 0
PEAK: Final = 1
FLOOR: Final = 2
HEARD: Final = 3
# Indices into LoudnessState.frames (int64).
FRAME_COUNT: Final = 0
QUIET_FOR: Final = 1
SILENT: Final = 2
SOUNDING: Final = 3
CLIPPED: Final = 4


class LoudnessState(NamedTuple):
    """Levels and counters of one stream.

    ``levels`` [power since last read, peak hold, noise floor, last power without a metronome];
    ``frames`` [frames since last read, frames without sound, 1 when silent, sounding frames since
    last read, clipped samples].
    """

    levels: np.ndarray
    frames: np.ndarray


def make_loudness() -> LoudnessState:
    """Return a meter that has heard nothing: silent."""
    return LoudnessState(
        np.array([0.0, 0.0, 1.0, 0.0]), np.array([0, SILENCE_FRAMES, 1, 0, 0], np.int64)
    )


@kernel
def step(state, power, share, frames_since_onset):
    """Take one frame's mean power; returns 1 when silence ended, -1 when it began, else 0.

    ``share`` of it is no metronome; negative where that is not known, and what was heard last goes
    on.
    """
    levels, frames = state.levels, state.frames
    levels[POWER_SUM] += power
    frames[FRAME_COUNT] += 1
    power = min(power, levels[HEARD]) if share < 0.0 else power * share
    levels[HEARD] = power
    levels[PEAK] = max(levels[PEAK] * _PEAK_DECAY, power)
    levels[FLOOR] = min(levels[FLOOR] * _FLOOR_RISE, power)
    audible = power > SILENCE_POWER and power > levels[PEAK] * _SILENCE_BELOW_PEAK
    lively = power > _ABOVE_FLOOR * levels[FLOOR] or frames_since_onset < _ONSET_HOLD_FRAMES
    frames[QUIET_FOR] = 0 if audible and lively else frames[QUIET_FOR] + 1
    changed = 0
    if frames[SILENT] == 1 and frames[QUIET_FOR] == 0:
        frames[SILENT] = 0
        changed = 1
    elif frames[SILENT] == 0 and frames[QUIET_FOR] >= SILENCE_FRAMES:
        frames[SILENT] = 1
        changed = -1
    frames[SOUNDING] += 1 - frames[SILENT]
    return changed
