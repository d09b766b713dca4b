"""One performance with its truth: score, player, voice and room put together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis_engine.training.behaviour import Behaviour, draw_behaviour
from analysis_engine.training.metronome import Metronome, add_metronome, draw_metronome
from analysis_engine.training.player import Player, Playing
from analysis_engine.training.room import Room, draw_room, record
from analysis_engine.training.score import Brief, Note, Score, ordered
from analysis_engine.training.timeline import Timeline, draw_timeline
from analysis_engine.training.voices import INSTRUMENTS, Audio, Voice, draw_voice

if TYPE_CHECKING:
    from pathlib import Path

    from analysis_engine.training.material import Material

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Performance:
    """Sound and what is true of it.

    Parameters
    ----------
    audio
        float32, shape (samples,), within -1..1.
    sample_rate_hz
        Its rate.
    scenario, instrument, source
        What it is: behaviour, instrument, material.
    beats_s, downbeats_s
        Metrical beats inside the clip, also where no note falls.
    tempo
        (beat time, bpm of the beat that starts there), shape (beats - 1, 2).
    onsets_s
        (played, grid) of each group of notes, shape (groups, 2).
    gaps_s
        (next beat due, next beat come) of each pause.
    changes_s
        Sudden tempo changes.
    target_bpm
        What the student was asked to play; None where there is no pulse.
    jitter_ms, timing_sd_ms
        Deviation asked for, and that of the onsets actually played.
    extras_s
        Played onsets that are in no score.
    attack_ms
        The instrument's typical time to half loudness; truth holds note starts, not perceived ones.
    """

    audio: Audio
    sample_rate_hz: int
    scenario: str
    instrument: str
    source: str
    beats_s: Floats = field(default_factory=lambda: np.zeros(0))
    downbeats_s: Floats = field(default_factory=lambda: np.zeros(0))
    tempo: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    onsets_s: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    gaps_s: tuple[tuple[float, float], ...] = ()
    changes_s: tuple[float, ...] = ()
    target_bpm: float | None = None
    jitter_ms: float | None = None
    timing_sd_ms: float | None = None
    extras_s: tuple[float, ...] = ()
    attack_ms: float | None = None

    @property
    def duration_s(self) -> float:
        """Length of the audio."""
        return len(self.audio) / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class Plan:
    """What to perform; everything else is drawn from it and the source of chance.

    Parameters
    ----------
    score
        What is played; it must be long enough for the clip.
    behaviour
        How it is played.
    instrument
        On what.
    room
        Where.
    target_bpm
        What was asked for.
    start_s
        Time of the first score beat; negative starts the clip mid-piece.
    duration_s, sample_rate_hz
        Shape of the audio.
    metronome
        What clicks in the room beside the player, if anything does.
    companions
        Other instruments and what they play, on the same beats.
    fonts
        Sound fonts that voices may be drawn from.
    """

    score: Score
    behaviour: Behaviour
    instrument: str
    room: Room
    target_bpm: float
    start_s: float
    duration_s: float
    sample_rate_hz: int
    metronome: Metronome | None = None
    companions: tuple[tuple[str, Score], ...] = ()
    fonts: tuple[Path, ...] = ()


def perform(
    rng: np.random.Generator, plan: Plan, scenario: str, voice: Voice | None = None
) -> Performance:
    """Perform a plan.

    Parameters
    ----------
    rng
        Source of chance for timing, voice and room.
    plan
        What to perform.
    scenario
        Name kept in the truth.
    voice
        An instrument made before, or None to draw one.
    """
    behaviour, rate_hz = plan.behaviour, plan.sample_rate_hz
    timeline = draw_timeline(
        rng, behaviour, plan.start_s, plan.duration_s, plan.score.beats_per_bar
    )
    spread_ms = INSTRUMENTS[plan.instrument].spread_ms if behaviour.jitter_ms else 0.0
    playing = Player(rng, behaviour, spread_ms).play(plan.score, timeline, plan.duration_s - 0.05)
    voice = voice or draw_voice(rng, plan.instrument, rate_hz, plan.fonts)
    sound = voice.render(playing.notes, round(plan.duration_s * rate_hz))
    playing = _with_companions(rng, plan, timeline, playing, sound)
    if plan.metronome is not None:
        add_metronome(rng, sound, plan.metronome, rate_hz)
    audio = record(rng, sound, plan.room, rate_hz)
    performance = _with_truth(audio, plan, timeline, playing)
    return replace(performance, scenario=scenario, attack_ms=voice.attack_ms)


def _with_truth(audio: Audio, plan: Plan, timeline: Timeline, playing: Playing) -> Performance:
    inside = (timeline.start_s >= 0) & (timeline.start_s < plan.duration_s - 0.05)
    beats_s = timeline.start_s[inside]
    downbeat = np.zeros(len(inside), bool)
    for segment in timeline.segments:
        index = np.arange(segment.first_beat, segment.end_beat)
        downbeat[index] = (index + segment.score_offset) % plan.score.beats_per_bar == 0
    deviations_s = np.diff(playing.onsets_s, axis=1)
    return Performance(
        audio=audio,
        sample_rate_hz=plan.sample_rate_hz,
        scenario="",
        instrument=plan.instrument,
        source=plan.score.name,
        beats_s=beats_s,
        downbeats_s=timeline.start_s[inside & downbeat],
        tempo=np.stack([beats_s, 60.0 / timeline.period_s[inside]], axis=1)[:-1],
        onsets_s=playing.onsets_s,
        gaps_s=timeline.gaps_s,
        changes_s=timeline.changes_s,
        target_bpm=plan.target_bpm,
        jitter_ms=plan.behaviour.jitter_ms,
        timing_sd_ms=float(deviations_s.std() * 1000) if len(deviations_s) else 0.0,
        extras_s=playing.extras_s,
    )


def _with_companions(
    rng: np.random.Generator, plan: Plan, timeline: Timeline, playing: Playing, sound: Audio
) -> Playing:
    """Mix the other instruments into the sound; returns the onsets of all."""
    onsets = [playing.onsets_s]
    for instrument, score in plan.companions:
        spread_ms = INSTRUMENTS[instrument].spread_ms
        part = Player(rng, plan.behaviour, spread_ms).play(score, timeline, plan.duration_s - 0.05)
        voice = draw_voice(rng, instrument, plan.sample_rate_hz, plan.fonts)
        sound += np.float32(rng.uniform(0.3, 1.2)) * voice.render(part.notes, len(sound))
        onsets.append(part.onsets_s)
    if len(onsets) == 1:
        return playing
    merged = np.concatenate(onsets)
    return replace(playing, onsets_s=merged[np.argsort(merged[:, 0], kind="stable")])


# What plays together, beside the instrument that leads.
_BANDS = (("drums",), ("drums", "guitar"), ("guitar",), ("drums", "piano"), ("violin", "flute"))


def draw_plan(
    rng: np.random.Generator,
    scenario: str,
    instrument: str,
    duration_s: float,
    sample_rate_hz: int,
    *,
    fonts: tuple[Path, ...] = (),
    material: Material | None = None,
) -> Plan:
    """Draw a whole performance of a scenario on an instrument.

    Parameters
    ----------
    rng
        Source of chance.
    scenario, instrument
        Behaviour and voice.
    duration_s, sample_rate_hz
        Shape of the audio.
    fonts
        Sound fonts that voices may be drawn from.
    material
        What is played; None draws from what the instrument is known for.
    """
    behaviour = draw_behaviour(rng, scenario)
    kind = INSTRUMENTS[instrument]
    period_s = 60.0 / behaviour.bpm
    fastest_bpm = behaviour.bpm * max(1.0, behaviour.jump_ratio) * 1.25
    four = instrument == "drums" or scenario == "ensemble"
    beats_per_bar = 4 if four else int(rng.choice([2, 3, 4, 4, 4]))
    start_s = _draw_start_s(rng, period_s)
    beat_count = int((duration_s - min(start_s, 0.0)) * fastest_bpm / 60.0) + 2 * beats_per_bar
    brief = Brief(
        beat_count,
        beats_per_bar,
        min(period_s, 60.0 / fastest_bpm * 1.25),
        kind.low_pitch,
        kind.high_pitch,
    )
    material = material or kind.materials[int(rng.integers(len(kind.materials)))]
    score = material(rng, brief)
    if start_s > period_s and rng.random() < 0.3:
        score = _with_pickup(rng, score)
    target_bpm = behaviour.bpm
    if scenario == "off":
        target_bpm = float(round(behaviour.bpm / rng.choice([0.85, 0.92, 1.08, 1.15])))
    room = draw_room(rng, hard=scenario == "room")
    clicking = scenario == "click"
    companions: tuple[tuple[str, Score], ...] = ()
    if scenario == "ensemble":
        band = _BANDS[int(rng.integers(len(_BANDS)))]
        companions = tuple((name, _draw_score(rng, name, brief)) for name in band)
    return Plan(
        score=score,
        behaviour=behaviour,
        instrument=instrument,
        room=room,
        target_bpm=target_bpm,
        start_s=start_s,
        duration_s=duration_s,
        sample_rate_hz=sample_rate_hz,
        metronome=draw_metronome(rng, behaviour.bpm, start_s, beats_per_bar) if clicking else None,
        companions=companions,
        fonts=fonts,
    )


def _draw_score(rng: np.random.Generator, instrument: str, brief: Brief) -> Score:
    kind = INSTRUMENTS[instrument]
    own = replace(brief, low_pitch=kind.low_pitch, high_pitch=kind.high_pitch)
    return kind.materials[int(rng.integers(len(kind.materials)))](rng, own)


def _draw_start_s(rng: np.random.Generator, period_s: float) -> float:
    """Draw the first beat: after half a second, up to 3 s late, or before the clip starts."""
    kind = rng.random()
    if kind < 0.75:
        return 0.5
    if kind < 0.9:
        return float(rng.uniform(0.5, 3.0))
    return -float(rng.uniform(1.0, 9.0)) * period_s


def _with_pickup(rng: np.random.Generator, score: Score) -> Score:
    """Put one or two notes before the first beat."""
    first = score.notes[0]
    positions = ((-1.0,), (-0.5,), (-1.0, -0.5))[int(rng.integers(3))]
    pickup = [
        Note(beat, 0.5, first.pitch if first.pitch < 52 else first.pitch - 2, 0.6)
        for beat in positions
    ]
    return replace(score, notes=ordered((*pickup, *score.notes)))
