"""How states, moods and times read to a person, and the colours of the moods."""

from __future__ import annotations

from typing import Final

from practice.analysis.v1 import analysis_pb2 as pb

MOOD_COLORS: Final[dict[int, str]] = {
    pb.EXPRESSION_HAPPY: "#4CAF50",
    pb.EXPRESSION_NEUTRAL: "#2196F3",
    pb.EXPRESSION_ANNOYED: "#FF9800",
    pb.EXPRESSION_ANGRY: "#F44336",
}
_MOOD_WORDS: Final[dict[int, str]] = {
    pb.EXPRESSION_HAPPY: "happy",
    pb.EXPRESSION_NEUTRAL: "neutral",
    pb.EXPRESSION_ANNOYED: "annoyed",
    pb.EXPRESSION_ANGRY: "angry",
}
_STATE_WORDS: Final[dict[int, str]] = {
    pb.WINDOW_STATE_WARMING: "listening",
    pb.WINDOW_STATE_LOCKED: "following you",
    pb.WINDOW_STATE_LOST: "no clear pulse",
    pb.WINDOW_STATE_SILENT: "silence",
}


def mood_word(expression: int) -> str:
    """Return the mood in one word."""
    return _MOOD_WORDS.get(expression, "")


def state_words(state: int) -> str:
    """Return the state in words."""
    return _STATE_WORDS.get(state, "waiting")


def clock_text(seconds: float) -> str:
    """Return ``m:ss.s``."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    return f"{minutes}:{tenths // 10:02d}.{tenths % 10}"
