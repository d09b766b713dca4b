"""Options of the account commands. Light: click only."""

from __future__ import annotations

import sys

import click

server_option = click.option(
    "--server",
    metavar="HOST:PORT",
    help="Server; otherwise PRACTICE_SERVER or localhost:50051. grpcs:// asks for TLS.",
)
password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; else it asks."
)


def password_of(*, from_stdin: bool, is_new: bool = False) -> str:
    """Return the password: a line of standard input, or what is typed unseen."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=is_new)
    return typed
