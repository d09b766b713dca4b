"""Tables in Markdown, padded so that they read as well in a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.bootstrap import Interval


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a header.

    Parameters
    ----------
    title
        Its heading.
    header
        Names of the columns; the first ``labels`` are text, the others hold numbers.
    rows
        As many cells each.
    note
        What a reader has to know, above the table.
    labels
        How many columns are text, aligned left.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    labels: int = 1

    def __str__(self) -> str:
        lines = [f"#### {self.title}", ""]
        if self.note:
            lines += [self.note, ""]
        if not self.rows:
            return "\n".join([*lines, "Nothing to measure here."])
        return "\n".join([*lines, *self._grid()])

    def _grid(self) -> list[str]:
        columns = zip(self.header, *self.rows, strict=True)
        widths = [max(3, *map(len, column)) for column in columns]
        rule = ["-" * width for width in widths]
        rule[self.labels :] = [f"{line[:-1]}:" for line in rule[self.labels :]]
        return [self._line(cells, widths) for cells in (self.header, rule, *self.rows)]

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = [
            cell.ljust(width) if index < self.labels else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    def without_empty_columns(self) -> Table:
        """Leave out the columns in which no row has anything."""
        kept = [
            index
            for index in range(len(self.header))
            if index < self.labels or any(row[index] != "-" for row in self.rows)
        ]
        return Table(
            self.title,
            [self.header[index] for index in kept],
            [[row[index] for index in kept] for row in self.rows],
            self.note,
            self.labels,
        )

    def to_record(self) -> dict[str, Any]:
        """Return the JSON object of a table."""
        return {
            "title": self.title,
            "header": list(self.header),
            "rows": [list(row) for row in self.rows],
        }


def number(value: float | None, digits: int = 1, unit: str = "") -> str:
    """Write a number, or a dash for none."""
    return "-" if value is None else f"{value:.{digits}f}{unit}"


def share(value: float | None) -> str:
    """Write a share or a correlation of at most 1 without its leading zero: .873."""
    return "-" if value is None else f"{value:.3f}".replace("0.", ".", 1)


def percent(value: float | None, digits: int = 0) -> str:
    """Write a share as a percentage."""
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def with_interval(interval: Interval | None, *, signed: bool = False) -> str:
    """Write a share and its interval: .873 [.841, .902]."""
    if interval is None:
        return "-"
    value, low, high = (
        _signed(x) if signed else share(x) for x in (interval.value, interval.low, interval.high)
    )
    return f"{value} [{low}, {high}]"


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}{share(abs(value))}"
