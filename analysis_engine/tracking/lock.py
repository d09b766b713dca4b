"""Whether there is a pulse to follow: SILENT, WARMING, LOCKED or LOST, and how sure that is."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analysis_engine.results import WindowState

if TYPE_CHECKING:
    from analysis_engine.tracking.regularity import Regularity

# Logistic regressions on generated performances and generated sounds without a pulse.
# (``python -m analysis_engine.training.lock``); the terms are those of `terms_of`.
_PULSE_WEIGHTS: Final = (-4.16, 0.585, 0.179, 4.16, -1.2, 0.663, 0.0948, -0.149)
_TEMPO_WEIGHTS: Final = (-0.246, 0.0132, 0.455, 2.11, 2.54, -0.713, -0.00796, -0.304)
# A lock is taken when a pulse has been probable for a while, with onsets that agree, and enough of
# them (a Rayleigh z of 3 comes by chance in one of twenty); it is kept while it is likely.
_TAKE: Final = 0.8
_TAKE_RESULTANT: Final = 0.5
_TAKE_RAYLEIGH: Final = 3.0
_TAKE_S: Final = 1.0
# Onsets come near the told beats: a whale may keep to a pulse for a while, but not to its beats.
_TAKE_HITS: Final = 0.35
_KEEP_HITS: Final = 0.15
# Onsets that agree almost perfectly need no waiting.
_CLEAR: Final = 0.7
_CLEAR_RESULTANT: Final = 0.95
_CLEAR_RAYLEIGH: Final = 3.0
_KEEP: Final = 0.4
_KEEP_RESULTANT: Final = 0.3
#: Sounding this long without a lock is LOST.
WARMING_S: Final = 8.0


@dataclass(frozen=True, slots=True)
class PulseReading:
    """What is known of the pulse at one moment.

    ``bpm`` the decoder's tempo; ``mass`` its share of the posterior, 0..1; ``evidence`` log
    likelihood ratio of the last 6 s; ``hit_quality`` 0..1, how near onsets came to the last told
    beats; ``regularity`` of all onsets; ``targeted`` whether there is a target.
    """

    bpm: float
    mass: float
    evidence: float
    hit_quality: float
    regularity: Regularity
    targeted: bool


def pulse_probability(reading: PulseReading) -> float:
    """Return the probability, 0..1, that there is a pulse at all."""
    return _logistic(_PULSE_WEIGHTS, reading)


def tempo_probability(reading: PulseReading) -> float:
    """Return the probability, 0..1, that the tempo is right within 4 %."""
    return _logistic(_TEMPO_WEIGHTS, reading)


def terms_of(reading: PulseReading) -> tuple[float, ...]:
    """Return the regressors of a reading, a constant first."""
    mass = min(max(reading.mass, 0.01), 0.99)
    return (
        1.0,
        min(max(reading.evidence, -20.0), 40.0),
        math.log(mass / (1.0 - mass)),
        reading.hit_quality,
        float(reading.targeted),
        reading.regularity.resultant,
        min(reading.regularity.rayleigh, 30.0),
        math.log1p(reading.regularity.effective_onsets),
    )


def _logistic(weights: tuple[float, ...], reading: PulseReading) -> float:
    total = sum(map(operator.mul, weights, terms_of(reading)))
    return 1.0 / (1.0 + math.exp(-min(max(total, -50.0), 50.0)))


class LockState:
    """The state machine behind `WindowState`, evaluated at the end of every window."""

    def __init__(self) -> None:
        self._locked = False
        self._sounding_s = 0.0
        self._likely_s = 0.0

    def update(self, reading: PulseReading, *, silent: bool, elapsed_s: float) -> WindowState:
        """Take the reading at the end of a window that lasted ``elapsed_s``."""
        if silent:
            self._locked = False
            self._sounding_s = self._likely_s = 0.0
            return WindowState.SILENT
        self._sounding_s += elapsed_s
        probability = pulse_probability(reading)
        resultant, rayleigh = reading.regularity.resultant, reading.regularity.rayleigh
        hits = reading.hit_quality >= _TAKE_HITS
        likely = (
            hits
            and probability >= _TAKE
            and resultant >= _TAKE_RESULTANT
            and rayleigh >= _TAKE_RAYLEIGH
        )
        clear = (
            probability >= _CLEAR and resultant >= _CLEAR_RESULTANT and rayleigh >= _CLEAR_RAYLEIGH
        )
        self._likely_s = self._likely_s + elapsed_s if likely else 0.0
        if self._locked:
            held = probability >= _KEEP and resultant >= _KEEP_RESULTANT
            self._locked = held and reading.hit_quality >= _KEEP_HITS
        else:
            self._locked = clear or self._likely_s >= _TAKE_S
        if self._locked:
            # Losing a pulse that was held is LOST at once, not WARMING again.
            self._sounding_s = max(self._sounding_s, WARMING_S)
            return WindowState.LOCKED
        return WindowState.WARMING if self._sounding_s < WARMING_S else WindowState.LOST
