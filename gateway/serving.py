"""What `practice serve` does: start, say where, wait for the signal, drain."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from gateway import program
from gateway.persistence import UnusableStoreError
from gateway.process_group import serve_in_processes
from gateway.standalone import CannotListenError, EmbeddedServer
from practice.rpc.logs import configure_logs
from practice.rpc.principals import is_loopback

if TYPE_CHECKING:
    from gateway.settings import Settings


async def serve_until_stopped(settings: Settings, only: str | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C; a second one does not wait for the streams.

    Parameters
    ----------
    settings
        Addresses and folders.
    only
        The one part that is served; all when None.

    Raises
    ------
    click.ClickException
        When the server can't start; one line says why.
    """
    if settings.processes > 1:
        await serve_in_processes(settings, only)
        return
    configure_logs(settings.log_level)
    server = EmbeddedServer(settings, only=only, on_progress=program.say)
    with program.stop_signals() as stopped, suppress(asyncio.CancelledError):
        await start(server)
        if not is_loopback(settings.host):
            program.say(
                f"Listening on {settings.host}, beyond this machine: every call needs an access "
                "token (`practice register`, `practice login`). Passwords and tokens cross the "
                "network in the clear unless something in front speaks TLS."
            )
        click.echo(_announcement(server))
        if sys.stdout.isatty():
            program.say(_hint(server.address))
        await stopped.wait()
        program.say(_farewell(server.stream_count, settings.drain_seconds))
        await server.stop()


async def start(server: EmbeddedServer) -> None:
    """Start a server, or raise click.ClickException with one line that says why not."""
    try:
        await server.start()
    except (CannotListenError, UnusableStoreError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error


def _announcement(server: EmbeddedServer) -> str:
    parts = [f"gRPC on {server.address}"]
    if server.http_address is not None:
        parts.append(f"REST on http://{server.http_address}/docs")
    parts.append(f"metrics on http://{server.metrics_address}/metrics")
    return f"Practice Tracker serves {', '.join(parts)}"


def _farewell(stream_count: int, drain_s: float) -> str:
    if not stream_count:
        return "Stopping."
    told = (
        "1 stream is told and has"
        if stream_count == 1
        else f"{stream_count} streams are told and have"
    )
    return f"Stopping; {told} {drain_s:g} s to end. Ctrl-C again does not wait."


def _hint(address: str) -> str:
    return (
        f"Play to it from another terminal with `practice listen --server {address}`,\n"
        f"stream a recording with `practice stream --server {address} FILE`, end it with Ctrl-C."
    )
