"""What the tempi of earlier sessions give to a student who sets no target.

``python -m benchmarks.accuracy.earlier_tempi CORPUS`` runs every clip without a target: as it is,
with one earlier session at the tempo that was asked for, and with sessions beside it, which the
player proves wrong.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analysis_engine.config import MAX_TARGET_BPM, MIN_TARGET_BPM, ExpectedTempo
from analysis_engine.tracking.tracker import warm_up
from benchmarks.accuracy.clips import read_corpus
from benchmarks.accuracy.comparison import Comparison
from benchmarks.accuracy.engine_run import run_engine
from benchmarks.accuracy.tables import Table, share
from benchmarks.accuracy.variants import Variant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.accuracy.clips import Clip

#: Tempo of the one earlier session, as a multiple of today's; None for no session.
SAID: Final[Mapping[str, float | None]] = {
    "nothing": None,
    "the tempo": 1.0,
    "a tenth slower": 0.9,
    "15 % faster": 1.15,
    "40 % faster": 1.4,
    "half of it": 0.5,
}


def compare(clips: Sequence[Clip], said: Mapping[str, float | None] = SAID) -> Comparison:
    """Run the clips that have a target tempo, untold; "trackers" are what was said before."""
    usable = [clip for clip in clips if clip.has_pulse and clip.target_bpm is not None]
    answers = {
        name: {
            clip.name: run_engine(clip, with_target=False, variant=_variant(clip, name, ratio))
            for clip in usable
        }
        for name, ratio in said.items()
    }
    return Comparison("no target", False, usable, answers)


def _variant(clip: Clip, name: str, ratio: float | None) -> Variant:
    if ratio is None or clip.target_bpm is None:
        return Variant(name)
    said_bpm = min(max(clip.target_bpm * ratio, MIN_TARGET_BPM), MAX_TARGET_BPM)
    return Variant(name, stream={"tempo_prior": (ExpectedTempo(said_bpm),)})


def earlier_tempi_table(comparison: Comparison) -> Table:
    """One line per thing that was said before."""
    figures = ("A1", "oct", "W1", "F", "cover")
    return Table(
        "Without a target, one earlier session was at",
        ("", "n", *figures),
        [
            [
                name,
                str(len(answers)),
                *(share(comparison.average(name, figure, comparison.clips)) for figure in figures),
            ]
            for name, answers in comparison.answers.items()
        ],
    )


def main(arguments: list[str] | None = None) -> None:
    """Print the table for a corpus."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy.earlier_tempi", description=__doc__
    )
    parser.add_argument("corpus", type=Path, help="folder with truth.jsonl")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth clip alone")
    options = parser.parse_args(arguments)
    warm_up()
    print(earlier_tempi_table(compare(read_corpus(options.corpus)[:: options.every])))


if __name__ == "__main__":
    main()
