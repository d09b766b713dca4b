"""Windows as CSV: one row per window, for spreadsheets and notebooks."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from practice.cli.lines import window_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from practice.analysis.v1 import analysis_pb2 as pb
    from practice.cli.performance import Performance

COLUMNS: Final = (
    "start_seconds",
    "end_seconds",
    "state",
    "bpm",
    "raw_bpm",
    "metrical_ratio",
    "confidence",
    "accuracy",
    "tempo_accuracy",
    "steadiness",
    "deviation_percent",
    "drift_bpm_per_minute",
    "mood",
    "level_dbfs",
    "beat_count",
    "dropped_windows",
)
FILE_COLUMN: Final = "file"
# Finer than anything measured, and still readable in a spreadsheet.
_DECIMALS: Final = 4


def save_csv(performances: Sequence[Performance], path: Path) -> None:
    """Write all windows; with several performances a first column names the performance.

    Raises
    ------
    OSError
        When the file can't be written.
    """
    names_file = len(performances) > 1
    with path.open("w", encoding="utf-8", newline="") as file:
        columns = (FILE_COLUMN, *COLUMNS) if names_file else COLUMNS
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        for performance in performances:
            for window in performance.windows:
                row = _row(window, performance.sample_rate_hz)
                writer.writerow({FILE_COLUMN: performance.title, **row} if names_file else row)


def _row(window: pb.WindowResult, sample_rate_hz: int) -> dict[str, object]:
    values = window_line(window, sample_rate_hz)["window"]
    assert isinstance(values, dict)  # noqa: S101 - narrows the JSON type, built just above
    mood = values.get("mood")
    row: dict[str, object] = {name: _readable(values[name]) for name in COLUMNS if name in values}
    row["mood"] = mood["expression"] if isinstance(mood, dict) else ""
    return row


def _readable(value: object) -> object:
    return round(value, _DECIMALS) if isinstance(value, float) else value
