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
# or bpm (beat); the evidence over 2 s; the evidence over 6 s.
ROW_SIZE: Final = 7

# Onsets: a local maximum this high, this many frames after the one before.
ONSET_THRESHOLD: Final = np.float32(0.10)
_ONSET_GAP_FRAMES: Final = 4
# A rest: nothing for this long, and for this many beats.
_REST_FRAMES: Final = 120
_REST_BEATS: Final = 1.9
_REST_ONSET: Final = np.float32(0.2)
# Told this many frames before it sounds, so that the record is out when it does.
_LEAD_FRAMES: Final = np.float32(0.5)
_REFRACTORY: Final = np.float32(0.6)

# Indices into PulseState.frames (int64).
NOW: Final = 0
LAST_ONSET: Final = 1
# Indices into PulseState.floats (float64).
BEFORE: Final = 0
LAST: Final = 1
LAST_BEAT: Final = 2
LATENCY: Final = 3
EVIDENCE_SHORT: Final = 4
EVIDENCE_LONG: Final = 5
# Evidence for a pulse is summed with these time constants.
_SHORT_KEEP: Final = np.exp(-0.01 / 2.0)
_LONG_KEEP: Final = np.exp(-0.01 / 6.0)


class PulseState(NamedTuple):
    """Decoder, onset picker and beat teller of one stream.

    ``frames`` [frame now, frame of the last onset] int64; ``floats`` [activation two frames ago,
    one frame ago, frame of the last told beat, latency in frames, evidence for a pulse (log
    likelihood ratio) over about 2 s and over about 6 s] float64; ``out`` the decoder's
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
        np.array([0.0, 0.0, -100_000.0, latency_frames, 0.0, 0.0]),
        np.zeros(decoder.OUT_SIZE, np.float32),
    )


@njit(nogil=True, cache=True)
def _tell(floats, events, count, now, kind, at, value, detail):
    events[count, 0] = now
    events[count, 1] = kind
    events[count, 2] = at
    events[count, 3] = value
    events[count, 4] = detail
    events[count, 5] = floats[EVIDENCE_SHORT]
    events[count, 6] = floats[EVIDENCE_LONG]
    return count + 1


@njit(nogil=True, cache=True)
def step(state, activation, events, count):
    """Advance by one frame; appends to ``events`` (rows, ROW_SIZE) and returns the new count."""
    frames, floats, out = state.frames, state.floats, state.out
    frames[NOW] += 1
    now = frames[NOW]
    older, old = floats[BEFORE], floats[LAST]
    fresh_share = np.float32(0.0)
    period = 6000.0 / max(out[decoder.OUT_BPM], np.float32(30.0))
    peak = old > older and old >= activation and old >= ONSET_THRESHOLD
    if peak and now - 1 - frames[LAST_ONSET] >= _ONSET_GAP_FRAMES:
        curve = older - 2.0 * old + activation
        shift = 0.5 * (older - activation) / curve if curve < -1e-6 else 0.0
        at = now - 1 + shift - floats[LATENCY]
        count = _tell(floats, events, count, now, ONSET, at, old, 0.5 * (older + activation) / old)
        rest = now - 1 - frames[LAST_ONSET]
        if old >= _REST_ONSET and rest > _REST_FRAMES and rest > _REST_BEATS * period:
            fresh_share = state.decoder.numbers[decoder.FIRST_ONSET]
        frames[LAST_ONSET] = now - 1
    floats[BEFORE] = old
    floats[LAST] = activation
    decoder.step(state.decoder, np.float32(activation), fresh_share, out)
    evidence = out[decoder.OUT_EVIDENCE]
    floats[EVIDENCE_SHORT] = _SHORT_KEEP * floats[EVIDENCE_SHORT] + evidence
    floats[EVIDENCE_LONG] = _LONG_KEEP * floats[EVIDENCE_LONG] + evidence
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
