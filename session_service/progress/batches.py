"""Points on their way into the store: whose they are, and their rows.

A batch is a WriteMetricsRequest, whether a client sent it or a live stream gathered it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from practice.progress.v1 import progress_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from practice.analysis.v1 import analysis_pb2

    Row = tuple[Any, ...]

_OPTIONAL_WINDOW_VALUES: Final = (
    "bpm",
    "raw_bpm",
    "metrical_ratio",
    "confidence",
    "accuracy",
    "tempo_accuracy",
    "steadiness",
    "deviation_percent",
    "drift_bpm_per_minute",
)
_KEY_COLUMNS: Final = ("session_id", "stream_id")
#: The order of `window_rows`.
WINDOW_COLUMNS: Final = (
    *_KEY_COLUMNS,
    *("end_sample", "recorded_at", "start_sample", "state"),
    *_OPTIONAL_WINDOW_VALUES,
    *("level_dbfs", "beat_count"),
)
#: The order of `beat_rows`.
BEAT_COLUMNS: Final = (
    *_KEY_COLUMNS,
    *("beat_index", "recorded_at", "sample", "onset_sample", "beat_in_bar"),
    *("confidence", "strength", "offset_ms"),
)
_OWNER_BYTES: Final = 16


@dataclass(frozen=True, eq=False)
class Batch:
    """Points of one stream, and who says so."""

    owner_id: uuid.UUID
    request: progress_pb2.WriteMetricsRequest

    @cached_property
    def session_id(self) -> uuid.UUID:
        """The practice session."""
        return uuid.UUID(self.request.session_id)

    @cached_property
    def stream_id(self) -> uuid.UUID:
        """The stream."""
        return uuid.UUID(self.request.stream_id)

    @property
    def key(self) -> tuple[uuid.UUID, uuid.UUID]:
        """Session and stream."""
        return self.session_id, self.stream_id

    @property
    def started_at(self) -> datetime:
        """When sample 0 was heard, as this batch has it."""
        return self.request.stream_start_time.ToDatetime(tzinfo=UTC)

    @property
    def last_sample(self) -> int:
        """The latest sample of any point; 0 without points."""
        ends = [window.end_sample for window in self.request.windows]
        return max([*ends, *(beat.sample for beat in self.request.beats)], default=0)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When sample 0 and the latest sample were heard, as this batch has it."""
        start, rate_hz = self.started_at, self.request.sample_rate_hz
        return start, recorded_at(start, self.last_sample, rate_hz)

    def to_bytes(self) -> bytes:
        """Return what the spool keeps."""
        return self.owner_id.bytes + self.request.SerializeToString()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Batch:
        """Return what `to_bytes` made.

        Raises
        ------
        google.protobuf.message.DecodeError
            When it is something else.
        """
        request = progress_pb2.WriteMetricsRequest.FromString(kept[_OWNER_BYTES:])
        return cls(uuid.UUID(bytes=kept[:_OWNER_BYTES]), request)


def recorded_at(started_at: datetime, sample: int, sample_rate_hz: int) -> datetime:
    """Return when a sample was heard, to the microsecond."""
    return started_at + timedelta(microseconds=sample * 1_000_000 // sample_rate_hz)


def window_rows(batch: Batch, started_at: datetime) -> Iterator[Row]:
    """Yield the windows' rows, in the order of `WINDOW_COLUMNS`."""
    session_id, stream_id = batch.key
    rate_hz = batch.request.sample_rate_hz
    for window in batch.request.windows:
        yield (
            session_id,
            stream_id,
            window.end_sample,
            recorded_at(started_at, window.end_sample, rate_hz),
            window.start_sample,
            window.state,
            *_optional_values(window),
            window.level_dbfs,
            window.beat_count,
        )


def _optional_values(window: analysis_pb2.WindowResult) -> list[float | None]:
    present = {field.name: value for field, value in window.ListFields()}
    return [present.get(name) for name in _OPTIONAL_WINDOW_VALUES]


def beat_rows(batch: Batch, started_at: datetime) -> Iterator[Row]:
    """Yield the final beats' rows, in the order of `BEAT_COLUMNS`."""
    session_id, stream_id = batch.key
    rate_hz = batch.request.sample_rate_hz
    for beat in batch.request.beats:
        if beat.final:
            yield (
                session_id,
                stream_id,
                beat.beat_index,
                recorded_at(started_at, beat.sample, rate_hz),
                beat.sample,
                beat.onset_sample if beat.HasField("onset_sample") else None,
                beat.beat_in_bar,
                beat.confidence,
                beat.strength,
                beat.offset_ms if beat.HasField("offset_ms") else None,
            )
