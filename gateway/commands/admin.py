"""`practice admin`: what only the machine's keeper may do."""

from __future__ import annotations

import sys

import click


@click.group(short_help="Make the first admin.")
def admin() -> None:
    """Look after the accounts of this installation, on the machine that keeps them."""


@admin.command()
@click.option("--email", prompt="E-mail", help="Address to log in with.")
@click.option("--name", "display_name", prompt="Name", help="Name that others see.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; else it asks."
)
def create(email: str, display_name: str, *, password_stdin: bool) -> None:
    """Make an admin.

    It works on the database itself (PRACTICE_DATABASE_URL, PRACTICE_DATA_DIR), whether or not a
    server runs.
    """
    from gateway import program  # noqa: PLC0415 - the command line stays light
    from gateway.administration import add_admin  # noqa: PLC0415

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    settings = program.settings_with()
    program.run(lambda: add_admin(settings, email, display_name, password))
