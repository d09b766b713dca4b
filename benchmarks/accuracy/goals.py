"""What is to be reached, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.accuracy.beats_and_tempo import JUDGED
from benchmarks.accuracy.comparison import OURS, Comparison
from benchmarks.accuracy.pulseless import locked_share
from benchmarks.accuracy.tables import Table, number, percent, share
from benchmarks.accuracy.telling import all_lateness_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.accuracy.clips import Clip

NEARLY_PERFECT: Final = 0.95
TIE: Final = 0.01
"""Where a peer is nearly perfect, being this little behind is enough."""
MARGIN_ON_MOVING: Final = 0.05
RECOVERY_S: Final = {True: 2.0, False: 5.0}
"""Mean over clips, each with the mean of its turns, with a target and without one."""
TIMING_SD_MS: Final = 4.0
DEVIATION_CORRELATION: Final = 0.9
ACCURACY_POINTS: Final = 3.0
TOLD_MS: Final = 12.0
LOCKED_WITHOUT_PULSE: Final = 0.01
CPU_PERCENT: Final = 0.15


@dataclass(frozen=True, slots=True)
class Goal:
    """One line: what it is about, what was wanted, what is, and whether that is enough."""

    name: str
    wanted: str
    now: str
    reached: bool


def peer_goals(comparison: Comparison) -> list[Goal]:
    """Ahead of the best causal peer in F and W1, in every group."""
    goals = []
    for group, clips in comparison.groups("motion").items():
        for figure in JUDGED:
            peer = comparison.best_causal_peer(figure, clips)
            theirs = comparison.average(peer, figure, clips) if peer else None
            ours = comparison.average(OURS, figure, clips)
            if peer is None or theirs is None or ours is None:
                continue
            wanted = theirs + _margin(comparison, group, figure, theirs)
            text = f"above {peer}'s {share(theirs)}"
            if wanted != theirs:
                text += f": {share(wanted)}"
            reached = ours > wanted if wanted == theirs else ours >= wanted
            name = f"{figure} on {group}, {comparison.mode}"
            goals.append(Goal(name, text, share(ours), reached))
    return goals


def _margin(comparison: Comparison, group: str, figure: str, theirs: float) -> float:
    if theirs >= NEARLY_PERFECT:
        return -TIE
    moving = comparison.with_target and group == "b:moving" and figure == "F"
    return MARGIN_ON_MOVING if moving else 0.0


def mode_goals(comparison: Comparison) -> list[Goal]:
    """Goals of one mode that no peer sets."""
    pulses = [clip for clip in comparison.clips if clip.has_pulse]
    goals = []
    if comparison.with_target:
        wrong = sum(comparison.column(OURS, "oct", pulses).values())
        goals.append(Goal("clips at a wrong level, with target", "0", f"{wrong:.0f}", wrong == 0))
        goals += _timing_goals(comparison, pulses)
    mean_s = comparison.average(OURS, "rec", pulses)
    if mean_s is not None:
        wanted_s = RECOVERY_S[comparison.with_target]
        goals.append(
            _at_most(f"mean recovery, {comparison.mode}", wanted_s, mean_s, digits=1, unit=" s")
        )
    return goals + _running_goals(comparison)


def _timing_goals(comparison: Comparison, clips: Sequence[Clip]) -> list[Goal]:
    def values(figure: str) -> list[float]:
        return list(comparison.column(OURS, figure, clips).values())

    goals = []
    if errors_ms := values("sdMAE"):
        error_ms = float(np.median(errors_ms))
        goals.append(_at_most("median sdMAE", TIMING_SD_MS, error_ms, digits=1, unit=" ms"))
    if correlations := values("devr"):
        mean = float(np.mean(correlations))
        wanted = f"at least {share(DEVIATION_CORRELATION)}"
        goals.append(Goal("mean devr", wanted, share(mean), mean >= DEVIATION_CORRELATION))
    if errors := values("accE"):
        error = float(np.mean(errors))
        goals.append(_at_most("mean accE", ACCURACY_POINTS, error, digits=1, unit=" points"))
    return goals


def _running_goals(comparison: Comparison) -> list[Goal]:
    goals = []
    late_ms = all_lateness_ms(comparison, OURS)
    if late_ms.size:
        told_ms = float(np.quantile(late_ms, 0.9))
        name = f"90 % of beats told, {comparison.mode}"
        goals.append(_at_most(name, TOLD_MS, told_ms, digits=1, unit=" ms after"))
    costs = list(comparison.column(OURS, "cpu%", comparison.clips).values())
    if costs:
        name = f"processor, {comparison.mode}"
        goals.append(_at_most(name, CPU_PERCENT, float(np.mean(costs)), digits=3, unit=" %"))
    return goals


def pulseless_goals(counts_by_mode: Mapping[str, Mapping[str, tuple[int, int, int]]]) -> list[Goal]:
    """At most 1 % of windows LOCKED where there is no pulse."""
    goals = []
    for mode, counts in counts_by_mode.items():
        locked = locked_share(counts)
        if locked is not None:
            wanted = f"at most {percent(LOCKED_WITHOUT_PULSE)}"
            reached = locked <= LOCKED_WITHOUT_PULSE
            goals.append(
                Goal(f"LOCKED without a pulse, {mode}", wanted, percent(locked, 2), reached)
            )
    return goals


def _at_most(name: str, wanted: float, now: float, *, digits: int, unit: str) -> Goal:
    text = f"at most {number(wanted, digits, unit)}"
    return Goal(name, text, number(now, digits, unit), now <= wanted)


def goal_table(goals: Iterable[Goal]) -> Table:
    """One line per goal."""
    rows = [
        [goal.name, goal.wanted, goal.now, "reached" if goal.reached else "**not reached**"]
        for goal in goals
    ]
    return Table("Against what was to be reached", ("", "wanted", "now", ""), rows, labels=4)
