"""`practice serve`: the server, in the foreground."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Start the server.")
@click.option("--grpc-port", type=click.IntRange(0, 65535), help="gRPC port; 0 takes a free one.")
@click.option(
    "--http-port",
    type=click.IntRange(0, 65535),
    help="HTTP port for REST; 0 takes a free one.",
)
@click.option("--host", help="Address to listen on; any but a loopback one needs access tokens.")
@click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where data is kept."
)
@click.option(
    "--only", type=click.Choice(["engine", "services"]), help="Run one part of the server."
)
def serve(
    grpc_port: int | None,
    http_port: int | None,
    host: str | None,
    data_dir: Path | None,
    only: str | None,
) -> None:
    """Start the server and keep it up until Ctrl-C or SIGTERM.

    Settings come from PRACTICE_… variables (`practice doctor` lists them); options win. Live
    streams are told before the server goes, and resume with the next one.
    """
    from gateway import program  # noqa: PLC0415 - the command line stays light
    from gateway.serving import serve_until_stopped  # noqa: PLC0415

    settings = program.settings_with(
        grpc_port=grpc_port, http_port=http_port, host=host, data_dir=data_dir
    )
    program.run(lambda: serve_until_stopped(settings, only))
