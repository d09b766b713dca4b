"""Parts of the live engine run over whole clips, for training: loops around the live kernels."""

from __future__ import annotations

import numpy as np
from numba import njit

from analysis_engine.dsp import activation, novelty
from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.front_end import analyse_frame, fill_hop, hop_is_full
from analysis_engine.dsp.network import OUTPUT_COUNT
from analysis_engine.dsp.novelty import FRAMES_PER_TICK
from analysis_engine.tracking import decoder, pulse
from analysis_engine.tracking.pulse import NOW, ROW_SIZE


@njit(nogil=True, cache=True)
def excerpt(bands, first_frame, speed, colour, state, out):
    """Network inputs of an excerpt played ``speed`` times as fast, into out (ticks, 120)."""
    frame = np.zeros(BAND_COUNT, np.float32)
    tick = 0
    index = 0
    while tick < out.shape[0]:
        at = first_frame + index * speed
        low = int(np.floor(at))
        share = np.float32(at - low)
        for band in range(BAND_COUNT):
            value = np.float32(0.0)
            if low >= 0 and low + 1 < bands.shape[0]:
                value = (np.float32(1.0) - share) * bands[low, band] + share * bands[low + 1, band]
            frame[band] = value * colour[band]
        if novelty.step(state, frame, out[tick]):
            tick += 1
        index += 1


@njit(nogil=True, cache=True)
def write_hints(target_bpm, hints):
    """Write the hints of a whole excerpt, float32 (ticks, HINT_COUNT); 0 bpm is no target."""
    target = np.array([target_bpm, 0.0])
    for tick in range(hints.shape[0]):
        activation.write_hint(target, hints[tick])


@njit(nogil=True, cache=True)
def run_front_end(state, samples, bands):
    """Bands of a clip at the engine's rate, into float32 (frames, 60); returns the frames."""
    count, at = 0, 0
    while at < samples.size:
        at += fill_hop(state, samples[at:])
        if hop_is_full(state) and count < bands.shape[0]:
            analyse_frame(state, bands[count])
            count += 1
    return count


@njit(nogil=True, cache=True)
def run_network(state, bands, out):
    """Answers of the activation stage, into float32 (ticks, OUTPUT_COUNT)."""
    ticks = 0
    answer = np.zeros(OUTPUT_COUNT, np.float32)
    for frame in range(bands.shape[0]):
        if activation.step(state, bands[frame], answer):
            out[ticks] = answer
            ticks += 1


@njit(nogil=True, cache=True)
def run_pulse(state, activations, rows, tempi):
    """Event rows, and the decoder's tempo at every tick (bpm); returns the number of rows."""
    events = np.zeros((8, ROW_SIZE))
    count = 0
    for tick in range(activations.shape[0]):
        state.frames[NOW] += FRAMES_PER_TICK
        for row in range(pulse.step(state, activations[tick], events, 0)):
            if count < rows.shape[0]:
                rows[count] = events[row]
                count += 1
        tempi[tick] = state.out[decoder.OUT_BPM]
    return count
