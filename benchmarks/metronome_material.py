"""Players beside a metronome, the same players without it, the metronome alone, and drummers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile

from analysis_engine.training.behaviour import Behaviour
from analysis_engine.training.corpus import INSTRUMENT_CYCLE
from analysis_engine.training.drums import Drum
from analysis_engine.training.metronome import SOUNDS, Metronome, add_metronome
from analysis_engine.training.performance import Performance, Plan, draw_plan, perform
from analysis_engine.training.room import record
from analysis_engine.training.score import Note
from benchmarks.accuracy.clips import Clip

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ: Final = 22_050
PLAYED_S: Final = 30.0
ALONE_S: Final = 20.0
LEVELS_DB: Final = {"8 dB softer": -8.0, "as loud": 0.0, "8 dB louder": 8.0}
"""Peak of a click against the player's loudness (quantile .99 of the samples), dB."""
RELATIONS: Final = ("with it", "60 ms early", "60 ms late", "at another tempo")
"""How the player keeps to the metronome."""
EARLY_S: Final = 0.06
SCENARIOS: Final = ("jit10", "student", "jit20")
TAPPED: Final = ((Drum.RIM,), (Drum.RIM, Drum.KICK), (Drum.CLOSED_HAT,))
# Drummers' strokes differ by a decibel and keep to the beat within 4 to 8 ms at best.
STROKE_SD: Final = 0.09
TAPPING_JITTER_MS: Final = (4.0, 5.0, 6.0, 8.0)


@dataclass(frozen=True, slots=True)
class Trio:
    """A player beside a metronome, the same player without it, and the metronome alone."""

    level: str
    relation: str
    both: Clip
    player: Clip
    alone: Clip


def make_trio(folder: Path, seed: int, index: int) -> Trio:
    """Write the three sounds of one plan; the same arguments give the same samples."""
    rng = np.random.default_rng([seed, index])
    relation = RELATIONS[index % 4]
    level = tuple(LEVELS_DB)[index // 4 % 3]
    instrument = INSTRUMENT_CYCLE[index % len(INSTRUMENT_CYCLE)]
    # Who plays with it keeps to it; how the others play does not depend on it.
    scenario = "jit10" if relation == RELATIONS[0] else SCENARIOS[index % 3]
    plan = draw_plan(rng, scenario, instrument, PLAYED_S, RATE_HZ)
    sound = tuple(SOUNDS)[(index + index // 12) % len(SOUNDS)]
    metronome = _draw_beside(rng, plan, relation, sound, LEVELS_DB[level])
    clips = []
    for kind, heard in (("both", metronome), ("player", None)):
        rng = np.random.default_rng([seed, index, 1])
        played = perform(rng, replace(plan, metronome=heard), kind)
        clips.append(_write(folder, f"{index}_{kind}", played))
    return Trio(level, relation, clips[0], clips[1], _alone(folder, plan, metronome, [seed, index]))


def _draw_beside(
    rng: np.random.Generator, plan: Plan, relation: str, sound: str, level_db: float
) -> Metronome:
    bpm = plan.behaviour.bpm
    early_s = {RELATIONS[1]: EARLY_S, RELATIONS[2]: -EARLY_S}.get(relation, 0.0)
    if relation == RELATIONS[3]:
        bpm = float(np.clip(bpm * rng.choice([0.8, 0.9, 1.1, 1.25]), 30.0, 250.0))
    return Metronome(
        bpm=bpm,
        first_s=(plan.start_s + early_s) % (60.0 / bpm),
        sound=sound,
        accent_every=int(rng.choice([0, 0, plan.score.beats_per_bar])),
        level=10 ** (level_db / 20),
        limp_s=float(rng.uniform(0.0, 0.012)) if sound == "clockwork" else 0.0,
        speaker=bool(sound != "clockwork" and rng.random() < 0.5),
    )


def make_drummer(folder: Path, seed: int, index: int) -> Clip:
    """Write a drummer who taps quarters on a rim or a hat, as like a metronome as a hand can."""
    rng = np.random.default_rng([seed, index, 3])
    plan = draw_plan(rng, "drummer", "drums", PLAYED_S, RATE_HZ)
    jitter_ms = float(rng.choice(TAPPING_JITTER_MS))
    beat_count = int(PLAYED_S * plan.behaviour.bpm / 60.0) + 16
    notes = tuple(
        Note(float(beat), 0.25, int(drum), 0.8 * float(np.exp(rng.normal(0.0, STROKE_SD))))
        for beat in range(beat_count)
        for drum in TAPPED[index % len(TAPPED)]
        if drum is not Drum.KICK or beat % 2 == 0
    )
    behaviour = Behaviour(plan.behaviour.bpm, jitter_ms)
    plan = replace(plan, behaviour=behaviour, score=replace(plan.score, notes=notes))
    return _write(folder, f"{index}_drummer", perform(rng, plan, "drummer"))


def _write(folder: Path, name: str, played: Performance) -> Clip:
    path = folder / f"{name}.wav"
    soundfile.write(path, played.audio, RATE_HZ, subtype="PCM_16")
    return Clip(
        name=name,
        part="x",
        scenario=played.scenario,
        instrument=played.instrument,
        path=path,
        duration_s=played.duration_s,
        beats_s=played.beats_s,
        tempo=played.tempo,
        onsets_s=np.zeros((0, 2)),
        hint_bpm=played.target_bpm,
    )


def _alone(folder: Path, plan: Plan, metronome: Metronome, seed: list[int]) -> Clip:
    rng = np.random.default_rng([*seed, 2])
    sound = np.zeros(round(ALONE_S * RATE_HZ), np.float32)
    add_metronome(rng, sound, metronome, RATE_HZ)
    path = folder / f"{seed[-1]}_alone.wav"
    # A room's noise is told against the loudest part of the music, and here is hardly any sound.
    room = replace(plan.room, noise_db=None, overdrive_db=0.0)
    heard = record(rng, sound, room, RATE_HZ)
    noise = rng.standard_normal(heard.size).astype(np.float32)
    soundfile.write(path, heard + np.float32(1e-3) * noise, RATE_HZ, subtype="PCM_16")
    none = np.zeros((0, 2))
    return Clip(path.stem, "n", "metronome", "none", path, ALONE_S, np.zeros(0), none, none)
