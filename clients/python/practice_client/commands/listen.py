"""`practice listen`: the microphone to a server, live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from practice.cli.options import MusicOptions, OutputOptions, music_options, output_options
from practice_client.commands.server_options import server_options, snapshot_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command(short_help="Listen to the microphone and watch the tempo live.")
@click.option("--device", metavar="NAME|INDEX", help="Input device; the default one if not given.")
@click.option(
    "--seconds",
    "duration_s",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Finish after so many seconds.",
)
@music_options
@server_options
@snapshot_option
@output_options
def listen(
    *,
    device: str | None,
    duration_s: float | None,
    target_bpm: float | None,
    strictness: str,
    beats_per_bar: int,
    tempo_prior: tuple[tuple[float, float], ...],
    server: str | None,
    session_id: str | None,
    snapshot_path: Path | None,
    **output: object,
) -> None:
    """Listen to the microphone and show tempo, accuracy and mood.

    Needs the extra `mic`. Ctrl-C finishes the stream and shows its summary.
    """
    # grpc, the audio library and rich are wanted only now.
    from practice_client.commands.run_streams import listen_to_microphone  # noqa: PLC0415
    from practice_client.live_view import ViewOptions  # noqa: PLC0415

    options = ViewOptions(
        music=MusicOptions(target_bpm, strictness, beats_per_bar, tempo_prior),
        output=OutputOptions(**output),  # type: ignore[arg-type]
        session_id=session_id,
        snapshot_path=snapshot_path,
    )
    code = listen_to_microphone(server, options, device=device, duration_s=duration_s)
    click.get_current_context().exit(code)
