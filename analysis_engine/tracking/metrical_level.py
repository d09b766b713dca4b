"""Which metrical level is played, against the level that the target means."""

from __future__ import annotations

from collections import deque
from typing import Final

from analysis_engine.scoring.tempo import nearest_ratio, ratio_distance

# A level is left only for one that is nearer by this much (octaves), this many times in a row.
_SWITCH_OCTAVES: Final = 0.15
_SWITCH_READINGS: Final = 3

# Beats looked back over to find that only every 2nd, 3rd or 4th is played.
_DIVISORS: Final = (2, 3, 4)
_MEMORY_BEATS: Final = 16
_MIN_BEATS: Final = 12
_PLAYED_SHARE: Final = 0.85
_STRAY_SHARE: Final = 0.1


class PlayedDivisor:
    """Finds that only every d-th of the decoder's beats is played.

    Half notes against a quarter-note target leave every other beat empty: the decoder holds the
    quarter, but the pulse that sounds is the half.
    """

    def __init__(self) -> None:
        self._divisor = 1
        self.forget()

    @property
    def divisor(self) -> int:
        """1, or how many of the decoder's beats one played beat takes."""
        return self._divisor

    def forget(self) -> None:
        """Start again at every beat being played."""
        self._beats: deque[tuple[int, bool]] = deque()
        # For each divisor, how many beats of each class of positions there are, and were played.
        self._heard = {divisor: [0] * divisor for divisor in _DIVISORS}
        self._hits = {divisor: [0] * divisor for divisor in _DIVISORS}
        self._divisor = 1

    def update(self, position: int, *, played: bool) -> int:
        """Take one beat of the grid; returns the divisor."""
        self._beats.append((position, played))
        self._count(position, played, 1)
        if len(self._beats) > _MEMORY_BEATS:
            self._count(*self._beats.popleft(), -1)
        if len(self._beats) >= _MIN_BEATS:
            self._divisor = next((d for d in _DIVISORS if self._only_every(d)), 1)
        return self._divisor

    def _count(self, position: int, played: bool, step: int) -> None:
        for divisor in _DIVISORS:
            self._heard[divisor][position % divisor] += step
            self._hits[divisor][position % divisor] += step * played

    def _only_every(self, divisor: int) -> bool:
        counts = zip(self._hits[divisor], self._heard[divisor], strict=True)
        *rest, most = sorted(hits / max(1, heard) for hits, heard in counts)
        return most >= _PLAYED_SHARE and rest[-1] <= _STRAY_SHARE


class MetricalLevel:
    """The ratio raw_bpm / bpm, chosen nearest to the target, with hysteresis.

    Parameters
    ----------
    dotted
        Whether 3/4 and 3/2 may be chosen.
    """

    def __init__(self, *, dotted: bool) -> None:
        self._dotted = dotted
        self._ratio = 1.0
        self._settled = False
        self._against = 0

    @property
    def ratio(self) -> float:
        """The ratio last chosen."""
        return self._ratio

    def forget(self) -> None:
        """Let the next reading choose freely (a new target)."""
        self._ratio = 1.0
        self._settled = False
        self._against = 0

    def update(self, raw_bpm: float, target_bpm: float | None) -> float:
        """Take a tempo reading; returns the ratio."""
        if target_bpm is None:
            self.forget()
            return self._ratio
        best = nearest_ratio(raw_bpm, target_bpm, dotted=self._dotted)
        if not self._settled:
            self._ratio, self._settled = best, True
        elif best == self._ratio:
            self._against = 0
        else:
            gain = ratio_distance(raw_bpm, target_bpm, self._ratio)
            gain -= ratio_distance(raw_bpm, target_bpm, best)
            self._against = self._against + 1 if gain > _SWITCH_OCTAVES else 0
            if self._against >= _SWITCH_READINGS:
                self._ratio, self._against = best, 0
        return self._ratio
