"""Between the wire and the domain: protobuf messages on one side, frozen dataclasses on the other.

Knows protobuf and nothing of grpc, so that programs without a server can speak the contract.
No NaN and no infinity leaves through here: an optional number that is not finite is absent, and
a required one takes the nearest honest value.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from analysis_engine.config import (
    DEFAULT_SPREAD_OCTAVES,
    Encoding,
    ExpectedTempo,
    StreamConfig,
    Strictness,
)
from analysis_engine.results import (
    Beat,
    EventKind,
    Expression,
    Mood,
    StreamEvent,
    StreamSummary,
    WindowResult,
    WindowState,
)
from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What a level that is no number reads on the wire: digital silence, 1e-10 of full-scale power.
FLOOR_DBFS: Final = -97.0

_ENCODINGS: Final = {
    pb.AUDIO_ENCODING_LINEAR16: Encoding.LINEAR16,
    pb.AUDIO_ENCODING_FLOAT32: Encoding.FLOAT32,
    pb.AUDIO_ENCODING_MULAW: Encoding.MULAW,
}
_STRICTNESSES: Final = {
    pb.STRICTNESS_UNSPECIFIED: Strictness.NORMAL,
    pb.STRICTNESS_LENIENT: Strictness.LENIENT,
    pb.STRICTNESS_NORMAL: Strictness.NORMAL,
    pb.STRICTNESS_STRICT: Strictness.STRICT,
}
_STATES: Final = {
    WindowState.WARMING: pb.WINDOW_STATE_WARMING,
    WindowState.LOCKED: pb.WINDOW_STATE_LOCKED,
    WindowState.LOST: pb.WINDOW_STATE_LOST,
    WindowState.SILENT: pb.WINDOW_STATE_SILENT,
}
_EXPRESSIONS: Final = {
    Expression.HAPPY: pb.EXPRESSION_HAPPY,
    Expression.NEUTRAL: pb.EXPRESSION_NEUTRAL,
    Expression.ANNOYED: pb.EXPRESSION_ANNOYED,
    Expression.ANGRY: pb.EXPRESSION_ANGRY,
}
_EVENT_KINDS: Final = {
    EventKind.SILENCE_STARTED: pb.EVENT_KIND_SILENCE_STARTED,
    EventKind.SILENCE_ENDED: pb.EVENT_KIND_SILENCE_ENDED,
    EventKind.TOO_QUIET: pb.EVENT_KIND_TOO_QUIET,
    EventKind.CLIPPING: pb.EVENT_KIND_CLIPPING,
    EventKind.GAP: pb.EVENT_KIND_GAP,
    EventKind.TEMPO_CHANGED: pb.EVENT_KIND_TEMPO_CHANGED,
    EventKind.MEDITATION_STARTED: pb.EVENT_KIND_MEDITATION_STARTED,
    EventKind.MEDITATION_ENDED: pb.EVENT_KIND_MEDITATION_ENDED,
}


def to_stream_config(config: pb.StreamConfig) -> StreamConfig:
    """Return the domain's config, with the contract's defaults where fields are absent.

    Raises
    ------
    ValueError
        When the encoding is unknown or a value is outside its range; the message names the field.
    """
    encoding = _ENCODINGS.get(config.encoding)
    if encoding is None:
        raise ValueError(f"encoding={config.encoding} is none of LINEAR16, FLOAT32, MULAW")
    strictness = _STRICTNESSES.get(config.strictness)
    if strictness is None:
        raise ValueError(f"strictness={config.strictness} is none of LENIENT, NORMAL, STRICT")
    return StreamConfig(
        encoding=encoding,
        sample_rate_hz=config.sample_rate_hz,
        channel_count=config.channel_count if config.HasField("channel_count") else 1,
        target_bpm=config.target_bpm if config.HasField("target_bpm") else None,
        beats_per_bar=config.beats_per_bar,
        allow_dotted_levels=config.allow_dotted_levels,
        window_s=config.window_seconds if config.HasField("window_seconds") else 4.0,
        hop_s=config.hop_seconds if config.HasField("hop_seconds") else 0.5,
        strictness=strictness,
        input_latency_s=config.input_latency_seconds,
        tempo_prior=tuple(_to_expected_tempo(tempo) for tempo in config.tempo_prior.tempi),
    )


def _to_expected_tempo(tempo: pb.ExpectedTempo) -> ExpectedTempo:
    return ExpectedTempo(
        bpm=tempo.bpm,
        weight=tempo.weight if tempo.HasField("weight") else 1.0,
        spread_octaves=(
            tempo.spread_octaves if tempo.HasField("spread_octaves") else DEFAULT_SPREAD_OCTAVES
        ),
    )


def effective_config(
    asked: pb.StreamConfig, config: StreamConfig, stream_id: str
) -> pb.StreamConfig:
    """Return what `StreamReady` tells: every default filled in, the newest target, no resume."""
    effective = pb.StreamConfig()
    effective.CopyFrom(asked)
    effective.ClearField("resume_token")
    effective.ClearField("received_results")
    effective.stream_id = stream_id
    effective.channel_count = config.channel_count
    effective.window_seconds = config.window_s
    effective.hop_seconds = config.hop_s
    effective.strictness = asked.strictness or pb.STRICTNESS_NORMAL
    effective.pace = asked.pace or pb.PACE_REAL_TIME
    if config.target_bpm is None:
        effective.ClearField("target_bpm")
    else:
        effective.target_bpm = config.target_bpm
    for asked_tempo, tempo in zip(effective.tempo_prior.tempi, config.tempo_prior, strict=True):
        asked_tempo.weight = tempo.weight
        asked_tempo.spread_octaves = tempo.spread_octaves
    return effective


def window_to_pb(window: WindowResult, dropped_windows: int = 0) -> pb.WindowResult:
    """Return the wire twin of one window result."""
    return pb.WindowResult(
        start_sample=window.start_sample,
        end_sample=window.end_sample,
        state=_STATES[window.state],
        bpm=_optional(window.bpm),
        raw_bpm=_optional(window.raw_bpm),
        metrical_ratio=_optional(window.metrical_ratio),
        confidence=_optional(window.confidence),
        accuracy=_optional(window.accuracy),
        tempo_accuracy=_optional(window.tempo_accuracy),
        steadiness=_optional(window.steadiness),
        deviation_percent=_optional(window.deviation_percent),
        drift_bpm_per_minute=_optional(window.drift_bpm_per_minute),
        mood=None if window.mood is None else mood_to_pb(window.mood),
        level_dbfs=_level(window.level_dbfs),
        beat_count=window.beat_count,
        dropped_windows=dropped_windows,
    )


def mood_to_pb(mood: Mood) -> pb.Mood:
    """Return the wire twin of a mood."""
    return pb.Mood(
        expression=_EXPRESSIONS[mood.expression], color=mood.color, animation=mood.animation
    )


def beat_to_pb(beat: Beat) -> pb.Beat:
    """Return the wire twin of one record of a beat."""
    return pb.Beat(
        beat_index=beat.beat_index,
        sample=beat.sample,
        predicted=beat.predicted,
        beat_in_bar=beat.beat_in_bar,
        confidence=_required(beat.confidence),
        strength=_required(beat.strength),
        offset_ms=_optional(beat.offset_ms),
        onset_sample=beat.onset_sample,
        next_beat_sample=beat.next_beat_sample,
        final=beat.final,
    )


def beats_to_pb(beats: Iterable[Beat]) -> pb.BeatBatch:
    """Return the beats as one batch, in their order."""
    return pb.BeatBatch(beats=[beat_to_pb(beat) for beat in beats])


def event_to_pb(event: StreamEvent) -> pb.StreamEvent:
    """Return the wire twin of an event."""
    return pb.StreamEvent(sample=event.sample, kind=_EVENT_KINDS[event.kind], detail=event.detail)


def summary_to_pb(summary: StreamSummary) -> pb.StreamSummary:
    """Return the wire twin of the summary."""
    return pb.StreamSummary(
        audio_seconds=_required(summary.audio_s),
        active_seconds=_required(summary.active_s),
        locked_seconds=_required(summary.locked_s),
        coverage=_required(summary.coverage),
        beat_count=summary.beat_count,
        median_bpm=_optional(summary.median_bpm),
        held_bpm=_optional(summary.held_bpm),
        accuracy=_optional(summary.accuracy),
        tempo_accuracy=_optional(summary.tempo_accuracy),
        steadiness=_optional(summary.steadiness),
        timing_sd_ms=_optional(summary.timing_sd_ms),
        deviation_percent=_optional(summary.deviation_percent),
        drift_bpm_per_minute=_optional(summary.drift_bpm_per_minute),
        mood_seconds=[
            pb.MoodSeconds(expression=_EXPRESSIONS[expression], seconds=_required(seconds))
            for expression, seconds in summary.mood_s.items()
        ],
        meditation_seconds=_required(summary.meditation_s),
        onset_noise_ms=_optional(summary.onset_noise_ms),
        swing_ratio=_optional(summary.swing_ratio),
        swing_beat_count=summary.swing_beat_count,
    )


def _optional(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _required(number: float) -> float:
    return number if math.isfinite(number) else 0.0


def _level(level_dbfs: float) -> float:
    return max(level_dbfs, FLOOR_DBFS) if math.isfinite(level_dbfs) else FLOOR_DBFS
