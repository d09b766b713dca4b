"""What the gateway's commands need of the client: something to play, and eyes to watch it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from practice.cli.options import MusicOptions, OutputOptions
    from practice_client.source import AudioSource


def open_source(path: Path | None) -> AudioSource:
    """Return a recording in real time, or the microphone when there is no path.

    Raises
    ------
    practice.media.MediaError, practice_client.capture.CaptureError
        When it can't be opened; the text is one sentence.
    """
    if path is None:
        from practice_client.microphone import MicrophoneSource  # noqa: PLC0415 - audio library

        return MicrophoneSource()
    from practice_client.file_source import FileSource  # noqa: PLC0415 - numpy

    return FileSource(path)


async def show_stream(
    address: str, source: AudioSource, music: MusicOptions, output: OutputOptions
) -> int:
    """Stream a source to a server with the client's live view; returns the exit code."""
    from practice_client.live_view import ViewOptions, run_stream_view  # noqa: PLC0415 - rich

    return await run_stream_view(address, source, ViewOptions(music=music, output=output))


def microphone_name() -> str:
    """Return the name of the default capture device.

    Raises
    ------
    practice_client.capture.CaptureError
        When nothing can be captured; the text says why.
    """
    from practice_client.capture import open_capture  # noqa: PLC0415 - audio library

    capture = open_capture(None, None, 0.1)
    try:
        return capture.device_name
    finally:
        capture.close()
