"""Beats and tempo of every tracker, and our distance to the best causal peer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.accuracy.bootstrap import Interval, difference_interval, mean_interval
from benchmarks.accuracy.comparison import OURS, Comparison
from benchmarks.accuracy.tables import Table, number, share, with_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.clips import Clip

JUDGED: Final = ("F", "W1")
"""What is compared with the best peer."""
SHARES: Final = ("CMLt", "AMLt", "A1", "A2", "oct")
NUMBERS: Final = {"err%": 1, "jit": 1}


def beats_and_tempo_table(comparison: Comparison, by: str = "motion") -> Table:
    """One line per group and tracker; F and W1 with their intervals over clips."""
    return Table(
        f"Beats and tempo, by {by}",
        ("group", "tracker", "n", *JUDGED, "Fset", *SHARES, *NUMBERS, "cover", "cpu%"),
        [
            [group, tracker, *_cells(comparison, tracker, clips)]
            for group, clips in comparison.groups(by).items()
            for tracker in comparison.answers
        ],
        "F and W1 with what 95 % of 2,000 resamplings of the clips give.",
        labels=2,
    ).without_empty_columns()


def _cells(comparison: Comparison, tracker: str, clips: Sequence[Clip]) -> list[str]:
    columns = [list(comparison.column(tracker, figure, clips).values()) for figure in JUDGED]

    def average(figure: str) -> float | None:
        return comparison.average(tracker, figure, clips)

    return [
        str(len(columns[0])),
        *(with_interval(mean_interval(column) if column else None) for column in columns),
        share(average("Fset")),
        *(share(average(figure)) for figure in SHARES),
        *(number(average(figure), digits) for figure, digits in NUMBERS.items()),
        share(average("cover")),
        number(average("cpu%"), 3),
    ]


def lead(comparison: Comparison, figure: str, clips: Sequence[Clip]) -> tuple[str, Interval] | None:
    """Return the best causal peer, and ours minus theirs on the clips that both answered."""
    peer = comparison.best_causal_peer(figure, clips)
    if peer is None:
        return None
    ours, theirs = (comparison.column(tracker, figure, clips) for tracker in (OURS, peer))
    both = [name for name in ours if name in theirs]
    return peer, difference_interval([ours[n] for n in both], [theirs[n] for n in both])


def lead_table(comparison: Comparison, by: str = "motion") -> Table:
    """Ours minus the best causal peer, clip by clip."""
    rows = []
    for group, clips in comparison.groups(by).items():
        for figure in JUDGED:
            led = lead(comparison, figure, clips)
            if led is not None:
                peer, difference = led
                averages = [comparison.average(name, figure, clips) for name in (OURS, peer)]
                rows.append([group, figure, peer, *map(share, averages), _difference(difference)])
    return Table(
        "Ahead of the best causal peer",
        ("group", "figure", "best peer", "ours", "theirs", "difference"),
        rows,
        "The peer is the best of each line; offline trackers and the bare metronome are none. "
        "The interval is that of the paired difference: where it leaves out zero, other clips of "
        "the kind would hardly change who is ahead.",
        labels=3,
    )


def _difference(interval: Interval) -> str:
    return with_interval(interval, signed=True)
