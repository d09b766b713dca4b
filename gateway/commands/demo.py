"""`practice demo`: a server, a performance, and what the one says about the other."""

from __future__ import annotations

import click

from practice.cli.options import MusicOptions, OutputOptions, music_options, output_options


@click.command(short_help="See it work: start a server and stream a performance to it.")
@click.argument("recording", default="student", metavar="[NAME|FILE|mic]")
@music_options
@output_options
def demo(
    recording: str,
    target_bpm: float | None,
    strictness: str,
    beats_per_bar: int,
    tempo_prior: tuple[tuple[float, float], ...],
    **output: object,
) -> None:
    """Start a server on free ports and stream a performance to it in real time over gRPC.

    The performance is a bundled one (steady, rushing, student), an audio file, or `mic` for the
    microphone. In a terminal the server then stays up for your own clients, until Ctrl-C.
    """
    from gateway import program  # noqa: PLC0415 - the command line stays light
    from gateway.demonstration import Demonstration  # noqa: PLC0415

    music = MusicOptions(target_bpm, strictness, beats_per_bar, tempo_prior)
    demonstration = Demonstration(recording, music, OutputOptions(**output))  # type: ignore[arg-type]
    click.get_current_context().exit(program.run(demonstration.run))
