"""What the engine says: the domain twins of the wire messages, free of any transport.

Times are sample indices at the stream's own rate, counted from its first sample.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class WindowState(Enum):
    """What is known about the pulse at the end of a window."""

    WARMING = "warming"
    LOCKED = "locked"
    LOST = "lost"
    SILENT = "silent"


class Expression(Enum):
    """The angry metronome's face."""

    HAPPY = "happy"
    NEUTRAL = "neutral"
    ANNOYED = "annoyed"
    ANGRY = "angry"


class EventKind(Enum):
    """Something that happened in the stream."""

    SILENCE_STARTED = "silence_started"
    SILENCE_ENDED = "silence_ended"
    TOO_QUIET = "too_quiet"
    CLIPPING = "clipping"
    GAP = "gap"
    TEMPO_CHANGED = "tempo_changed"
    MEDITATION_STARTED = "meditation_started"
    MEDITATION_ENDED = "meditation_ended"


@dataclass(frozen=True, slots=True)
class Mood:
    """Face, CSS colour and animation name that go with an accuracy."""

    expression: Expression
    color: str
    animation: str


@dataclass(frozen=True, slots=True)
class WindowResult:
    """The answer of one hop; None where there is nothing honest to say."""

    start_sample: int
    end_sample: int
    state: WindowState
    level_dbfs: float
    beat_count: int
    bpm: float | None = None
    raw_bpm: float | None = None
    metrical_ratio: float | None = None
    confidence: float | None = None
    accuracy: float | None = None
    tempo_accuracy: float | None = None
    steadiness: float | None = None
    deviation_percent: float | None = None
    drift_bpm_per_minute: float | None = None
    mood: Mood | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """One record of a beat: told at once or ahead, and once more with ``final`` set.

    ``told_sample`` is how much audio had been heard when this record was made;
    ``next_beat_sample`` is where the next beat is predicted to be.
    """

    beat_index: int
    sample: int
    predicted: bool
    beat_in_bar: int
    confidence: float
    strength: float
    told_sample: int
    offset_ms: float | None = None
    onset_sample: int | None = None
    next_beat_sample: int | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """Something that happened at ``sample``; ``detail`` is a sentence for a person."""

    sample: int
    kind: EventKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """The whole stream in numbers; every interval counts once."""

    audio_s: float
    active_s: float
    locked_s: float
    coverage: float
    beat_count: int
    median_bpm: float | None = None
    held_bpm: float | None = None
    accuracy: float | None = None
    tempo_accuracy: float | None = None
    steadiness: float | None = None
    timing_sd_ms: float | None = None
    onset_noise_ms: float | None = None
    swing_ratio: float | None = None
    swing_beat_count: int = 0
    deviation_percent: float | None = None
    drift_bpm_per_minute: float | None = None
    mood_s: dict[Expression, float] = field(default_factory=dict)
    meditation_s: float = 0.0


Output = WindowResult | Beat | StreamEvent | StreamSummary
