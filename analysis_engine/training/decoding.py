"""Network and decoder on clips whose bands are known: fast enough to search parameters with.

The kernels are those of the live engine; only the front end, which does not change, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.dsp import activation
from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.dsp.network import OUTPUT_COUNT
from analysis_engine.dsp.novelty import FRAMES_PER_TICK, TICK_S
from analysis_engine.tracking import decoder, pulse
from analysis_engine.tracking.pulse import ROW_SIZE
from analysis_engine.training.behaviour import SCENARIOS
from analysis_engine.training.kernels import run_network, run_pulse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from analysis_engine.dsp.network import NetworkWeights
    from analysis_engine.tracking.decoder import DecoderConfig
    from analysis_engine.training.dataset import TrainingClip

SETTLE_S: Final = 5.0
BEAT_TOLERANCE_S: Final = 0.07
TEMPO_TOLERANCE: Final = 0.04
_MOVING: Final = ("rush", "drag", "jump", "pause", "student")
_ROWS: Final = 8_000
# A tempo is judged against the last four intervals, unless one of them is a pause.
_INTERVALS: Final = 4
_PAUSE_RATIO: Final = 1.7


def activations_of(
    clip: TrainingClip, target_bpm: float | None, weights: NetworkWeights | None = None
) -> NDArray[np.float32]:
    """Return the network's answers over a clip, float32 (ticks, OUTPUT_COUNT)."""
    state = activation.make_state(weights)
    activation.set_target(state, target_bpm)
    out = np.zeros((clip.bands.shape[0] // FRAMES_PER_TICK, OUTPUT_COUNT), np.float32)
    run_network(state, clip.bands.astype(np.float32), out)
    return out


@dataclass(frozen=True, slots=True)
class Decoded:
    """Beats and onsets in seconds, and the decoder's tempo (ticks,) in bpm."""

    beats_s: NDArray[np.float64]
    onsets_s: NDArray[np.float64]
    tempi_bpm: NDArray[np.float64]


def decode(
    activations: NDArray[np.float32], config: DecoderConfig, target_bpm: float | None
) -> Decoded:
    """Run the decoder over the network's answers, as a live stream would."""
    state = pulse.make_pulse(config, activation.LATENCY_S / HOP_S)
    decoder.set_target(state.decoder, config, target_bpm)
    decoder.forget(state.decoder)
    rows = np.zeros((_ROWS, ROW_SIZE))
    tempi = np.zeros(len(activations))
    rows = rows[: run_pulse(state, activations, rows, tempi)]
    at_s = (rows[:, 2] + 1.0) * HOP_S
    return Decoded(at_s[rows[:, 1] == pulse.BEAT], at_s[rows[:, 1] == pulse.ONSET], tempi)


def beat_f_measure(truth_s: NDArray[np.float64], told_s: NDArray[np.float64]) -> float:
    """F-measure of beats within 70 ms, the first 5 s left out; 0..1.

    Both are in order, so that pairing each with the first that fits is the best pairing.
    """
    truth = truth_s[truth_s >= SETTLE_S]
    told = told_s[told_s >= SETTLE_S]
    hits = at = 0
    for time_s in truth:
        while at < told.size and told[at] < time_s - BEAT_TOLERANCE_S:
            at += 1
        if at < told.size and told[at] <= time_s + BEAT_TOLERANCE_S:
            hits += 1
            at += 1
    return 2.0 * hits / max(1, truth.size + told.size)


def tempo_share(truth_s: NDArray[np.float64], tempi_bpm: NDArray[np.float64]) -> float:
    """Share of half seconds whose tempo is within 4 % of the last beats'; NaN where none counts."""
    right: list[bool] = []
    for now_s in np.arange(SETTLE_S, tempi_bpm.size * TICK_S, 0.5):
        last = int(np.searchsorted(truth_s, now_s))
        recent_s = np.diff(truth_s[max(0, last - _INTERVALS - 1) : last])
        ended = last >= truth_s.size
        if ended or recent_s.size < _INTERVALS or recent_s.max() > _PAUSE_RATIO * recent_s.min():
            continue
        bpm = 60.0 / recent_s.mean()
        right.append(abs(tempi_bpm[int(now_s / TICK_S) - 1] / bpm - 1.0) <= TEMPO_TOLERANCE)
    return float(np.mean(right)) if right else float("nan")


def group_of(scenario: str) -> str:
    """Return what a scenario is reported under."""
    if scenario in _MOVING:
        return "moving"
    return "fixed" if scenario in SCENARIOS else scenario


@dataclass(frozen=True, slots=True)
class Heard:
    """A clip with the network's answers, for one target or none."""

    clip: TrainingClip
    target_bpm: float | None
    activations: NDArray[np.float32]


def hear(clips: Iterable[TrainingClip], weights: NetworkWeights | None = None) -> list[Heard]:
    """Run the network over every clip that has a pulse, with its target and without."""
    return [
        Heard(clip, target_bpm, activations_of(clip, target_bpm, weights))
        for clip in clips
        if clip.beats_s.size >= 8
        for target_bpm in (clip.target_bpm, None)
    ]


def score(
    heard: Iterable[Heard], config: DecoderConfig
) -> dict[tuple[str, bool], tuple[float, float]]:
    """Return F and tempo share by (group, with target)."""
    parts: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    for item in heard:
        decoded = decode(item.activations, config, item.target_bpm)
        key = (group_of(item.clip.scenario), item.target_bpm is not None)
        parts.setdefault(key, []).append(
            (
                beat_f_measure(item.clip.beats_s, decoded.beats_s),
                tempo_share(item.clip.beats_s, decoded.tempi_bpm),
            )
        )
    return {
        key: (float(np.mean([f for f, _ in values])), float(np.nanmean([w for _, w in values])))
        for key, values in sorted(parts.items())
    }
