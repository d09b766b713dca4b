"""`practice logout`: end a login."""

from __future__ import annotations

import click

from practice_client.commands.account_options import server_option


@click.command(short_help="Log out at a server.")
@server_option
def logout(server: str | None) -> None:
    """End the login at a server and forget it."""
    from practice_client.commands import account_commands  # noqa: PLC0415 - grpc

    account_commands.run(account_commands.log_out(server))
