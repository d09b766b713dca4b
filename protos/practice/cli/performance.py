"""What was said about one performance, gathered for tables, plots and files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practice.analysis.v1 import analysis_pb2 as pb


@dataclass(frozen=True, slots=True)
class BeatRow:
    """One beat as a person reads it.

    Attributes
    ----------
    beat_index
        Count from the first beat.
    seconds
        Where the beat was told to be, when it was first made known.
    told_seconds
        How much audio had been heard then; None where that is not known.
    offset_ms
        Onset minus the player's own grid, + is late; None when it never became known.
    beat_in_bar
        1 for the first beat of a bar; 0 when unknown.
    strength, confidence
        Onset strength and probability, 0 to 1.
    """

    beat_index: int
    seconds: float
    told_seconds: float | None
    offset_ms: float | None
    beat_in_bar: int
    strength: float
    confidence: float


class BeatLog:
    """Joins the two records of every beat: where it was told to be, and what became of it.

    Parameters
    ----------
    sample_rate_hz
        Rate of the stream's samples.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._open: dict[int, tuple[pb.Beat, float | None]] = {}

    def take(self, beat: pb.Beat, told_sample: int | None = None) -> BeatRow | None:
        """Take one record; returns the row when it was the final one.

        Parameters
        ----------
        beat
            The record.
        told_sample
            How much audio had been heard when this record was made, where known.
        """
        told_seconds = None if told_sample is None else self._seconds(told_sample)
        first, first_told_seconds = self._open.get(beat.beat_index, (beat, told_seconds))
        if not beat.final:
            self._open.setdefault(beat.beat_index, (beat, told_seconds))
            return None
        self._open.pop(beat.beat_index, None)
        return self._row(first, first_told_seconds, beat)

    def rest(self) -> list[BeatRow]:
        """Return the beats whose final record never came, in order, and forget them."""
        rows = [self._row(beat, told, beat) for _, (beat, told) in sorted(self._open.items())]
        self._open.clear()
        return rows

    def _row(self, first: pb.Beat, told_seconds: float | None, last: pb.Beat) -> BeatRow:
        return BeatRow(
            beat_index=last.beat_index,
            seconds=self._seconds(first.sample),
            told_seconds=told_seconds,
            offset_ms=last.offset_ms if last.HasField("offset_ms") else None,
            beat_in_bar=last.beat_in_bar,
            strength=last.strength,
            confidence=last.confidence,
        )

    def _seconds(self, sample: int) -> float:
        return round(sample / self._sample_rate_hz, 6)


@dataclass(slots=True)
class Performance:
    """One performance from its first window to its summary.

    Attributes
    ----------
    title
        What a person calls it, usually the file's name.
    sample_rate_hz
        Rate that the sample indices count.
    target_bpm
        Wanted tempo, or None.
    """

    title: str
    sample_rate_hz: int
    target_bpm: float | None = None
    windows: list[pb.WindowResult] = field(default_factory=list)
    beats: list[BeatRow] = field(default_factory=list)
    events: list[pb.StreamEvent] = field(default_factory=list)
    summary: pb.StreamSummary | None = None

    @property
    def reference_bpm(self) -> float | None:
        """What rushing and dragging are measured against: the target, or the own median."""
        if self.target_bpm is not None:
            return self.target_bpm
        if self.summary is not None and self.summary.HasField("median_bpm"):
            return self.summary.median_bpm
        tempos_bpm = sorted(window.bpm for window in self.windows if window.HasField("bpm"))
        return tempos_bpm[len(tempos_bpm) // 2] if tempos_bpm else None

    def seconds(self, sample: int) -> float:
        """Return a sample index as seconds."""
        return sample / self.sample_rate_hz
