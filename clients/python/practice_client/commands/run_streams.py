"""Runs the streams that the commands ask for."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import click

from practice.cli.output_paths import numbered_path
from practice.media import MediaError
from practice_client.capture import CaptureError
from practice_client.commands.own_session import within_session
from practice_client.commands.signed_in_endpoint import signed_in_endpoint
from practice_client.file_source import FileSource
from practice_client.live_view import EXIT_DONE, EXIT_FAILED, run_stream_view
from practice_client.microphone import MicrophoneSource

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from pathlib import Path
    from typing import Any

    from practice_client.live_view import ViewOptions


class FileStreams:
    """Streams files one after the other."""

    def __init__(self, server: str | None, options: ViewOptions) -> None:
        self._endpoint = signed_in_endpoint(server)
        self._options = options
        self._is_stopped = False

    def run(self, files: Sequence[Path]) -> int:
        """Stream every file; a bad one is named on stderr and the others go on."""

        def play(options: ViewOptions) -> int:
            self._options = options
            return self._play(files)

        return within_session(self._endpoint, self._options, play)

    def _play(self, files: Sequence[Path]) -> int:
        code = EXIT_DONE
        for number, path in enumerate(files, 1):
            try:
                source = FileSource(path, real_time=not self._options.fast)
            except MediaError as error:
                click.echo(f"practice: {error}", err=True)
                code = EXIT_FAILED
                continue
            file_name = str(path) if len(files) > 1 else None
            options = self._options if len(files) == 1 else self._numbered(number, path)
            view = run_stream_view(
                self._endpoint, source, options, file_name=file_name, on_interrupt=self._stop
            )
            code = max(code, _run(view))
            if self._is_stopped:
                break
        return code

    def _stop(self) -> None:
        """Note that the person wants no further file."""
        self._is_stopped = True

    def _numbered(self, number: int, path: Path) -> ViewOptions:
        """Give every file's plot, CSV and picture a name of its own."""
        output = self._options.output

        def own(chosen: Path | None) -> Path | None:
            return None if chosen is None else numbered_path(chosen, number, path.name)

        return dataclasses.replace(
            self._options,
            output=dataclasses.replace(
                output, plot_path=own(output.plot_path), csv_path=own(output.csv_path)
            ),
            snapshot_path=own(self._options.snapshot_path),
        )


def listen_to_microphone(
    server: str | None, options: ViewOptions, *, device: str | None, duration_s: float | None
) -> int:
    """Stream the microphone until Ctrl-C, or for `duration_s`."""
    endpoint = signed_in_endpoint(server)
    try:
        source = MicrophoneSource(device, duration_s=duration_s)
    except CaptureError as error:
        click.echo(f"practice: {error}", err=True)
        return EXIT_FAILED
    code = within_session(
        endpoint, options, lambda own: _run(run_stream_view(endpoint, source, own))
    )
    if source.overrun_count:
        click.echo(f"practice: sound was lost {source.overrun_count} times", err=True)
    return code


def _run(view: Coroutine[Any, Any, int]) -> int:
    """Run one view; a second Ctrl-C ends it without a summary."""
    try:
        return asyncio.run(view)
    except asyncio.CancelledError as error:
        raise click.Abort from error
