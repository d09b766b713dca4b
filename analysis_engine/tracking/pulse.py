"""From activation to onsets and told beats, tick by tick, around the decoder."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.dsp.kernel import kernel
from analysis_engine.dsp.network import BEAT as BEAT_HEAD
from analysis_engine.dsp.network import DOWNBEAT as DOWNBEAT_HEAD
from analysis_engine.dsp.network import FIRST_CLASS
from analysis_engine.dsp.network import ONSET as ONSET_HEAD
from analysis_engine.dsp.novelty import FRAMES_PER_TICK
from analysis_engine.tracking import decoder, outlook, phase_memory, weighing
from analysis_engine.tracking.decoder import DecoderConfig, DecoderState, make_decoder
from analysis_engine.tracking.phase_memory import PhaseMemory, make_phase_memory

# Kinds of rows in the event buffer.
ONSET: Final = 0
BEAT: Final = 1
# Columns of an event row (float64): frame it was told at; kind; frame it happened (fractional, the
# activation's latency taken off); strength (onset) or mass (beat); probability of a downbeat
# (onset) or bpm (beat); the evidence over 6 s; softness of the attacks, 0..1.
ROW_SIZE: Final = 7

# Onsets: a local maximum this high, this many frames after the one before.
ONSET_THRESHOLD: Final = np.float32(0.25)
_ONSET_GAP_FRAMES: Final = 5
# The first onset after a rest: this much stronger than what was heard before, which is forgotten
# by half over about a beat. Weak noise before the music does not hide its beginning.
_FIRST_ONSET_RATIO: Final = 8.0
_FORGET_BEATS: Final = 0.95
_SHORTEST_FORGET_FRAMES: Final = 60.0
# Told at least this many frames before it sounds, so that the record is out when it does; the next
# tick would be too late.
_LEAD_FRAMES: Final = np.float32(0.5 + FRAMES_PER_TICK)
_REFRACTORY: Final = np.float32(0.6)
_JUST_PASSED: Final = np.float32(0.12)

# Indices into PulseState.frames (int64).
NOW: Final = 0
LAST_PEAK: Final = 1
# Indices into PulseState.floats (float64).
BEFORE: Final = 0
LAST: Final = 1
LAST_BEAT: Final = 2
LATENCY: Final = 3
EVIDENCE: Final = 4
HEARD: Final = 5
LAST_DOWNBEAT: Final = 6
SOFTNESS: Final = 7
LAST_BEATNESS: Final = 8
# Softness is that of the last five or so onsets.
_SOFTNESS_TAKE: Final = 0.2
# Evidence for a pulse is forgotten over 6 s.
_EVIDENCE_KEEP: Final = np.exp(-0.01 * FRAMES_PER_TICK / 6.0)


class PulseState(NamedTuple):
    """Decoder, onset picker and beat teller of one stream.

    ``frames`` [frame now, frame of the last onset] int64; ``floats`` [onset probability two ticks
    ago, one tick ago, frame of the last told beat, latency in frames, evidence for a pulse (log
    likelihood ratio), strength of recent onsets, downbeat probability one tick
    ago, softness of recent attacks, beat probability one tick ago] float64; ``out`` the decoder's
    newest answer.
    """

    decoder: DecoderState
    memory: PhaseMemory
    frames: np.ndarray
    floats: np.ndarray
    out: np.ndarray


def make_pulse(config: DecoderConfig, latency_frames: float) -> PulseState:
    """Return a pulse that has heard nothing."""
    return PulseState(
        make_decoder(config),
        make_phase_memory(),
        np.array([-1, -100_000], np.int64),
        np.array([0.0, 0.0, -100_000.0, latency_frames, 0.0, 0.0, 0.0, 0.0, 0.0]),
        np.zeros(decoder.OUT_SIZE, np.float32),
    )


@kernel
def _tell(state, events, count, kind, at, value, detail):
    events[count, 0] = state.frames[NOW]
    events[count, 1] = kind
    events[count, 2] = at
    events[count, 3] = value
    events[count, 4] = detail
    events[count, 5] = state.floats[EVIDENCE]
    events[count, 6] = state.floats[SOFTNESS]
    return count + 1


@kernel
def _remember(state, at, period, beatness, begins) -> None:
    """Let the phase memory hear an onset, and the decoder what it says of the onset's place."""
    numbers = state.decoder.numbers
    gain = numbers[weighing.MEMORY_GAIN]
    if gain <= 0.0:
        return
    ratio = weighing.log_ratio(np.float32(beatness), numbers, weighing.NON_BEAT_SHARES)
    here, likeliest = phase_memory.hear(state.memory, at * HOP_S, period * HOP_S, ratio, begins)
    # Speaks for the likeliest place, and as much against all others.
    weighing.weigh_last(state.decoder, np.float32(math.exp(gain * (2.0 * here - likeliest))))


@kernel
def _pick_onset(state, activations, period, events, count):
    """Tell the onset that peaked one tick ago, if one did.

    Returns the new count, and the mass that starts afresh with it (first onset after a rest).
    """
    frames, floats = state.frames, state.floats
    now, onset = frames[NOW], activations[ONSET_HEAD]
    older, old = floats[BEFORE], floats[LAST]
    fresh_share = np.float32(0.0)
    peak_frame = now - FRAMES_PER_TICK
    peak = old > older and old >= onset and old >= ONSET_THRESHOLD
    if peak and peak_frame - frames[LAST_PEAK] >= _ONSET_GAP_FRAMES:
        curve = older - 2.0 * old + onset
        shift = 0.5 * (older - onset) / curve if curve < -1e-6 else 0.0
        at = peak_frame + FRAMES_PER_TICK * shift - floats[LATENCY]
        # Bowed and blown notes begin softly.
        soft = activations[FIRST_CLASS + 2] + activations[FIRST_CLASS + 3]
        floats[SOFTNESS] += _SOFTNESS_TAKE * (soft - floats[SOFTNESS])
        downbeat = max(floats[LAST_DOWNBEAT], activations[DOWNBEAT_HEAD])
        count = _tell(state, events, count, ONSET, at, old, downbeat)
        begins = old > _FIRST_ONSET_RATIO * floats[HEARD]
        if begins:
            fresh_share = state.decoder.numbers[weighing.FIRST_ONSET]
        _remember(state, at, period, max(floats[LAST_BEATNESS], activations[BEAT_HEAD]), begins)
        floats[HEARD] = max(floats[HEARD], old)
        frames[LAST_PEAK] = peak_frame
    forget_frames = max(_FORGET_BEATS * period, _SHORTEST_FORGET_FRAMES)
    floats[HEARD] *= 0.5 ** (FRAMES_PER_TICK / forget_frames)
    floats[BEFORE] = old
    floats[LAST] = onset
    floats[LAST_DOWNBEAT] = activations[DOWNBEAT_HEAD]
    floats[LAST_BEATNESS] = activations[BEAT_HEAD]
    return count, fresh_share


@kernel
def step(state, activations, events, count):
    """Advance by one tick; appends to ``events`` (rows, ROW_SIZE) and returns the new count.

    ``activations`` float32 (OUTPUT_COUNT,) are the network's probabilities.
    """
    floats, out = state.floats, state.out
    now = state.frames[NOW]
    period = 6000.0 / max(out[decoder.OUT_BPM], np.float32(30.0))
    count, fresh_share = _pick_onset(state, activations, period, events, count)
    decoder.step(state.decoder, activations[BEAT_HEAD], activations[ONSET_HEAD], fresh_share, out)
    floats[EVIDENCE] = _EVIDENCE_KEEP * floats[EVIDENCE] + out[decoder.OUT_EVIDENCE]
    bpm, mass = out[decoder.OUT_BPM], out[decoder.OUT_MASS]
    period = 6000.0 / bpm
    onset_frame = now - FRAMES_PER_TICK
    if fresh_share > 0 and onset_frame - floats[LAST_BEAT] > _REFRACTORY * period:
        floats[LAST_BEAT] = onset_frame
        return _tell(state, events, count, BEAT, onset_frame - floats[LATENCY], mass, bpm)
    latest = floats[LATENCY] + _LEAD_FRAMES
    if now + latest - floats[LAST_BEAT] <= _REFRACTORY * period:
        return count
    to_beat = outlook.frames_to_beat(state.decoder, int(out[decoder.OUT_MODE]))
    due = now + to_beat
    # An early note may move the posterior past a beat at one stroke: that beat is told, too.
    passed = due - period
    if now - passed <= _JUST_PASSED * period and passed - floats[LAST_BEAT] > _REFRACTORY * period:
        due = passed
    elif to_beat > latest or due - floats[LAST_BEAT] <= _REFRACTORY * period:
        return count
    floats[LAST_BEAT] = due
    return _tell(state, events, count, BEAT, due - floats[LATENCY], mass, bpm)
