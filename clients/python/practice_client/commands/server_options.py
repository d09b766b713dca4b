"""Options of commands that talk to a server. Light: click only."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from practice_client.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = TypeVar("Command", bound=Callable[..., object])


def server_options(command: Command) -> Command:
    """Add --server and --session."""
    for option in (
        click.option(
            "--session",
            "session_id",
            metavar="UUID|new",
            callback=_session,
            help="Practice session that the results belong to; log in first.",
        ),
        click.option(
            "--server",
            metavar="HOST:PORT",
            help="Server; otherwise PRACTICE_SERVER or localhost:50051. grpcs:// asks for TLS.",
        ),
    ):
        command = option(command)
    return command


def snapshot_option(command: Command) -> Command:
    """Add --snapshot."""
    return click.option(
        "--snapshot",
        "snapshot_path",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        metavar="FILE.svg",
        help="Save a picture of the live view at its end.",
    )(command)


def endpoint_of(server: str | None) -> Endpoint:
    """Return the endpoint that the person means; wrong addresses are wrong usage."""
    try:
        return Endpoint.from_environment(server)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _session(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    try:
        return value if value in {None, "new"} else str(uuid.UUID(value))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is neither a UUID nor 'new'") from error
