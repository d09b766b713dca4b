"""`practice progress`: how it got on, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from practice_client.commands.account_options import server_option

if TYPE_CHECKING:
    import uuid

_METRICS = (
    "bpm",
    "raw_bpm",
    "accuracy",
    "tempo_accuracy",
    "steadiness",
    "deviation_percent",
    "offset_ms",
)


@click.command(short_help="Show how your practice got on.")
@click.option("--piece", "piece_id", type=click.UUID, help="How one piece got on, day by day.")
@click.option("--session", "session_id", type=click.UUID, help="One session, minute by minute.")
@click.option("--student", "user_id", type=click.UUID, help="A student of yours, for teachers.")
@click.option(
    "--metric",
    type=click.Choice(_METRICS),
    default="accuracy",
    show_default=True,
    help="What is shown, unless --piece shows it all.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 730),
    default=30,
    show_default=True,
    help="How far to look back.",
)
@server_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def progress(
    *,
    server: str | None,
    as_json: bool,
    piece_id: uuid.UUID | None,
    session_id: uuid.UUID | None,
    user_id: uuid.UUID | None,
    metric: str,
    days: int,
) -> None:
    """Show how your practice got on, with how many windows each number is from."""
    from practice_client.commands import account_commands, progress_views  # noqa: PLC0415 - grpc
    from practice_client.commands.signed_in_endpoint import signed_in_endpoint  # noqa: PLC0415

    endpoint = signed_in_endpoint(server)
    question = progress_views.Question(metric, days, piece_id, session_id, user_id)
    account_commands.run(progress_views.show(endpoint, question, as_json=as_json))
