"""What `practice progress` shows: a table for a person, lines of JSON for a program."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click
from google.protobuf.timestamp_pb2 import Timestamp
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from practice.json_format import message_to_dict, to_json_line
from practice.progress.v1 import progress_pb2 as pb
from practice_client.progress import Progress

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from practice_client.endpoint import Endpoint

_DAY_S: Final = 86_400
_NOTHING: Final = "Nothing was measured in that time."


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; None is the caller, or any."""

    metric: str
    days: int
    piece_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None

    @property
    def start(self) -> Timestamp:
        """The beginning of the time."""
        return Timestamp(seconds=int(time.time()) - self.days * _DAY_S)


async def show(endpoint: Endpoint, question: Question, *, as_json: bool) -> None:
    """Ask, and print the answer.

    Raises
    ------
    PracticeError
        What the server said.
    """
    async with Progress(endpoint) as progress:
        if question.piece_id is not None and question.session_id is None:
            days = await progress.of_piece(_piece_request(question))
            lines = [to_json_line({"day": message_to_dict(day)}) for day in days.days]
            table = _piece_table(days) if days.days else None
        else:
            series = await progress.series(_series_request(question))
            lines = list(_series_lines(series))
            table = _series_table(series, question) if series.points else None
    if as_json:
        for line in lines:
            click.echo(line)
    elif table is None:
        click.echo(_NOTHING)
    else:
        Console().print(table)


def _piece_request(question: Question) -> pb.GetPieceProgressRequest:
    return pb.GetPieceProgressRequest(
        piece_id=str(question.piece_id),
        user_id=_text(question.user_id),
        start_time=question.start,
    )


def _series_request(question: Question) -> pb.QueryTimeSeriesRequest:
    return pb.QueryTimeSeriesRequest(
        metric=f"METRIC_{question.metric.upper()}",
        bucket=pb.BUCKET_DAY if question.session_id is None else pb.BUCKET_MINUTE,
        start_time=question.start,
        user_id=_text(question.user_id),
        session_id=_text(question.session_id),
        piece_id=_text(question.piece_id),
    )


def _text(identifier: uuid.UUID | None) -> str | None:
    return None if identifier is None else str(identifier)


def _series_lines(series: pb.QueryTimeSeriesResponse) -> Iterator[str]:
    for point in series.points:
        yield to_json_line({"point": message_to_dict(point)})
    if series.HasField("total"):
        yield to_json_line({"total": message_to_dict(series.total)})


def _series_table(series: pb.QueryTimeSeriesResponse, question: Question) -> Table:
    table = Table(box=SIMPLE_HEAD, title=question.metric, title_justify="left")
    table.add_column("from (UTC)")
    for name in ("windows", "mean", "±", "min", "max"):
        table.add_column(name, justify="right")
    for point in series.points:
        when = point.start_time.ToDatetime()
        table.add_row(f"{when:%Y-%m-%d %H:%M}", *_cells(point.statistics))
    table.add_section()
    table.add_row("all", *_cells(series.total))
    return table


def _cells(statistics: pb.Statistics) -> tuple[str, ...]:
    has_deviation = statistics.HasField("standard_deviation")
    return (
        str(statistics.n),
        f"{statistics.mean:.1f}",
        f"{statistics.standard_deviation:.1f}" if has_deviation else "-",
        f"{statistics.min:.1f}",
        f"{statistics.max:.1f}",
    )


def _piece_table(progress: pb.GetPieceProgressResponse) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("day")
    for name in ("held tempo", "accuracy", "steadiness", "windows"):
        table.add_column(name, justify="right")
    for day in progress.days:
        table.add_row(
            day.date,
            f"{day.held_bpm:.1f} bpm" if day.HasField("held_bpm") else "-",
            _mean(day, "accuracy"),
            _mean(day, "steadiness"),
            str(day.accuracy.n),
        )
    return table


def _mean(day: pb.PieceDay, name: str) -> str:
    return f"{getattr(day, name).mean:.0f} of 100" if day.HasField(name) else "-"
