"""What `practice sessions` does and shows: tables for a person, lines of JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click as terminal
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from practice.cli.words import clock_text
from practice.json_format import enum_label, message_to_dict, to_json_line
from practice.sessions.v1 import sessions_pb2 as pb
from practice_client.sessions import Sessions

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from practice_client.endpoint import Endpoint


async def show_list(
    endpoint: Endpoint, limit: int, wanted: Mapping[str, Any], *, as_json: bool
) -> None:
    """List sessions, the last one first."""
    async with Sessions(endpoint) as sessions:
        found = (await sessions.page(page_size=limit, **_fields(wanted))).sessions
    if as_json or not found:
        _print(found, as_json=as_json)
        return
    table = Table(box=SIMPLE_HEAD)
    for name in ("session", "started (UTC)", "state", "focus"):
        table.add_column(name, overflow="fold")
    for name in ("active", "target", "rating"):
        table.add_column(name, justify="right")
    for session in found:
        table.add_row(*_cells(session))
    Console().print(table)


async def start(endpoint: Endpoint, plan: Mapping[str, Any], *, as_json: bool) -> None:
    """Begin a session; a person gets its id."""
    async with Sessions(endpoint) as sessions:
        session = await sessions.start(**_fields(plan))
    _print([session], as_json=as_json, text=session.session_id)


async def pause(endpoint: Endpoint, session_id: uuid.UUID, *, as_json: bool) -> None:
    """Stop a session's clock."""
    async with Sessions(endpoint) as sessions:
        session = await sessions.pause(str(session_id))
    _print([session], as_json=as_json, text=_said(session))


async def resume(endpoint: Endpoint, session_id: uuid.UUID, *, as_json: bool) -> None:
    """Let a session's clock run on."""
    async with Sessions(endpoint) as sessions:
        session = await sessions.resume(str(session_id))
    _print([session], as_json=as_json, text=_said(session))


async def finish(
    endpoint: Endpoint,
    session_id: uuid.UUID,
    rating: int | None,
    note: str | None,
    *,
    as_json: bool,
) -> None:
    """End a session."""
    async with Sessions(endpoint) as sessions:
        session = await sessions.finish(str(session_id), rating, note)
    _print([session], as_json=as_json, text=_said(session))


async def show(endpoint: Endpoint, session_id: uuid.UUID, *, as_json: bool) -> None:
    """Say everything about a session."""
    async with Sessions(endpoint) as sessions:
        session = await sessions.get(str(session_id))
    if as_json:
        _print([session], as_json=True)
        return
    table = Table(show_header=False, box=None)
    table.add_column("what", style="bold")
    table.add_column("value", overflow="fold")
    names = ("session", "started (UTC)", "state", "focus", "active", "target", "rating")
    for name, value in zip(names, _cells(session), strict=True):
        table.add_row(name, value)
    table.add_row("mode", _label(pb.PracticeMode.DESCRIPTOR, session.mode))
    table.add_row("piece", session.piece_id or "-")
    table.add_row("note", session.note or "-")
    Console().print(table)


async def click(
    endpoint: Endpoint, session_id: uuid.UUID, segment_id: uuid.UUID, times: int, *, as_json: bool
) -> None:
    """Count clicks on a segment."""
    async with Sessions(endpoint) as sessions:
        await sessions.click(str(session_id), {str(segment_id): times})
    if not as_json:
        terminal.echo(f"Counted {times}.")


async def show_heatmap(
    endpoint: Endpoint, piece_id: uuid.UUID, session_id: uuid.UUID | None, *, as_json: bool
) -> None:
    """Show which segments of a piece were worked on most."""
    fields = _fields({"session_id": session_id})
    async with Sessions(endpoint) as sessions:
        segments = await sessions.heatmap(str(piece_id), **fields)
    if as_json:
        for segment in segments:
            terminal.echo(to_json_line({"segment": message_to_dict(segment)}))
        return
    table = Table(box=SIMPLE_HEAD)
    table.add_column("segment", overflow="fold")
    for name in ("clicks", "heat", "error", "windows"):
        table.add_column(name, justify="right")
    for segment in segments:
        table.add_row(
            segment.name,
            str(segment.clicks),
            Text(f"{segment.intensity:.0%}", style=f"black on {segment.color}"),
            f"{segment.error:.0f} of 100" if segment.HasField("error") else "-",
            str(segment.measured_windows),
        )
    Console().print(table)


def _fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as fields of a request."""
    fields = {name: value for name, value in given.items() if value is not None}
    for name, prefix in (("mode", "PRACTICE_MODE"), ("state", "SESSION_STATE")):
        if name in fields:
            fields[name] = f"{prefix}_{fields[name].upper()}"
    return {name: str(value) if name.endswith("_id") else value for name, value in fields.items()}


def _print(sessions: Sequence[pb.Session], *, as_json: bool, text: str | None = None) -> None:
    if as_json:
        for session in sessions:
            terminal.echo(to_json_line({"session": message_to_dict(session)}))
    else:
        terminal.echo(text or "No sessions.")


def _said(session: pb.Session) -> str:
    state = _label(pb.SessionState.DESCRIPTOR, session.state)
    return f"{session.session_id} is {state}, {_active(session)} of practice."


def _cells(session: pb.Session) -> tuple[str, ...]:
    return (
        session.session_id,
        f"{session.start_time.ToDatetime():%Y-%m-%d %H:%M}",
        _label(pb.SessionState.DESCRIPTOR, session.state),
        session.focus or "-",
        _active(session),
        f"{session.target_bpm:g}" if session.HasField("target_bpm") else "-",
        str(session.self_rating) if session.HasField("self_rating") else "-",
    )


def _active(session: pb.Session) -> str:
    return clock_text(session.active_duration.ToTimedelta().total_seconds())


def _label(enum: Any, number: int) -> str:
    return enum_label(enum, number).lower().replace("_", " ")
