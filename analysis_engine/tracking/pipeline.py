"""One nogil call per chunk: bytes to onsets, told beats and silences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from analysis_engine.dsp import activation, metronome, pcm, resample
from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.front_end import (
    HOP_S,
    PEAK,
    FrontEndState,
    analyse_frame,
    fill_hop,
    hop_is_full,
    make_front_end,
)
from analysis_engine.dsp.kernel import kernel
from analysis_engine.dsp.network import OUTPUT_COUNT
from analysis_engine.tracking import loudness, pulse
from analysis_engine.tracking.pulse import LAST_PEAK, NOW, ROW_SIZE, PulseState

if TYPE_CHECKING:
    from analysis_engine.config import StreamConfig
    from analysis_engine.dsp.activation import ActivationState
    from analysis_engine.dsp.metronome import MetronomeState
    from analysis_engine.dsp.resample import ResamplerState
    from analysis_engine.tracking.decoder import DecoderConfig
    from analysis_engine.tracking.loudness import LoudnessState

#: Longest stretch of audio one call may be given.
SLICE_S: Final = 0.1
#: Kinds of event rows beyond `pulse.ONSET` and `pulse.BEAT`.
SILENCE_ENDED: Final = 2
SILENCE_STARTED: Final = 3
# At most one onset, one beat and one silence a frame, and 11 frames a slice.
_EVENT_ROWS: Final = 40


class PipelineState(NamedTuple):
    """Everything one stream needs between two chunks, plus scratch.

    ``switches`` [whether a metronome is taken out] bool.
    """

    resampler: ResamplerState
    front_end: FrontEndState
    switches: np.ndarray
    metronome: MetronomeState
    activation: ActivationState
    pulse: PulseState
    loudness: LoudnessState
    work: np.ndarray
    engine_samples: np.ndarray
    bands: np.ndarray
    activations: np.ndarray
    events: np.ndarray


def slice_samples(sample_rate_hz: int) -> int:
    """Return how many samples one call takes at most."""
    return int(sample_rate_hz * SLICE_S)


def block_samples(sample_rate_hz: int) -> int:
    """Return how many samples of a slice are decoded at a time: scratch is only so large."""
    return int(sample_rate_hz * HOP_S)


def latency_s(sample_rate_hz: int) -> float:
    """Seconds from an attack to the frame in which its activation peaks."""
    return activation.LATENCY_S + resample.delay_s(sample_rate_hz)


def make_pipeline(
    config: StreamConfig,
    decoder_config: DecoderConfig,
    *,
    learned: bool = True,
    metronome_removal: bool = True,
) -> PipelineState:
    """Return a pipeline at rest for one stream.

    Not ``learned``, flux takes the network's place; without ``metronome_removal``, what a metronome
    plays is heard as if the player did.
    """
    resampler = resample.make_resampler(config.sample_rate_hz)
    longest = block_samples(config.sample_rate_hz)
    latency_frames = latency_s(config.sample_rate_hz) / HOP_S
    return PipelineState(
        resampler,
        make_front_end(),
        np.array([metronome_removal]),
        metronome.make_metronome(),
        activation.make_state(learned=learned),
        pulse.make_pulse(decoder_config, latency_frames),
        loudness.make_loudness(),
        np.zeros(resampler.history.size + longest, np.float32),
        np.zeros(resample.output_capacity(longest, config.sample_rate_hz), np.float32),
        np.zeros(BAND_COUNT, np.float32),
        np.zeros(OUTPUT_COUNT, np.float32),
        np.zeros((_EVENT_ROWS, ROW_SIZE)),
    )


@kernel
def _frame(state, count):
    """Run everything that happens once per 10 ms."""
    power = analyse_frame(state.front_end, state.bands)
    share = np.float32(1.0)
    if state.switches[0]:
        share = metronome.step(state.metronome, state.bands, state.front_end.tracking[PEAK])
    frames = state.pulse.frames
    frames[NOW] += 1
    if activation.step(state.activation, state.bands, state.activations):
        count = pulse.step(state.pulse, state.activations, state.events, count)
    changed = loudness.step(state.loudness, power, share, frames[NOW] - frames[LAST_PEAK])
    if changed != 0:
        since = frames[NOW] - state.loudness.frames[loudness.QUIET_FOR]
        row = state.events[count]
        row[0] = frames[NOW]
        row[1] = SILENCE_ENDED if changed > 0 else SILENCE_STARTED
        row[2] = since
        count += 1
    return count


@kernel
def _frame_bytes(encoding, channel_count):
    bytes_per_sample = 2 if encoding == pcm.LINEAR16 else 4 if encoding == pcm.FLOAT32 else 1
    return bytes_per_sample * channel_count


@kernel
def bytes_per_block(state, encoding, channel_count):
    """Return how many bytes `to_samples` takes at most."""
    longest = state.work.size - state.resampler.history.size
    return longest * _frame_bytes(encoding, channel_count)


@kernel
def to_samples(state, raw, encoding, channel_count):
    """Decode and resample whole samples; returns how many are in ``state.engine_samples``."""
    history = state.resampler.history.size
    sample_count = raw.size // _frame_bytes(encoding, channel_count)
    clipped = pcm.decode(raw, encoding, channel_count, state.work[history:])
    state.loudness.frames[loudness.CLIPPED] += clipped
    return resample.resample(state.resampler, state.work, sample_count, state.engine_samples)


@kernel
def advance(state, raw, encoding, channel_count):
    """Take at most `slice_samples` whole samples; returns the number of rows in ``state.events``.

    Parameters
    ----------
    state : PipelineState
    raw : uint8 (n,)
        Interleaved PCM.
    encoding : int
        Code of `analysis_engine.dsp.pcm`.
    channel_count : int
        1 or 2.
    """
    block_bytes = bytes_per_block(state, encoding, channel_count)
    count = 0
    for first in range(0, raw.size, block_bytes):
        block = raw[first : min(first + block_bytes, raw.size)]
        samples = state.engine_samples[: to_samples(state, block, encoding, channel_count)]
        at = 0
        while at < samples.size:
            at += fill_hop(state.front_end, samples[at:])
            if hop_is_full(state.front_end):
                count = _frame(state, count)
    return count
