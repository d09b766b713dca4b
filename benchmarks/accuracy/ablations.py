"""What each part of the engine gives: the figures without it, clip by clip beside the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.bootstrap import difference_interval
from benchmarks.accuracy.comparison import Comparison
from benchmarks.accuracy.runs import Workers, run_ours
from benchmarks.accuracy.tables import Table, number, share, with_interval
from benchmarks.accuracy.variants import ABLATIONS, WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip
    from benchmarks.accuracy.variants import Variant


def run_ablations(
    workers: Workers,
    ours: Comparison,
    whole: Mapping[str, Answer],
    variants: Sequence[Variant] = ABLATIONS,
) -> Comparison:
    """Run every variant that does anything in this mode; trackers are named as the variants."""
    clips = [clip for clip in ours.clips if clip.has_pulse]
    answers = {WHOLE.name: whole} | {
        variant.name: run_ours(workers, clips, with_target=ours.with_target, variant=variant)
        for variant in variants
        if variant.with_target in {None, ours.with_target}
    }
    return Comparison(ours.mode, ours.with_target, clips, answers)


def ablation_table(ablations: Comparison) -> Table:
    """One line per variant: F and W1, how they differ from the whole engine's, and by group."""
    groups = ablations.groups("motion")
    rows = []
    for name in ablations.answers:
        by_group = (_change(ablations, name, "F", clips) for clips in groups.values())
        rows.append(
            [
                name,
                *_figure_cells(ablations, name, "F"),
                *_figure_cells(ablations, name, "W1"),
                share(ablations.average(name, "oct", ablations.clips)),
                number(ablations.average(name, "rec", ablations.clips)),
                share(ablations.average(name, "cover", ablations.clips)),
                *by_group,
            ]
        )
    header = [
        "",
        "F",
        "change",
        "W1",
        "change",
        "oct",
        "rec",
        "cover",
        *(f"F {name}" for name in groups),
    ]
    return Table(
        "Without each part",
        header,
        rows,
        "All clips with a pulse; a change is the variant minus the whole engine, clip by clip, "
        "with its interval, and the last columns are the change of F by group. What does not "
        "change was not needed on these clips.",
    )


def _figure_cells(ablations: Comparison, name: str, figure: str) -> list[str]:
    average = share(ablations.average(name, figure, ablations.clips))
    return [average, _change(ablations, name, figure, ablations.clips, intervals=True)]


def _change(
    ablations: Comparison, name: str, figure: str, clips: Sequence[Clip], *, intervals: bool = False
) -> str:
    if name == WHOLE.name:
        return "-"
    whole, without = (ablations.column(each, figure, clips) for each in (WHOLE.name, name))
    change = difference_interval(list(without.values()), [whole[clip] for clip in without])
    text = with_interval(change, signed=True)
    return text if intervals else text.partition(" ")[0]
