"""`practice whoami`: who is logged in."""

from __future__ import annotations

import click

from practice_client.commands.account_options import server_option


@click.command(short_help="Say who is logged in.")
@server_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def whoami(*, server: str | None, as_json: bool) -> None:
    """Ask the server who is logged in here."""
    from practice_client.commands import account_commands  # noqa: PLC0415 - grpc

    account_commands.run(account_commands.show_me(server, as_json=as_json))
