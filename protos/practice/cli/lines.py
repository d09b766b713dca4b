"""Results as JSON lines and as plain text lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.analysis.v1 import analysis_pb2 as pb
from practice.cli.words import clock_text, mood_word, state_words
from practice.json_format import message_to_dict

if TYPE_CHECKING:
    from practice.cli.performance import BeatRow
    from practice.json_format import JsonValue

    Line = dict[str, JsonValue]


def window_line(window: pb.WindowResult, sample_rate_hz: int) -> Line:
    """Return ``{"window": ...}``: the proto's fields and the times in seconds."""
    times: Line = {
        "start_seconds": round(window.start_sample / sample_rate_hz, 6),
        "end_seconds": round(window.end_sample / sample_rate_hz, 6),
    }
    return {"window": message_to_dict(window) | times}


def beat_line(beat: BeatRow) -> Line:
    """Return ``{"beat": ...}``; what is not known is left out."""
    values = {
        "seconds": beat.seconds,
        "told_seconds": beat.told_seconds,
        "offset_ms": beat.offset_ms,
        "beat_in_bar": beat.beat_in_bar,
        "strength": beat.strength,
        "confidence": beat.confidence,
    }
    return {"beat": {name: value for name, value in values.items() if value is not None}}


def event_line(event: pb.StreamEvent, sample_rate_hz: int) -> Line:
    """Return ``{"event": ...}`` with its time in seconds."""
    seconds: Line = {"seconds": round(event.sample / sample_rate_hz, 6)}
    return {"event": message_to_dict(event) | seconds}


def summary_line(summary: pb.StreamSummary, **extra: float) -> Line:
    """Return ``{"summary": ...}`` with extra numbers (``cpu_seconds``)."""
    return {"summary": message_to_dict(summary) | dict(extra)}


def window_text(window: pb.WindowResult, sample_rate_hz: int) -> str:
    """Return one plain line for a person: time, state, tempo, scores, mood."""
    parts = [clock_text(window.end_sample / sample_rate_hz), f"{state_words(window.state):<14}"]
    if window.HasField("bpm"):
        parts.append(f"{window.bpm:6.1f} bpm")
    if window.HasField("deviation_percent"):
        parts.append(f"{window.deviation_percent:+z5.1f} %")
    if window.HasField("accuracy"):
        parts.append(f"accuracy {window.accuracy:3.0f}")
    if window.HasField("steadiness"):
        parts.append(f"steadiness {window.steadiness:3.0f}")
    if window.HasField("mood"):
        parts.append(mood_word(window.mood.expression))
    return "  ".join(parts).rstrip()


def event_text(event: pb.StreamEvent, sample_rate_hz: int) -> str:
    """Return one plain line for a person about an event."""
    kind = pb.EventKind.Name(event.kind).removeprefix("EVENT_KIND_").replace("_", " ").lower()
    detail = f": {event.detail}" if event.detail else ""
    return f"{clock_text(event.sample / sample_rate_hz)}  {kind}{detail}"
