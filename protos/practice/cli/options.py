"""Options that several commands share. Light: click only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from practice.cli.output_paths import PlotPath

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = TypeVar("Command", bound=Callable[..., object])

STRICTNESSES: Final = ("lenient", "normal", "strict")
MOST_EARLIER_TEMPI: Final = 8


@dataclass(frozen=True, slots=True)
class MusicOptions:
    """What the player says about the music.

    Attributes
    ----------
    target_bpm
        Wanted tempo, 20..400, or None.
    strictness
        ``lenient``, ``normal`` or ``strict``.
    beats_per_bar
        0 (unknown) to 16.
    tempo_prior
        At most 8 of (bpm, weight): tempi of earlier sessions, for when there is no target.
    """

    target_bpm: float | None = None
    strictness: str = "normal"
    beats_per_bar: int = 0
    tempo_prior: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What is to be shown and written.

    Attributes
    ----------
    as_json
        One JSON object per line instead of tables and colours.
    with_beats
        Whether every beat is told, too.
    plot_path, csv_path
        Files to write, or None.
    """

    as_json: bool = False
    with_beats: bool = False
    plot_path: Path | None = None
    csv_path: Path | None = None


def _earlier_tempi(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[float, float], ...]:
    """Read ``84``, or ``84:2`` for a tempo that stands for two sessions."""
    if len(texts) > MOST_EARLIER_TEMPI:
        raise click.BadParameter(f"{len(texts)} tempi are too many, {MOST_EARLIER_TEMPI} at most.")
    return tuple(_earlier_tempo(text) for text in texts)


def _earlier_tempo(text: str) -> tuple[float, float]:
    bpm_text, _, weight_text = text.partition(":")
    try:
        bpm, weight = float(bpm_text), float(weight_text or 1.0)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no tempo, such as 84 or 84:2.") from None
    if not 20.0 <= bpm <= 400.0:
        raise click.BadParameter(f"{text!r}: the tempo is not in the range 20<=x<=400.")
    if not 0.0 < weight <= 1_000.0:
        raise click.BadParameter(f"{text!r}: the weight is not in the range 0<x<=1000.")
    return bpm, weight


def music_options(command: Command) -> Command:
    """Add --target, --strictness, --beats-per-bar and --tempo-prior."""
    for option in (
        click.option(
            "--tempo-prior",
            "tempo_prior",
            multiple=True,
            callback=_earlier_tempi,
            metavar="BPM[:WEIGHT]",
            help="A tempo of an earlier session; helps without a target. Up to 8 times.",
        ),
        click.option(
            "--beats-per-bar",
            type=click.IntRange(0, 16),
            default=0,
            metavar="N",
            help="Beats in a bar, if known.",
        ),
        click.option(
            "--strictness",
            type=click.Choice(STRICTNESSES),
            default="normal",
            show_default=True,
            help="How much the scores forgive.",
        ),
        click.option(
            "--target",
            "target_bpm",
            type=click.FloatRange(20, 400),
            metavar="BPM",
            help="The tempo you want to play, 20 to 400.",
        ),
    ):
        command = option(command)
    return command


def output_options(command: Command) -> Command:
    """Add --json, --beats, --plot and --csv."""
    for option in (
        click.option(
            "--csv",
            "csv_path",
            type=click.Path(dir_okay=False, writable=True, path_type=Path),
            metavar="FILE",
            help="Write one row per window.",
        ),
        click.option(
            "--plot",
            "plot_path",
            type=PlotPath(),
            metavar="FILE.png|svg",
            help="Draw the tempo curve with beats, rushed and dragged spans.",
        ),
        click.option("--beats", "with_beats", is_flag=True, help="Tell every beat, too."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line."),
    ):
        command = option(command)
    return command
