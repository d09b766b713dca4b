"""Which metrical level is found, by how fast the playing is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy.tables import Table, percent, share
from benchmarks.accuracy.tempo_scores import claims_of, median_level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip
    from benchmarks.accuracy.comparison import Comparison

BANDS_BPM: Final = {
    "below 60": (0.0, 60.0),
    "60-90": (60.0, 90.0),
    "90-120": (90.0, 120.0),
    "120-160": (120.0, 160.0),
    "from 160": (160.0, float("inf")),
}
LEVEL_NAMES: Final = {1.0: "right", 2.0: "twice", 3.0: "thrice", 1 / 2: "half", 1 / 3: "a third"}


def band_of(clip: Clip) -> str:
    """Return the band of a clip's median true tempo."""
    return next(name for name, (low, high) in BANDS_BPM.items() if low <= clip.usual_bpm < high)


def level_name(clip: Clip, answer: Answer) -> str:
    """Name the level of a clip's median tempo; "other" is none of them, "none" no claim at all."""
    claims = claims_of(clip, answer)
    if not claims:
        return "none"
    level = median_level(claims)
    return "other" if level is None else LEVEL_NAMES[level]


def octave_table(comparison: Comparison) -> Table:
    """One line per band and tracker: at which level clips end, and windows at a wrong one."""
    rows = []
    for band in BANDS_BPM:
        for tracker in comparison.answers:
            pairs = [
                (clip, answer)
                for clip, answer in comparison.pairs(tracker)
                if clip.has_pulse and band_of(clip) == band
            ]
            if pairs:
                rows.append([band, tracker, *_cells(pairs)])
    return Table(
        "Metrical level by tempo",
        ("bpm", "tracker", "n", *LEVEL_NAMES.values(), "other", "none", "windows"),
        rows,
        "Clips by the level at which their median tempo is right; the last column is the share of "
        "windows whose tempo is right but for its level.",
        labels=2,
    )


def _cells(pairs: Sequence[tuple[Clip, Answer]]) -> list[str]:
    names = Counter(level_name(clip, answer) for clip, answer in pairs)
    claims = [claim for clip, answer in pairs for claim in claims_of(clip, answer)]
    astray = sum(claim.at_wrong_level for claim in claims) / len(claims) if claims else None
    shares = [names[name] / len(pairs) for name in (*LEVEL_NAMES.values(), "other", "none")]
    return [str(len(pairs)), *map(share, shares), percent(astray, 1)]
