"""How often a pulse is claimed where there is none, by kind of sound."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from benchmarks.accuracy.tables import Table, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip


def kind_of(clip: Clip) -> str:
    """Return the kind of a sound: its scenario, without a number at the end (speech_2: speech)."""
    return re.sub(r"[_-]?\d+$", "", clip.scenario)


def locked_counts(pairs: Iterable[tuple[Clip, Answer]]) -> dict[str, tuple[int, int, int]]:
    """Count (clips, windows, LOCKED windows) of each kind, of clips without a pulse alone."""
    counts: dict[str, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for clip, answer in pairs:
        if not clip.has_pulse:
            clips, windows, locked = counts[kind_of(clip)]
            states = [state for _, state in answer.window_states]
            counts[kind_of(clip)] = (
                clips + 1,
                windows + len(states),
                locked + states.count("locked"),
            )
    return dict(sorted(counts.items()))


def locked_share(counts: Mapping[str, tuple[int, int, int]]) -> float | None:
    """Share of LOCKED windows over all kinds, None where there is no window."""
    windows = sum(count[1] for count in counts.values())
    return sum(count[2] for count in counts.values()) / windows if windows else None


def pulseless_table(counts_by_mode: Mapping[str, Mapping[str, tuple[int, int, int]]]) -> Table:
    """One line per kind, one column per mode (with a target, and without one)."""
    kinds = next(iter(counts_by_mode.values()), {})
    rows = [
        [
            kind,
            str(clips),
            str(windows),
            *(percent(locked_share({kind: c[kind]}), 2) for c in counts_by_mode.values()),
        ]
        for kind, (clips, windows, _) in kinds.items()
    ]
    if rows:
        totals = [str(sum(count[column] for count in kinds.values())) for column in (0, 1)]
        shares = [percent(locked_share(counts), 2) for counts in counts_by_mode.values()]
        rows.append(["all", *totals, *shares])
    return Table(
        "LOCKED without a pulse",
        ("sound", "clips", "windows", *counts_by_mode),
        rows,
        "Share of LOCKED windows in sounds that have no pulse; the target, where there is one, is "
        "100 bpm.",
    )
