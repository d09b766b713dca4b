"""Training batches: random excerpts, varied in speed, colour and target, with their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.dsp.network import BEAT, DOWNBEAT, HINT_COUNT, LABEL_DELAY_S, ONSET
from analysis_engine.dsp.novelty import INPUT_COUNT, TICK_S, make_state
from analysis_engine.training.kernels import excerpt, write_hints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis_engine.training.dataset import TrainingClip

#: Half widths of the triangular labels.
BEAT_WIDTH_S: Final = 0.050
ONSET_WIDTH_S: Final = 0.030
#: Share of a slow attack by which its beat is heard later than its note starts.
ATTACK_SHARE: Final = 0.5
# Beat, downbeat and onset, in the order of the network's answer.
LABEL_COUNT: Final = 3

_STRETCHED_SHARE: Final = 0.6
_STRETCH_OCTAVES: Final = 0.4
_TILT: Final = 0.35
_GATED_SHARE: Final = 0.4
_HIGHEST_GATE: Final = 1.0
_GATE_OPENS_S: Final = 0.03
_TARGET_SHARE: Final = 0.6
_TARGET_OFF_SHARE: Final = 0.25
_TARGET_OFF_OCTAVES: Final = 0.08


@dataclass(frozen=True, slots=True)
class Batch:
    """Excerpts side by side.

    ``inputs`` (ticks, clips, 120); ``hints`` (ticks, clips, HINT_COUNT); ``labels`` (ticks, clips,
    3) 0..1: beat, downbeat, onset; ``onset_weight`` (clips,); ``attack_class`` (clips,) -1 unknown.
    """

    inputs: NDArray[np.float32]
    hints: NDArray[np.float32]
    labels: NDArray[np.float32]
    onset_weight: NDArray[np.float32]
    attack_class: NDArray[np.int32]


def labels_at(
    times_s: NDArray[np.float64], tick_count: int, half_width_s: float
) -> NDArray[np.float32]:
    """Triangles around the tick that tells each event, float32 (ticks,) within 0..1.

    Parameters
    ----------
    times_s
        Events, in seconds from the beginning of the excerpt.
    tick_count
        Length of the excerpt.
    half_width_s
        Where the triangle reaches 0.
    """
    label = np.zeros(tick_count, np.float32)
    reach = int(np.ceil(half_width_s / TICK_S)) + 1
    for time_s in times_s:
        told = (time_s + LABEL_DELAY_S) / TICK_S - 1.0
        for tick in range(int(told) - reach, int(told) + reach + 1):
            if 0 <= tick < tick_count:
                height = 1.0 - abs(tick - told) * TICK_S / half_width_s
                label[tick] = max(label[tick], height)
    return label


class BatchMaker:
    """Draws batches from clips.

    Parameters
    ----------
    clips
        What to draw from.
    tick_count
        Length of an excerpt.
    seed
        Source of chance.
    from_start_share
        Share of excerpts that begin where the player begins, rather than in the middle.
    augment
        Whether to vary speed, colour, start and target; without, excerpts begin with the clip.
    """

    def __init__(
        self,
        clips: Sequence[TrainingClip],
        tick_count: int,
        seed: int,
        *,
        from_start_share: float = 0.6,
        augment: bool = True,
    ) -> None:
        self._clips = clips
        self._tick_count = tick_count
        self._rng = np.random.default_rng(seed)
        self._from_start_share = from_start_share
        self._augment = augment

    def draw(self, clip_count: int) -> Batch:
        """Return a batch of random clips."""
        chosen = self._rng.integers(len(self._clips), size=clip_count)
        return self.make([self._clips[int(index)] for index in chosen])

    def make(self, clips: Sequence[TrainingClip], *, targets: bool | None = None) -> Batch:
        """Return these clips as a batch; ``targets`` says whether each has its target."""
        count, ticks = len(clips), self._tick_count
        inputs = np.zeros((count, ticks, INPUT_COUNT), np.float32)
        hints = np.zeros((count, ticks, HINT_COUNT), np.float32)
        labels = np.zeros((count, ticks, LABEL_COUNT), np.float32)
        for row, clip in enumerate(clips):
            self._fill(clip, targets, inputs[row], hints[row], labels[row])
        return Batch(
            np.ascontiguousarray(inputs.transpose(1, 0, 2)),
            np.ascontiguousarray(hints.transpose(1, 0, 2)),
            np.ascontiguousarray(labels.transpose(1, 0, 2)),
            np.array([clip.onset_weight for clip in clips], np.float32),
            np.array([clip.attack_class for clip in clips], np.int32),
        )

    def _fill(
        self,
        clip: TrainingClip,
        targets: bool | None,
        inputs: NDArray[np.float32],
        hints: NDArray[np.float32],
        labels: NDArray[np.float32],
    ) -> None:
        gated = self._augment and self._rng.random() < _GATED_SHARE
        speed, first_s = self._draw_excerpt(clip, gated=gated)
        bands = clip.bands.astype(np.float32)
        if gated:
            self._gate(bands, clip)
        excerpt(
            bands,
            first_s / HOP_S,
            speed,
            self._draw_colour(),
            make_state(),
            inputs,
        )
        target_bpm = self._draw_target(clip, speed, targets)
        write_hints(target_bpm, hints)
        heard_s = ATTACK_SHARE * clip.attack_s
        ticks = self._tick_count
        beats_s = (clip.beats_s - first_s) / speed + heard_s
        downbeats_s = (clip.downbeats_s - first_s) / speed + heard_s
        labels[:, BEAT] = labels_at(beats_s, ticks, BEAT_WIDTH_S)
        labels[:, DOWNBEAT] = labels_at(downbeats_s, ticks, BEAT_WIDTH_S)
        labels[:, ONSET] = labels_at((clip.onsets_s - first_s) / speed, ticks, ONSET_WIDTH_S)

    def _gate(self, bands: NDArray[np.float32], clip: TrainingClip) -> None:
        """Silence what comes before the first note, and what is soft: a noise gate, in place.

        Files and telephones often hold digital silence; the first note out of it is a beat too.
        """
        floor = np.float32(self._rng.uniform(0.0, _HIGHEST_GATE))
        np.maximum(bands - floor, 0.0, out=bands)
        if clip.onsets_s.size:
            first_s = clip.onsets_s[0] - clip.attack_s - _GATE_OPENS_S
            bands[: max(0, int(first_s / HOP_S))] = 0.0

    def _draw_excerpt(self, clip: TrainingClip, *, gated: bool) -> tuple[float, float]:
        """Return the speed, and the second of the clip at which the excerpt begins."""
        rng = self._rng
        if not self._augment:
            return 1.0, 0.0
        speed = 1.0
        if rng.random() < _STRETCHED_SHARE:
            speed = float(2.0 ** rng.uniform(-_STRETCH_OCTAVES, _STRETCH_OCTAVES))
        spare_s = clip.bands.shape[0] * HOP_S - self._tick_count * TICK_S * speed
        if rng.random() < self._from_start_share or spare_s <= 0.0:
            # Of a room's noise the beginning is nothing to hear, so only a gate has silence before.
            return speed, float(rng.uniform(-1.5 if gated else 0.0, 0.3))
        return speed, float(rng.uniform(0.0, spare_s))

    def _draw_colour(self) -> NDArray[np.float32]:
        if not self._augment:
            return np.ones(BAND_COUNT, np.float32)
        tilt = self._rng.uniform(-_TILT, _TILT)
        wave = self._rng.uniform(0.0, 0.15) * np.cos(
            np.linspace(0.0, self._rng.uniform(2.0, 12.0), BAND_COUNT)
            + self._rng.uniform(0.0, 2.0 * np.pi)
        )
        return np.asarray(1.0 + np.linspace(-tilt, tilt, BAND_COUNT) + wave, np.float32)

    def _draw_target(self, clip: TrainingClip, speed: float, targets: bool | None) -> float:
        """Return the target that the network is told, 0 for none."""
        rng = self._rng
        if targets is not None:
            return clip.target_bpm if targets else 0.0
        if rng.random() >= _TARGET_SHARE:
            return 0.0
        target_bpm = clip.target_bpm * speed or float(rng.uniform(40.0, 200.0))
        if rng.random() < _TARGET_OFF_SHARE:
            target_bpm *= float(2.0 ** rng.normal(0.0, _TARGET_OFF_OCTAVES))
        return float(np.clip(target_bpm, 20.0, 400.0))
