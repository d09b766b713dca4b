"""`practice sessions`: what was practised, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from practice_client.commands.account_options import server_option

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

_MODES = ("normal", "slow_practice", "performance")
_STATES = ("active", "paused", "finished")

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, a line each.")
_session_argument = click.argument("session_id", metavar="SESSION", type=click.UUID)


def _show(server: str | None, view: str, *arguments: object, as_json: bool) -> None:
    """Ask the server with the login there, and print the answer."""
    from practice_client.commands import account_commands, session_views  # noqa: PLC0415 - grpc
    from practice_client.commands.signed_in_endpoint import signed_in_endpoint  # noqa: PLC0415

    show: Callable[..., Any] = getattr(session_views, view)
    account_commands.run(show(signed_in_endpoint(server), *arguments, as_json=as_json))


@click.group(invoke_without_command=True, short_help="List, start and finish practice sessions.")
@click.option("--piece", "piece_id", type=click.UUID, help="Only of this piece.")
@click.option("--student", "student_id", type=click.UUID, help="Of a student, for teachers.")
@click.option("--state", type=click.Choice(_STATES), help="Only in this state.")
@click.option("--mode", type=click.Choice(_MODES), help="Only of this kind.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@server_option
@_json_option
@click.pass_context
def sessions(
    context: click.Context,
    /,
    *,
    server: str | None,
    as_json: bool,
    limit: int,
    **wanted: Any,
) -> None:
    """List your practice sessions, the last one first, or do something with one."""
    if context.invoked_subcommand is None:
        _show(server, "show_list", limit, wanted, as_json=as_json)


@sessions.command()
@click.option("--focus", default="", help="What you work on.")
@click.option("--piece", "piece_id", type=click.UUID, help="A piece of your library.")
@click.option("--target", "target_bpm", type=click.FloatRange(20, 400), metavar="BPM")
@click.option("--mode", type=click.Choice(_MODES), default="normal", show_default=True)
@server_option
@_json_option
def start(*, server: str | None, as_json: bool, **plan: Any) -> None:
    """Begin a session."""
    _show(server, "start", plan, as_json=as_json)


@sessions.command()
@_session_argument
@server_option
@_json_option
def pause(session_id: uuid.UUID, *, server: str | None, as_json: bool) -> None:
    """Stop a session's clock."""
    _show(server, "pause", session_id, as_json=as_json)


@sessions.command()
@_session_argument
@server_option
@_json_option
def resume(session_id: uuid.UUID, *, server: str | None, as_json: bool) -> None:
    """Let a session's clock run on."""
    _show(server, "resume", session_id, as_json=as_json)


@sessions.command()
@_session_argument
@click.option("--rating", type=click.IntRange(1, 5), help="How it went, 1 to 5.")
@click.option("--note", help="What you want to remember.")
@server_option
@_json_option
def finish(
    session_id: uuid.UUID,
    *,
    rating: int | None,
    note: str | None,
    server: str | None,
    as_json: bool,
) -> None:
    """End a session."""
    _show(server, "finish", session_id, rating, note, as_json=as_json)


@sessions.command()
@_session_argument
@server_option
@_json_option
def show(session_id: uuid.UUID, *, server: str | None, as_json: bool) -> None:
    """Say everything about a session."""
    _show(server, "show", session_id, as_json=as_json)


@sessions.command("click")
@_session_argument
@click.argument("segment_id", metavar="SEGMENT", type=click.UUID)
@click.option("--times", type=click.IntRange(1, 10_000), default=1, show_default=True)
@server_option
def click_segment(
    session_id: uuid.UUID, segment_id: uuid.UUID, *, times: int, server: str | None
) -> None:
    """Count that you worked on a segment."""
    _show(server, "click", session_id, segment_id, times, as_json=False)


@sessions.command()
@click.argument("piece_id", metavar="PIECE", type=click.UUID)
@click.option("--session", "session_id", type=click.UUID, help="Only of this session.")
@server_option
@_json_option
def heatmap(
    piece_id: uuid.UUID, *, session_id: uuid.UUID | None, server: str | None, as_json: bool
) -> None:
    """Show which segments of a piece you worked on most."""
    _show(server, "show_heatmap", piece_id, session_id, as_json=as_json)
