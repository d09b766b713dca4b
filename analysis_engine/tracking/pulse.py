"""From activation to onsets and told beats, frame by frame, around the decoder."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from analysis_engine.tracking import decoder
from analysis_engine.tracking.decoder import DecoderConfig, DecoderState, make_decoder

# Kinds of rows in the event buffer.
ONSET: Final = 0
BEAT: Final = 1
# Columns of an event row (float64): frame it was told at; kind; frame it happened (fractional, the
# activation's latency taken off); strength (onset) or mass (beat); softness of the attack (onset)
# or bpm (beat); the evidence over 6 s.
ROW_SIZE: Final = 6

# Onsets: a local maximum this high, this many frames after the one before.
ONSET_THRESHOLD: Final = np.float32(0.10)
_ONSET_GAP_FRAMES: Final = 4
# The first onset after a rest: this much stronger than what was heard before, which is forgotten
# by half over about a beat. Weak noise before the music does not hide its beginning.
_FIRST_ONSET_RATIO: Final = 8.0
_FORGET_BEATS: Final = 0.95
_SHORTEST_FORGET_FRAMES: Final = 60.0
# Told this many frames before it sounds, so that the record is out when it does.
_LEAD_FRAMES: Final = np.float32(0.5)
_REFRACTORY: Final = np.float32(0.6)

# Indices into PulseState.frames (int64).
NOW: Final = 0
LAST_PEAK: Final = 1
# Indices into PulseState.floats (float64).
BEFORE: Final = 0
LAST: Final = 1
LAST_BEAT: Final = 2
LATENCY: Final = 3
EVIDENCE: Final = 4
LAST_FLUX: Final = 5
HEARD_FLUX: Final = 6
# Evidence for a pulse is forgotten over 6 s.
_EVIDENCE_KEEP: Final = np.exp(-0.01 / 6.0)


class PulseState(NamedTuple):
    """Decoder, onset picker and beat teller of one stream.

    ``frames`` [frame now, frame of the last onset] int64; ``floats`` [activation two frames ago,
    one frame ago, frame of the last told beat, latency in frames, evidence for a pulse (log
    likelihood ratio), flux one frame ago, flux of recent onsets] float64; ``out`` the decoder's
    newest answer.
    """

    decoder: DecoderState
    frames: np.ndarray
    floats: np.ndarray
    out: np.ndarray


def make_pulse(config: DecoderConfig, latency_frames: float) -> PulseState:
    """Return a pulse that has heard nothing."""
    return PulseState(
        make_decoder(config),
        np.array([-1, -100_000], np.int64),
        np.array([0.0, 0.0, -100_000.0, latency_frames, 0.0, 0.0, 0.0]),
        np.zeros(decoder.OUT_SIZE, np.float32),
    )


@njit(nogil=True, cache=True)
def _tell(floats, events, count, now, kind, at, value, detail):
    events[count, 0] = now
    events[count, 1] = kind
    events[count, 2] = at
    events[count, 3] = value
    events[count, 4] = detail
    events[count, 5] = floats[EVIDENCE]
    return count + 1


@njit(nogil=True, cache=True)
def step(state, activation, flux, events, count):
    """Advance by one frame; appends to ``events`` (rows, ROW_SIZE) and returns the new count.

    ``activation`` 0..1 and ``flux``, its unnormalised strength, as the activation stage gives them.
    """
    frames, floats, out = state.frames, state.floats, state.out
    frames[NOW] += 1
    now = frames[NOW]
    older, old = floats[BEFORE], floats[LAST]
    fresh_share = np.float32(0.0)
    period = 6000.0 / max(out[decoder.OUT_BPM], np.float32(30.0))
    peak = old > older and old >= activation and old >= ONSET_THRESHOLD
    if peak and now - 1 - frames[LAST_PEAK] >= _ONSET_GAP_FRAMES:
        curve = older - 2.0 * old + activation
        shift = 0.5 * (older - activation) / curve if curve < -1e-6 else 0.0
        at = now - 1 + shift - floats[LATENCY]
        count = _tell(floats, events, count, now, ONSET, at, old, 0.5 * (older + activation) / old)
        if floats[LAST_FLUX] > _FIRST_ONSET_RATIO * floats[HEARD_FLUX]:
            fresh_share = state.decoder.numbers[decoder.FIRST_ONSET]
        floats[HEARD_FLUX] = max(floats[HEARD_FLUX], floats[LAST_FLUX])
        frames[LAST_PEAK] = now - 1
    floats[HEARD_FLUX] *= 0.5 ** (1.0 / max(_FORGET_BEATS * period, _SHORTEST_FORGET_FRAMES))
    floats[BEFORE] = old
    floats[LAST] = activation
    floats[LAST_FLUX] = flux
    decoder.step(state.decoder, np.float32(activation), fresh_share, out)
    floats[EVIDENCE] = _EVIDENCE_KEEP * floats[EVIDENCE] + out[decoder.OUT_EVIDENCE]
    period = 6000.0 / out[decoder.OUT_BPM]
    if fresh_share > 0 and now - 1 - floats[LAST_BEAT] > _REFRACTORY * period:
        floats[LAST_BEAT] = now - 1
        at = now - 1 - floats[LATENCY]
        return _tell(
            floats, events, count, now, BEAT, at, out[decoder.OUT_MASS], out[decoder.OUT_BPM]
        )
    due = now + out[decoder.OUT_TO_BEAT]
    near = out[decoder.OUT_TO_BEAT] <= floats[LATENCY] + _LEAD_FRAMES
    if near and due - floats[LAST_BEAT] > _REFRACTORY * period:
        floats[LAST_BEAT] = due
        at = due - floats[LATENCY]
        count = _tell(
            floats, events, count, now, BEAT, at, out[decoder.OUT_MASS], out[decoder.OUT_BPM]
        )
    return count
