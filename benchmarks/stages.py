"""The engine's stages, one more at a time: what each adds is what it costs.

A stage's kernels run once per 10 ms frame inside one compiled call per chunk, so they can't be
timed from outside. Instead the chunk's call is compiled again, cut short after each stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.dsp import activation, metronome, pcm
from analysis_engine.dsp.front_end import PEAK, analyse_frame, fill_hop, hop_is_full
from analysis_engine.dsp.kernel import kernel
from analysis_engine.tracking import handle, pipeline
from analysis_engine.tracking.decoder import DecoderConfig
from analysis_engine.tracking.tracker import Tracker
from benchmarks.stopwatch import best_cpu_s, us_per_audio_s

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SLICE_S: Final = 0.1


def _nothing(state: Any, raw: Any, encoding: int, channel_count: int) -> int:
    """Only the way from Python into compiled code, with all of a stream's state."""
    return int(state.work.size + raw.size + encoding + channel_count)


def _to_samples(state: Any, raw: Any, encoding: int, channel_count: int) -> int:
    return int(pipeline.to_samples(state, raw, encoding, channel_count))


def _to_bands(state: Any, raw: Any, encoding: int, channel_count: int) -> int:
    produced = pipeline.to_samples(state, raw, encoding, channel_count)
    frames, at = 0, 0
    while at < produced:
        at += fill_hop(state.front_end, state.engine_samples[at:produced])
        if hop_is_full(state.front_end):
            analyse_frame(state.front_end, state.bands)
            frames += 1
    return frames


def _to_clean_bands(state: Any, raw: Any, encoding: int, channel_count: int) -> int:
    produced = pipeline.to_samples(state, raw, encoding, channel_count)
    frames, at = 0, 0
    while at < produced:
        at += fill_hop(state.front_end, state.engine_samples[at:produced])
        if hop_is_full(state.front_end):
            analyse_frame(state.front_end, state.bands)
            metronome.step(state.metronome, state.bands, state.front_end.tracking[PEAK])
            frames += 1
    return frames


def _to_activation(state: Any, raw: Any, encoding: int, channel_count: int) -> int:
    produced = pipeline.to_samples(state, raw, encoding, channel_count)
    frames, at = 0, 0
    while at < produced:
        at += fill_hop(state.front_end, state.engine_samples[at:produced])
        if hop_is_full(state.front_end):
            analyse_frame(state.front_end, state.bands)
            metronome.step(state.metronome, state.bands, state.front_end.tracking[PEAK])
            activation.step(state.activation, state.bands, state.activations)
            frames += 1
    return frames


def _by_handle(prefix: Any) -> Any:
    """Return a prefix that gets at the state as the live call does."""
    compiled = kernel(cache=False)(prefix)

    def call(held: Any, raw: Any, encoding: int, channel_count: int) -> Any:
        state = held.state
        block_bytes = pipeline.bytes_per_block(state, encoding, channel_count)
        total = 0
        for first in range(0, raw.size, block_bytes):
            block = raw[first : min(first + block_bytes, raw.size)]
            total += compiled(state, block, encoding, channel_count)
        return total

    return njit(nogil=True)(call)


PREFIXES: Final[tuple[tuple[str, Any], ...]] = (
    ("call", _by_handle(_nothing)),
    ("decode, resample", _by_handle(_to_samples)),
    ("front end", _by_handle(_to_bands)),
    ("metronome", _by_handle(_to_clean_bands)),
    ("activation", _by_handle(_to_activation)),
    ("beat inference", handle.advance),
)
"""Name of the stage that is added, and the chunk's call up to it."""


@dataclass(frozen=True, slots=True)
class Material:
    """Sound to time: a name, 16-bit mono samples and their rate."""

    name: str
    samples: np.ndarray[Any, np.dtype[np.int16]]
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length."""
        return len(self.samples) / self.sample_rate_hz

    def slices(self) -> list[bytes]:
        """Cut into slices of 100 ms, as a stream would send them."""
        step = round(SLICE_S * self.sample_rate_hz)
        data = self.samples.astype("<i2")
        return [data[at : at + step].tobytes() for at in range(0, len(data), step)]


def config_for(material: Material) -> StreamConfig:
    """Return the configuration of a student with a target who plays this."""
    return StreamConfig(Encoding.LINEAR16, material.sample_rate_hz, target_bpm=100.0)


def stage_costs(material: Material, repeats: int) -> dict[str, float]:
    """Cost of each stage in µs per second of audio; ``results`` is all that Python adds."""
    config = config_for(material)
    chunks = [np.frombuffer(data, np.uint8) for data in material.slices()]
    costs: dict[str, float] = {}
    before = 0.0
    for name, advance in PREFIXES:
        advance(_held(config), chunks[0], pcm.LINEAR16, 1)
        cpu_s = best_cpu_s(lambda advance=advance: _run(advance, config, chunks), repeats)  # type: ignore[misc]
        upto = us_per_audio_s(cpu_s, material.duration_s)
        costs[name] = upto - before
        before = upto
    costs["results"] = stream_cost(material, repeats) - before
    return costs


def _held(config: StreamConfig) -> Any:
    return handle.hold(pipeline.make_pipeline(config, DecoderConfig()))


def _run(advance: Any, config: StreamConfig, chunks: Sequence[Any]) -> Callable[[], None]:
    state = _held(config)

    def work() -> None:
        for chunk in chunks:
            advance(state, chunk, pcm.LINEAR16, 1)

    return work


def stream_cost(material: Material, repeats: int) -> float:
    """Cost of a whole stream, results and summary included, in µs per second of audio."""
    slices, config = material.slices(), config_for(material)

    def make_work() -> Callable[[], None]:
        tracker = Tracker(config)

        def work() -> None:
            for data in slices:
                tracker.process(data)
            tracker.finish()

        return work

    return us_per_audio_s(best_cpu_s(make_work, repeats), material.duration_s)
