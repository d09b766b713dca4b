"""Whether there is a pulse to follow: SILENT, WARMING, LOCKED or LOST, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from analysis_engine.results import WindowState

# Logistic regression on generated performances (and sounds without a pulse): does the tempo lie
# within 4 % of the truth?  Terms: bias, short evidence, long evidence, logit of the mode's mass.
_WEIGHTS: Final = (-1.0, 0.10, 0.10, 0.5)
_EVIDENCE_CLAMP: Final = 30.0
# Confidence at which a lock is taken, and below which it is given up.
_TAKE: Final = 0.6
_KEEP: Final = 0.4
#: Sounding this long without a lock is LOST.
WARMING_S: Final = 8.0


@dataclass(frozen=True, slots=True)
class PulseReading:
    """What the decoder says at the end of a window."""

    bpm: float
    mass: float
    evidence_short: float
    evidence_long: float


def confidence_of(reading: PulseReading) -> float:
    """Return the probability, 0..1, that the reading's tempo is right."""
    mass = min(max(reading.mass, 0.01), 0.99)
    terms = (
        1.0,
        min(max(reading.evidence_short, -_EVIDENCE_CLAMP), _EVIDENCE_CLAMP),
        min(max(reading.evidence_long, -_EVIDENCE_CLAMP), _EVIDENCE_CLAMP),
        math.log(mass / (1.0 - mass)),
    )
    total = sum(weight * term for weight, term in zip(_WEIGHTS, terms, strict=True))
    return 1.0 / (1.0 + math.exp(-total))


class LockState:
    """The state machine behind `WindowState`, evaluated at the end of every window."""

    def __init__(self) -> None:
        self._locked = False
        self._sounding_s = 0.0

    @property
    def locked(self) -> bool:
        """Whether a pulse is held."""
        return self._locked

    def update(self, reading: PulseReading, *, silent: bool, elapsed_s: float) -> WindowState:
        """Take the reading at the end of a window that lasted ``elapsed_s``."""
        if silent:
            self._locked = False
            self._sounding_s = 0.0
            return WindowState.SILENT
        self._sounding_s += elapsed_s
        confidence = confidence_of(reading)
        self._locked = confidence >= (_KEEP if self._locked else _TAKE)
        if self._locked:
            # Losing a pulse that was held is LOST at once, not WARMING again.
            self._sounding_s = max(self._sounding_s, WARMING_S)
            return WindowState.LOCKED
        return WindowState.WARMING if self._sounding_s < WARMING_S else WindowState.LOST
