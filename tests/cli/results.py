"""Results that the presentation tests show: a player who rushes, then drags."""

from __future__ import annotations

from practice.analysis.v1 import analysis_pb2 as pb
from practice.cli.performance import BeatRow, Performance

SAMPLE_RATE_HZ = 1_000
TEMPOS_BPM = (None, 100.0, 106.0, 108.0, 100.0, 94.0, 92.0, None, 100.0)


def performance(*, target_bpm: float | None = 100.0, with_beats: bool = True) -> Performance:
    result = Performance("waltz.wav", SAMPLE_RATE_HZ, target_bpm)
    for hop, tempo_bpm in enumerate(TEMPOS_BPM, 1):
        window = pb.WindowResult(
            start_sample=max(0, hop * 500 - 4_000), end_sample=hop * 500, level_dbfs=-20.0
        )
        if tempo_bpm is None:
            window.state = pb.WINDOW_STATE_LOST
        else:
            window.state = pb.WINDOW_STATE_LOCKED
            window.bpm = window.raw_bpm = tempo_bpm
            window.accuracy = 80.0
            window.steadiness = 85.0
            window.mood.expression = pb.EXPRESSION_NEUTRAL
            if target_bpm is not None:
                window.deviation_percent = 100.0 * (tempo_bpm / target_bpm - 1.0)
        result.windows.append(window)
    if with_beats:
        result.beats += [
            BeatRow(index, 0.6 * index, 0.6 * index + 0.1, (-1) ** index * 12.0, 0, 0.7, 0.9)
            for index in range(7)
        ]
    result.summary = summary()
    return result


def summary() -> pb.StreamSummary:
    return pb.StreamSummary(
        audio_seconds=4.5,
        active_seconds=4.5,
        locked_seconds=3.5,
        coverage=0.78,
        beat_count=7,
        median_bpm=100.0,
        accuracy=81.0,
        steadiness=85.0,
        mood_seconds=[pb.MoodSeconds(expression=pb.EXPRESSION_NEUTRAL, seconds=3.5)],
    )
