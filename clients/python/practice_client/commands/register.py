"""`practice register`: make an account at a server."""

from __future__ import annotations

import click

from practice_client.commands.account_options import password_of, password_option, server_option


@click.command(short_help="Make an account at a server.")
@click.option("--email", prompt="E-mail", help="Address to log in with.")
@click.option("--name", "display_name", prompt="Name", help="Name that others see.")
@click.option("--birth-year", type=int, prompt="Year of birth", help="Year of birth.")
@click.option(
    "--role",
    type=click.Choice(["student", "teacher"]),
    default="student",
    show_default=True,
    help="What you are here for.",
)
@click.option("--accept-terms", is_flag=True, help="Agree to the terms; else it asks.")
@click.option("--guardian-consent", is_flag=True, help="A guardian agrees, for who is under 18.")
@password_option
@server_option
def register(
    email: str,
    display_name: str,
    birth_year: int,
    role: str,
    *,
    accept_terms: bool,
    guardian_consent: bool,
    password_stdin: bool,
    server: str | None,
) -> None:
    """Make an account and log in to it."""
    from practice.accounts.v1 import auth_pb2  # noqa: PLC0415 - protobuf
    from practice_client.commands import account_commands  # noqa: PLC0415 - grpc

    if not accept_terms:
        click.confirm("Do you agree to the terms of use?", abort=True)
    request = auth_pb2.RegisterRequest(
        email=email,
        display_name=display_name,
        birth_year=birth_year,
        role=f"ROLE_{role.upper()}",
        password=password_of(from_stdin=password_stdin, is_new=True),
    )
    request.consents.add(kind="CONSENT_KIND_TERMS", document_version="1")
    if guardian_consent:
        request.consents.add(kind="CONSENT_KIND_GUARDIAN", document_version="1")
    account_commands.run(account_commands.register(server, request))
