"""`practice login`: start a login at a server."""

from __future__ import annotations

import click

from practice_client.commands.account_options import password_of, password_option, server_option


@click.command(short_help="Log in at a server.")
@click.option("--email", prompt="E-mail", help="Address that you registered with.")
@password_option
@server_option
def login(email: str, *, password_stdin: bool, server: str | None) -> None:
    """Log in; `practice stream` and `practice listen` then use the login.

    It is kept in a file that only you may read, until `practice logout`.
    """
    from practice_client.commands import account_commands  # noqa: PLC0415 - grpc

    password = password_of(from_stdin=password_stdin)
    account_commands.run(account_commands.log_in(server, email, password))
