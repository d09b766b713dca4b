"""How late and how exactly onsets are heard, by the kind of their attack.

A bow or a breath starts later than its note, and less sharply than a hammer or a stick. What the
engine hears of that is how soft the attacks are on the whole; the table over it is measured on
generated performances and published in ``docs/accuracy.md``. Whatever else tells kinds of attack
apart takes the place of `AttackEar` by giving the same two numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from analysis_engine.tracking.attack_table import BY_SOFTNESS

# Attacks looked back over: an instrument, not a note. One soft note among sharp ones is heard no
# later than they are.
_MEMORY: Final = 64
_SOFTNESSES: Final = [row[0] for row in BY_SOFTNESS]


@dataclass(frozen=True, slots=True)
class AttackTiming:
    """What the engine does to the time of an onset.

    Parameters
    ----------
    delay_s
        How much later than it was played it is heard; negative is earlier.
    noise_s
        Standard deviation around that.
    """

    delay_s: float
    noise_s: float


def timing_of(softness: float) -> AttackTiming:
    """Return the timing of attacks of this mean softness, linear between the table's rows."""
    above = bisect_right(_SOFTNESSES, softness)
    if above in {0, len(BY_SOFTNESS)}:
        return AttackTiming(*BY_SOFTNESS[max(0, above - 1)][1:])
    low, high = BY_SOFTNESS[above - 1], BY_SOFTNESS[above]
    share = (softness - low[0]) / (high[0] - low[0])
    return AttackTiming(
        low[1] + share * (high[1] - low[1]),
        low[2] + share * (high[2] - low[2]),
    )


class AttackEar:
    """Hears what kind of attack a player's instrument has."""

    def __init__(self) -> None:
        self._softness = 0.0
        self._heard = 0

    def hear(self, softness: float) -> AttackTiming:
        """Take the softness (0..1) of an onset's attack; returns what is known of its timing."""
        self._heard = min(self._heard + 1, _MEMORY)
        self._softness += (softness - self._softness) / self._heard
        return timing_of(self._softness)
