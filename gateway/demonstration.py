"""What `practice demo` does: server and client in one process, talking through real gRPC."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway import program
from gateway.listening import open_source, show_stream
from gateway.serving import start
from gateway.standalone import EmbeddedServer
from practice.media import bundled_performance, bundled_performances, bundled_truth
from practice.rpc.logs import configure_logs

if TYPE_CHECKING:
    from practice.cli.options import MusicOptions, OutputOptions

MICROPHONE: Final = "mic"


class Demonstration:
    """One performance, streamed to a server of its own.

    Parameters
    ----------
    recording
        Name of a bundled performance, path of an audio file, or ``mic``.
    music
        Target and the like; a bundled performance brings its own target.
    output
        How results are shown.

    Raises
    ------
    click.ClickException
        When there is no such recording.
    """

    def __init__(self, recording: str, music: MusicOptions, output: OutputOptions) -> None:
        self._path = None if recording == MICROPHONE else _path_of(recording)
        self._output = output
        self._music = music
        if recording in bundled_performances() and music.target_bpm is None:
            self._music = dataclasses.replace(music, target_bpm=_known_target_bpm(recording))

    async def run(self) -> int:
        """Run to the end of the performance, and on in a terminal; returns the exit code."""
        settings = program.settings_with(grpc_port=0, http_port=0, metrics_port=0, host="127.0.0.1")
        configure_logs(settings.log_level)
        source = open_source(self._path)
        server = EmbeddedServer(settings, on_progress=program.say)
        await start(server)
        try:
            if not self._output.as_json:
                program.say(f"The server is up on {server.address}; streaming {source.name} to it.")
            exit_code = await show_stream(server.address, source, self._music, self._output)
            if exit_code == 0 and sys.stdout.isatty():
                await _stay_up(server)
        finally:
            await server.stop()
        return exit_code


async def _stay_up(server: EmbeddedServer) -> None:
    with program.stop_signals() as stopped:
        click.echo(
            f"\nThe server stays up on {server.address}. Play to it with\n"
            f"    practice listen --server {server.address}\n"
            "and end it with Ctrl-C."
        )
        await stopped.wait()


def _path_of(recording: str) -> Path:
    if recording in bundled_performances():
        return bundled_performance(recording)
    path = Path(recording)
    if not path.is_file():
        names = ", ".join(bundled_performances())
        raise click.ClickException(
            f"{recording}: no such file, and none of the bundled performances ({names}) or `mic`"
        )
    return path


def _known_target_bpm(name: str) -> float | None:
    target_bpm = json.loads(bundled_truth(name).read_text(encoding="utf-8")).get("target_bpm")
    return None if target_bpm is None else float(target_bpm)
