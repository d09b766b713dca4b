"""Generated performances as the network hears them: bands of the live front end, and the truth.

A shard is one ``.npz`` of whole clips. Bands are kept, not network inputs, so that inputs can be
changed without performing everything again.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis_engine.config import Encoding
from analysis_engine.dsp import pcm, resample
from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.front_end import HOP_SAMPLES, make_front_end
from analysis_engine.training import textures
from analysis_engine.training.behaviour import CONCERT_SCENARIOS, EXTRA_SCENARIOS, SCENARIOS
from analysis_engine.training.corpus import INSTRUMENT_CYCLE
from analysis_engine.training.kernels import run_front_end
from analysis_engine.training.keyboard import classic
from analysis_engine.training.performance import Performance, draw_plan, perform
from analysis_engine.training.pulseless import PULSELESS, pulseless
from analysis_engine.training.voices.sampled import available_fonts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

CLIP_S: Final = 40.0
CLIPS_PER_SHARD: Final = 45
SAMPLE_RATE_HZ: Final = 22_050
#: Attack classes, in the order of the network's head.
ATTACK_CLASSES: Final = ("percussion", "struck", "bowed", "blown")
ATTACK_CLASS: Final[dict[str, int]] = {
    "drums": 0,
    "piano": 1,
    "guitar": 1,
    "violin": 2,
    "flute": 3,
    "trumpet": 3,
    "clarinet": 3,
}
_PRACTICE, _EXTRA, _CONCERT, _PULSELESS = 0.50, 0.10, 0.30, 0.10
_PIECE_SHARE: Final = 0.6
_PIECES: Final = (
    classic,
    classic,
    classic,
    classic,
    classic,
    classic,
    textures.mosaic,
    textures.mosaic,
    textures.prelude,
    textures.fugue,
    textures.sonatina,
    textures.toccata,
)
# Nobody's attack is heard later than this, whatever an envelope says.
_LONGEST_ATTACK_S: Final = 0.08


@dataclass(frozen=True, slots=True)
class TrainingClip:
    """One performance as bands and truth.

    ``bands`` (frames, 60) float16; times in seconds; ``onsets_s`` are heard onsets (attack
    included), ``onset_weight`` is 0 where nobody knows them; ``attack_class`` -1 for none.
    """

    scenario: str
    instrument: str
    bands: NDArray[np.float16]
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    onsets_s: NDArray[np.float64]
    attack_s: float
    target_bpm: float
    attack_class: int
    onset_weight: float


def bands_of(audio: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float32]:
    """Run the live front end over a clip; returns float32 (frames, 60)."""
    raw = np.clip(np.round(audio * 32767), -32768, 32767).astype("<i2").view(np.uint8)
    resampler = resample.make_resampler(sample_rate_hz)
    history = resampler.history.size
    slice_samples = sample_rate_hz // 10
    work = np.zeros(history + slice_samples, np.float32)
    engine = np.zeros(resample.output_capacity(slice_samples, sample_rate_hz), np.float32)
    code = pcm.ENCODING_CODES[Encoding.LINEAR16]
    parts = []
    for at in range(0, raw.size, 2 * slice_samples):
        part = raw[at : at + 2 * slice_samples]
        pcm.decode(part, code, 1, work[history:])
        produced = resample.resample(resampler, work, part.size // 2, engine)
        parts.append(engine[:produced].copy())
    samples = np.concatenate(parts)
    bands = np.zeros((samples.size // HOP_SAMPLES + 1, BAND_COUNT), np.float32)
    count = run_front_end(make_front_end(), samples, bands)
    return bands[:count]


def draw_kind(rng: np.random.Generator) -> tuple[str, str]:
    """Draw a scenario and an instrument for one training clip; the instrument of noise is ''."""
    kind = rng.random()
    instrument = str(rng.choice(INSTRUMENT_CYCLE))
    if kind < _PRACTICE:
        return str(rng.choice(list(SCENARIOS))), instrument
    if kind < _PRACTICE + _EXTRA:
        return str(rng.choice(list(EXTRA_SCENARIOS))), instrument
    if kind < _PRACTICE + _EXTRA + _CONCERT:
        scenario = str(rng.choice(list(CONCERT_SCENARIOS), p=[0.45, 0.3, 0.25]))
        if scenario == "expressive":
            return scenario, str(rng.choice(["piano", "piano", "piano", "guitar", "violin"]))
        return scenario, "drums" if scenario == "drummer" else str(rng.choice(["piano", "guitar"]))
    return str(rng.choice(list(PULSELESS))), ""


def make_training_clip(seed: int, index: int, fonts: tuple[Path, ...]) -> TrainingClip:
    """Perform clip ``index``; the same arguments (and fonts) give the same clip."""
    rng = np.random.default_rng([seed, index])
    scenario, instrument = draw_kind(rng)
    if not instrument:
        noise = pulseless(rng, scenario, CLIP_S, SAMPLE_RATE_HZ)
        return _as_training_clip(noise, scenario, "", onset_weight=0.0)
    # Half of what pitched instruments play is pieces, whatever the instrument is known for.
    piece = instrument != "drums" and rng.random() < _PIECE_SHARE
    material = _PIECES[int(rng.integers(len(_PIECES)))] if piece else None
    plan = draw_plan(
        rng, scenario, instrument, CLIP_S, SAMPLE_RATE_HZ, fonts=fonts, material=material
    )
    return _as_training_clip(perform(rng, plan, scenario), scenario, instrument, onset_weight=1.0)


def _as_training_clip(
    performance: Performance, scenario: str, instrument: str, *, onset_weight: float
) -> TrainingClip:
    attack_s = min(_LONGEST_ATTACK_S, (performance.attack_ms or 0.0) / 1000.0)
    played = np.concatenate([performance.onsets_s[:, 0], np.array(performance.extras_s)])
    return TrainingClip(
        scenario=scenario,
        instrument=instrument,
        bands=bands_of(performance.audio, performance.sample_rate_hz).astype(np.float16),
        beats_s=_sounding(performance),
        downbeats_s=performance.downbeats_s,
        onsets_s=np.sort(played) + attack_s,
        attack_s=attack_s,
        target_bpm=performance.target_bpm or 0.0,
        # A band of several instruments has no class of its own.
        attack_class=ATTACK_CLASS.get(instrument, -1) if scenario != "ensemble" else -1,
        onset_weight=onset_weight,
    )


def _sounding(performance: Performance) -> NDArray[np.float64]:
    """Beats that fall while somebody plays: none is asked for inside a pause."""
    beats_s = performance.beats_s
    inside = np.ones(beats_s.size, bool)
    for low_s, high_s in performance.gaps_s:
        inside &= (beats_s < low_s - 0.01) | (beats_s > high_s - 0.01)
    return beats_s[inside]


_FIELDS: Final = ("beats_s", "downbeats_s", "onsets_s")
_NUMBERS: Final = ("attack_s", "target_bpm", "attack_class", "onset_weight")


def write_shard(folder: Path, seed: int, shard: int, fonts: tuple[Path, ...]) -> Path:
    """Perform one shard's clips and write them; an existing shard is left alone."""
    path = folder / f"shard_{seed}_{shard:04d}.npz"
    if path.exists():
        return path
    arrays: dict[str, Any] = {}
    for i in range(CLIPS_PER_SHARD):
        clip = make_training_clip(seed, shard * CLIPS_PER_SHARD + i, fonts)
        arrays[f"{i}.names"] = np.array([clip.scenario, clip.instrument])
        arrays[f"{i}.bands"] = clip.bands
        arrays[f"{i}.numbers"] = np.array([float(getattr(clip, name)) for name in _NUMBERS])
        arrays |= {f"{i}.{name}": getattr(clip, name) for name in _FIELDS}
    part = path.with_suffix(".part.npz")
    np.savez(part, **arrays)
    part.rename(path)
    return path


def read_shard(path: Path) -> Iterator[TrainingClip]:
    """Yield the clips of a shard."""
    with np.load(path) as arrays:
        for i in range(CLIPS_PER_SHARD):
            numbers = dict(zip(_NUMBERS, arrays[f"{i}.numbers"].tolist(), strict=True))
            scenario, instrument = arrays[f"{i}.names"].tolist()
            yield TrainingClip(
                scenario=scenario,
                instrument=instrument,
                bands=arrays[f"{i}.bands"],
                attack_s=numbers["attack_s"],
                target_bpm=numbers["target_bpm"],
                attack_class=int(numbers["attack_class"]),
                onset_weight=numbers["onset_weight"],
                **{name: arrays[f"{i}.{name}"] for name in _FIELDS},
            )


def write_dataset(folder: Path, seed: int, shard_count: int, jobs: int) -> list[Path]:
    """Write shards in parallel, with progress on stderr; returns their paths in order."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = tuple(available_fonts().values())
    work = partial(write_shard, folder, seed, fonts=fonts)
    paths: list[Path] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(work, shard) for shard in range(shard_count)]
        for done in as_completed(futures):
            paths.append(done.result())
            hours = len(paths) * CLIPS_PER_SHARD * CLIP_S / 3600.0
            sys.stderr.write(f"\rperformed {len(paths)} of {shard_count} shards, {hours:.1f} h ")
            sys.stderr.flush()
    sys.stderr.write("\n")
    return sorted(paths)
