"""Whether confidence is calibrated: of windows that say 0.8, about 80 % should be right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy.bootstrap import Interval, ratio_interval
from benchmarks.accuracy.comparison import OURS, Comparison
from benchmarks.accuracy.tables import Table, number, share, with_interval
from benchmarks.accuracy.tempo_scores import claims_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STEPS: Final = 10
"""Bins lie around tenths, so that "says 0.8" is 0.75..0.85."""


@dataclass(frozen=True, slots=True)
class SureWindow:
    """A window that claims a tempo: its clip, how sure it was (0..1), and whether it was right."""

    clip: str
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Windows that say about the same.

    ``says`` the middle of the bin; ``count`` windows; ``mean_confidence`` of them; ``right`` their
    share within 4 %, with its interval over clips.
    """

    says: float
    count: int
    mean_confidence: float
    right: Interval


def sure_windows(comparison: Comparison, tracker: str = OURS) -> list[SureWindow]:
    """Take every judged window that says how sure it is; one without a pulse is always wrong."""
    found = []
    for clip, answer in comparison.pairs(tracker):
        if clip.has_pulse:
            found += [
                SureWindow(clip.name, claim.confidence, claim.right)
                for claim in claims_of(clip, answer)
                if claim.confidence is not None
            ]
        else:
            found += [SureWindow(clip.name, said, False) for said in answer.confidences]
    return found


def bins_of(windows: Iterable[SureWindow]) -> list[Bin]:
    """Sort windows into bins; empty ones are left out."""
    by_bin: dict[int, list[SureWindow]] = defaultdict(list)
    for window in windows:
        by_bin[int(window.confidence * STEPS + 0.5)].append(window)
    return [
        Bin(
            index / STEPS,
            len(members),
            sum(member.confidence for member in members) / len(members),
            _share_right(members),
        )
        for index, members in sorted(by_bin.items())
    ]


def _share_right(windows: Iterable[SureWindow]) -> Interval:
    right: dict[str, float] = defaultdict(float)
    count: dict[str, float] = defaultdict(float)
    for window in windows:
        right[window.clip] += window.right
        count[window.clip] += 1
    return ratio_interval(list(right.values()), list(count.values()))


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the expected calibration error, 0..1: mean distance of saying and being right.

    C. Guo et al., On Calibration of Modern Neural Networks (ICML 2017), equation 3.
    """
    count = sum(each.count for each in bins)
    if not count:
        return None
    distances = (each.count * abs(each.right.value - each.mean_confidence) for each in bins)
    return sum(distances) / count


def reliability_table(comparison: Comparison) -> Table:
    """One line per bin; the last line holds all windows and the expected calibration error."""
    windows = sure_windows(comparison)
    bins = bins_of(windows)
    rows = [
        [
            number(each.says),
            str(each.count),
            share(each.mean_confidence),
            with_interval(each.right),
            share(abs(each.right.value - each.mean_confidence)),
        ]
        for each in bins
    ]
    if windows:
        says = sum(window.confidence for window in windows) / len(windows)
        everything = with_interval(_share_right(windows))
        error = share(calibration_error(bins))
        rows.append(["all", str(len(windows)), share(says), everything, error])
    return Table(
        "Confidence",
        ("says", "windows", "mean confidence", "within 4 %", "distance"),
        rows,
        "LOCKED windows by the confidence that they state, rounded to tenths; the last line ends "
        "with the expected calibration error. Windows that claim a tempo where there is no pulse "
        "are wrong.",
    )
