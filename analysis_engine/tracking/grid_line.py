"""A straight line through onsets that follows the player: phase and period, several models of them.

How even the player is and how much the tempo moves is not known beforehand, so Kalman filters for
several of both run side by side and count by how well they foretold the onsets (D. Magill, "Optimal
adaptive estimation of sampled stochastic processes", IEEE Trans. Automatic Control, 1965).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from analysis_engine.dsp.kernel import kernel

# How much the period wanders (sd per beat, as a share) and how uneven the player is (sd, s).
_WANDER: Final = (0.0002, 0.001, 0.004, 0.02)
_UNEVEN_S: Final = (0.004, 0.01, 0.02, 0.035)
#: Models (models, 2): wander, unevenness.
MODELS: Final = np.array([(wander, uneven_s) for wander in _WANDER for uneven_s in _UNEVEN_S])
# Evidence is forgotten over some 20 onsets.
_MODEL_KEEP: Final = 0.95
# The decoder's period is a reading of the period, this exact over one beat; a new line knows it
# better than that.
_PERIOD_SHARE: Final = 0.2
_START_SHARE: Final = 0.02
# Now and then a note comes this much later or earlier than the player's usual.
_SLIP_SHARE: Final = 0.15
_SLIP_S: Final = 0.03
# Squared standard deviations from which a density (below 1e-17) is not worth its exponential.
_FARTHEST: Final = 80.0
# No single onset moves a line by more than this many of its standard deviations.
_CLIP: Final = 3.0

# Columns of a line's state (models, 6): phase (s) and period (s) at the newest onset, their
# covariance, log evidence.
_PHASE, _PERIOD, _PP, _PT, _TT, _EVIDENCE = range(6)
LINE_SIZE: Final = 6


@kernel
def begin_line(line, known, onset_s, period_s):
    """Let a line begin at an onset; the evidence in ``known`` for each model stays."""
    for m in range(MODELS.shape[0]):
        evidence = known[m, _EVIDENCE]
        line[m, :] = 0.0
        line[m, _PHASE] = onset_s
        line[m, _PERIOD] = period_s
        line[m, _PP] = MODELS[m, 1] ** 2
        line[m, _TT] = (_START_SHARE * period_s) ** 2
        line[m, _EVIDENCE] = evidence


@kernel
def weigh(line, weights):
    """Weights of the models (sum 1) from their evidence; returns mean phase and period."""
    most = line[0, _EVIDENCE]
    for m in range(weights.size):
        most = max(most, line[m, _EVIDENCE])
    total = 0.0
    for m in range(weights.size):
        weights[m] = math.exp(line[m, _EVIDENCE] - most)
        total += weights[m]
    phase_s = period_s = 0.0
    for m in range(weights.size):
        weights[m] /= total
        phase_s += weights[m] * line[m, _PHASE]
        period_s += weights[m] * line[m, _PERIOD]
    return phase_s, period_s


@kernel
def density(line, weights, onset_s, beats, moved):
    """Density (1/s) of an onset here if it is due ``beats`` and ``moved`` after the newest."""
    total = 0.0
    for m in range(weights.size):
        if weights[m] < 1e-6:
            continue
        f = line[m]
        error = onset_s - f[_PHASE] - f[_PERIOD] * (beats + moved)
        variance = f[_PP] + beats * (2.0 * f[_PT] + beats * f[_TT]) + MODELS[m, 1] ** 2
        slip = variance + _SLIP_S**2
        square = error * error
        rare = math.exp(-0.5 * square / slip) / math.sqrt(slip)
        total += weights[m] * _SLIP_SHARE * rare
        if square < _FARTHEST * variance:
            usual = math.exp(-0.5 * square / variance) / math.sqrt(variance)
            total += weights[m] * (1.0 - _SLIP_SHARE) * usual
    return total / math.sqrt(2.0 * math.pi)


@kernel
def _advance(f, model, beats, period_s):
    """Move one line on by ``beats``; the decoder's period is a reading on the way."""
    wander = (model[0] * f[_PERIOD]) ** 2 * beats
    f[_PHASE] += f[_PERIOD] * beats
    f[_PP] += beats * (2.0 * f[_PT] + beats * f[_TT]) + wander * beats * beats / 3.0
    f[_PT] += beats * f[_TT] + wander * beats / 2.0
    f[_TT] += wander
    gain = 1.0 / (f[_TT] + (_PERIOD_SHARE * f[_PERIOD]) ** 2 / beats)
    error = period_s - f[_PERIOD]
    f[_PHASE] += f[_PT] * gain * error
    f[_PERIOD] += f[_TT] * gain * error
    f[_PP] -= f[_PT] * f[_PT] * gain
    f[_PT] -= f[_PT] * f[_TT] * gain
    f[_TT] -= f[_TT] * f[_TT] * gain


@kernel
def _correct(f, model, onset_s, moved):
    """Let one line hear the onset; returns its standardised residual (s) and log evidence.

    The onset pulls the line towards itself; times sqrt(R / S) the residual's spread is the
    player's.
    """
    spread = f[_PP] + model[1] ** 2
    error = onset_s - f[_PHASE] - moved * f[_PERIOD]
    limit = _CLIP * math.sqrt(spread)
    heard = min(limit, max(-limit, error))
    f[_PHASE] += f[_PP] / spread * heard
    f[_PERIOD] += f[_PT] / spread * heard
    f[_TT] -= f[_PT] * f[_PT] / spread
    f[_PT] *= 1.0 - f[_PP] / spread
    f[_PP] *= 1.0 - f[_PP] / spread
    evidence = -0.5 * heard * heard / spread - 0.5 * math.log(spread)
    f[_EVIDENCE] = _MODEL_KEEP * f[_EVIDENCE] + evidence
    return error * math.sqrt(model[1] ** 2 / spread), evidence


@kernel
def pull_line(line, weights, onset_s, beats, moved, period_s):
    """Move a line on by ``beats`` to an onset that is due ``moved`` beats later.

    Returns how late the onset is, s: the mean over the models of the standardised residuals.
    """
    late_s = total = 0.0
    for m in range(weights.size):
        _advance(line[m], MODELS[m], beats, period_s)
        residual_s, evidence = _correct(line[m], MODELS[m], onset_s, moved)
        weight = weights[m] * math.exp(evidence)
        late_s += weight * residual_s
        total += weight
    return late_s / total
