"""What every tracker answered on the same clips, in one mode, and how good it was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.accuracy.scores import Scores, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip

OURS: Final = "practice"
OFFLINE: Final = "offline"
"""Part of the name of a tracker that hears the whole clip before it answers."""
NO_TRACKER: Final = "null"
"""Beginning of the name of what does not listen at all (a bare metronome at the hint)."""
MEDIANS: Final = frozenset(("err%", "jit", "lat", "ahead"))
"""Averaged over clips by the median, where single clips can be far out."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Answers of several trackers in one mode.

    Parameters
    ----------
    mode
        As printed: "with target" or "no target".
    with_target
        Whether trackers were told the clip's hint.
    clips
        What they heard.
    answers
        By tracker, then by clip; ours is `OURS`. A clip that a tracker did not answer is missing.
    scores
        Of those answers, in the same shape.
    """

    mode: str
    with_target: bool
    clips: Sequence[Clip]
    answers: Mapping[str, Mapping[str, Answer]]
    scores: Mapping[str, Mapping[str, Scores]] = field(init=False)

    def __post_init__(self) -> None:
        scores = {
            tracker: {clip.name: score(clip, answer) for clip, answer in self.pairs(tracker)}
            for tracker in self.answers
        }
        object.__setattr__(self, "scores", scores)

    def pairs(self, tracker: str) -> list[tuple[Clip, Answer]]:
        """Clips that a tracker answered, and its answers."""
        given = self.answers[tracker]
        return [(clip, given[clip.name]) for clip in self.clips if clip.name in given]

    def causal_peers(self) -> list[str]:
        """Other trackers that listen, and do not see the future."""
        return [
            tracker
            for tracker in self.answers
            if tracker != OURS and OFFLINE not in tracker and not tracker.startswith(NO_TRACKER)
        ]

    def groups(self, by: str, *, with_pulse: bool = True) -> dict[str, list[Clip]]:
        """Clips by their group, in order of the groups' names; those with a pulse alone."""
        groups: dict[str, list[Clip]] = defaultdict(list)
        for clip in self.clips:
            if clip.has_pulse or not with_pulse:
                groups[clip.group(by)].append(clip)
        return dict(sorted(groups.items()))

    def column(self, tracker: str, figure: str, clips: Iterable[Clip]) -> dict[str, float]:
        """One figure of a tracker by clip; clips for which it does not apply are left out."""
        scores = self.scores[tracker]
        return {
            clip.name: scores[clip.name][figure]
            for clip in clips
            if figure in scores.get(clip.name, {})
        }

    def average(self, tracker: str, figure: str, clips: Iterable[Clip]) -> float | None:
        """Mean of a figure over clips (the median of `MEDIANS`); None where none has it."""
        values = list(self.column(tracker, figure, clips).values())
        if not values:
            return None
        return float(np.median(values) if figure in MEDIANS else np.mean(values))

    def best_causal_peer(self, figure: str, clips: Iterable[Clip]) -> str | None:
        """Name of the causal peer with the highest average, None where nobody competes."""
        clips = list(clips)
        averages = {peer: self.average(peer, figure, clips) for peer in self.causal_peers()}
        known = {peer: value for peer, value in averages.items() if value is not None}
        return max(known, key=known.__getitem__) if known else None
