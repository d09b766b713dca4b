"""Do onsets keep to the pulse?  The Rayleigh statistic of their phases, forgotten over time."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Final

# Phases are tested on the beat and on its halves, thirds and quarters.
_HARMONICS: Final = 4
# Forgotten over 6 s, or over as many beats as a slow student needs to show a pulse.
_FORGET_S: Final = 6.0
_FORGET_BEATS: Final = 6.0


@dataclass(frozen=True, slots=True)
class Regularity:
    """How well onset phases agree.

    ``resultant`` 0..1, length of the mean phase vector on the best-fitting subdivision;
    ``effective_onsets``, how many equal onsets that mean is worth.
    """

    resultant: float = 0.0
    effective_onsets: float = 0.0

    @property
    def rayleigh(self) -> float:
        """Rayleigh's z = n R^2 (K. V. Mardia, Statistics of Directional Data, 6.3)."""
        return self.resultant**2 * self.effective_onsets


class PhaseMemory:
    """Leaky sums of onset phase vectors against the told beats."""

    def __init__(self) -> None:
        self._vectors = [0j] * _HARMONICS
        self._weight = 0.0
        self._square_weight = 0.0
        self._last_s: float | None = None

    def add(self, at_s: float, phase: float, strength: float, period_s: float) -> None:
        """Take an onset: when, its phase in beats of ``period_s``, and its strength 0..1."""
        if self._last_s is not None:
            forget_s = max(_FORGET_S, _FORGET_BEATS * period_s)
            keep = math.exp(-max(0.0, at_s - self._last_s) / forget_s)
            self._vectors = [keep * vector for vector in self._vectors]
            self._weight *= keep
            self._square_weight *= keep * keep
        self._last_s = at_s
        # Strong onsets count more, but one alone must not decide.
        weight = math.sqrt(strength)
        turn = cmath.exp(2j * math.pi * phase)
        vector = complex(weight)
        for index in range(_HARMONICS):
            vector *= turn
            self._vectors[index] += vector
        self._weight += weight
        self._square_weight += weight * weight

    def read(self) -> Regularity:
        """Return the agreement of the phases remembered."""
        if self._weight <= 0.0:
            return Regularity()
        resultant = max(abs(vector) for vector in self._vectors) / self._weight
        return Regularity(resultant, self._weight**2 / self._square_weight)
