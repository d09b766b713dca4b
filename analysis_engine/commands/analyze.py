"""`practice analyze`: files in, tempo and scores out, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from practice.cli.options import MusicOptions, OutputOptions, music_options, output_options

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(short_help="Tempo and scores of audio files (needs no server).")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@music_options
@output_options
def analyze(
    files: Sequence[Path],
    target_bpm: float | None,
    strictness: str,
    beats_per_bar: int,
    tempo_prior: tuple[tuple[float, float], ...],
    **output: object,
) -> None:
    """Tell tempo, accuracy and mood of audio files.

    Reads WAV, FLAC, OGG, MP3, M4A/MP4 and whatever else FFmpeg knows. Needs no server, and says
    exactly what a live stream of the same sound would have said, in the same order.
    """
    # numpy, numba and rich are wanted only now.
    from analysis_engine.commands.file_analysis import analyze_files  # noqa: PLC0415

    music = MusicOptions(target_bpm, strictness, beats_per_bar, tempo_prior)
    exit_code = analyze_files(files, music, OutputOptions(**output))  # type: ignore[arg-type]
    click.get_current_context().exit(exit_code)
