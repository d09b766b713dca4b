"""What tempo to expect of somebody who set no target: that of practice, and that of themselves.

Practice material is not spread evenly over tempi, and a student who played a piece at 84 last time
will not play it at 168 today. Both are beliefs about the metrical level more than about the tempo:
they are wide, and what is heard outweighs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis_engine.config import ExpectedTempo

#: Log density (natural, per octave, relative to its highest) of the tempi of generated practice
#: material at 30 bpm and every sixth of an octave above, up to 240; printed by
#: ``python -m analysis_engine.training.tempo_prior``.
PRACTICE_FIRST_BPM: Final = 30.0
PRACTICE_STEPS_PER_OCTAVE: Final = 6
PRACTICE_LOG_DENSITY: Final = (
    -2.02, -1.95, -1.86, -1.3, -0.77, -0.58, -0.15, -0.03, -0.02, -0.01,
    0.0, 0.0, -0.07, -0.52, -0.92, -0.91, -1.09, -1.67, -1.98,
)  # fmt: skip
# Nothing is less expected than this against the most expected: another tempo may win by evidence.
_FLOOR: Final = -8.0


def practice_log_density(bpm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the natural log of how usual tempi are in practice, per octave.

    Linear between the table's nodes, and beyond them as at the last; integrates to 1 over the
    table's range.

    Parameters
    ----------
    bpm : float (n,)
        Tempi.
    """
    nodes = np.arange(len(PRACTICE_LOG_DENSITY)) / PRACTICE_STEPS_PER_OCTAVE
    table = np.array(PRACTICE_LOG_DENSITY)
    fine = np.linspace(0.0, nodes[-1], 64 * len(nodes))
    total = np.trapezoid(np.exp(np.interp(fine, nodes, table)), fine)
    at = np.log2(bpm / PRACTICE_FIRST_BPM)
    return np.asarray(np.interp(at, nodes, table) - np.log(total))


def log_weights(bpm: NDArray[np.float64], own: Sequence[ExpectedTempo] = ()) -> NDArray[np.float64]:
    """Return the log weight of each tempo, 0 for the most expected and never below -8.

    The student's own tempi are mixed with those of practice, which count as one session (the
    predictive distribution of a Dirichlet process whose base is practice, T. Ferguson, Annals of
    Statistics 1973): p = (practice + sum_i w_i N(log2 bpm_i, spread_i)) / (1 + sum_i w_i). So the
    more sessions, the surer; and a tempo never played before keeps the share of practice.

    Parameters
    ----------
    bpm : float (n,)
        Tempi to weigh.
    own
        Tempi of earlier sessions.
    """
    octave = np.log2(bpm)
    density = np.exp(practice_log_density(bpm))
    for tempo in own:
        distance = (octave - np.log2(tempo.bpm)) / tempo.spread_octaves
        height = tempo.weight / (tempo.spread_octaves * np.sqrt(2.0 * np.pi))
        density = density + height * np.exp(-0.5 * distance**2)
    return np.asarray(np.maximum(np.log(density / density.max()), _FLOOR))
