"""`practice stream`: files to a server, live."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from practice.cli.options import MusicOptions, OutputOptions, music_options, output_options
from practice_client.commands.server_options import server_options, snapshot_option

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(short_help="Stream audio files to a server and watch the tempo live.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--fast", is_flag=True, help="Send as fast as the server takes it.")
@music_options
@server_options
@snapshot_option
@output_options
def stream(
    files: Sequence[Path],
    *,
    fast: bool,
    target_bpm: float | None,
    strictness: str,
    beats_per_bar: int,
    tempo_prior: tuple[tuple[float, float], ...],
    server: str | None,
    session_id: str | None,
    snapshot_path: Path | None,
    **output: object,
) -> None:
    """Stream audio files to a server in real time and show tempo, accuracy and mood.

    Ctrl-C finishes the stream and shows its summary.
    """
    # grpc, numpy and rich are wanted only now.
    from practice_client.commands.run_streams import FileStreams  # noqa: PLC0415
    from practice_client.live_view import ViewOptions  # noqa: PLC0415

    options = ViewOptions(
        music=MusicOptions(target_bpm, strictness, beats_per_bar, tempo_prior),
        output=OutputOptions(**output),  # type: ignore[arg-type]
        session_id=session_id,
        fast=fast,
        snapshot_path=snapshot_path,
    )
    click.get_current_context().exit(FileStreams(server, options).run(files))
