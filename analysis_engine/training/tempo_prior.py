"""How usual tempi are in practice: the table behind `analysis_engine.tracking.tempo_prior`.

``python -m analysis_engine.training.tempo_prior`` draws the tempi of generated practice clips (the
very ones that `analysis_engine.training.corpus` would perform, without their sound) and prints the
log of their density. The curve is smoothed over a tenth of an octave, and a fifth of it is spread
evenly over all tempi, because the generator's sharp ends (nothing below 30, much from 56 on) are
those of a program and of no student.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.tracking.tempo_prior import PRACTICE_FIRST_BPM, PRACTICE_STEPS_PER_OCTAVE
from analysis_engine.training.behaviour import draw_behaviour
from analysis_engine.training.corpus import plan_corpus

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLIPS: Final = 20_000
SEED: Final = 1
SMOOTHING_OCTAVES: Final = 0.1
EVEN_SHARE: Final = 0.2
_LAST_BPM: Final = 240.0


def practice_tempi(clip_count: int = CLIPS, seed: int = SEED) -> NDArray[np.float64]:
    """Return the tempo, bpm, at the start of every clip with a pulse, in a corpus of this size."""
    return np.array(
        [
            draw_behaviour(np.random.default_rng([seed, plan.index]), plan.scenario).bpm
            for plan in plan_corpus(clip_count)
            if plan.part != "n"
        ]
    )


def log_density_table(tempi_bpm: NDArray[np.float64]) -> tuple[float, ...]:
    """Return the log density per octave, relative to its highest, at the table's nodes.

    Parameters
    ----------
    tempi_bpm : float (n,)
        Tempi, smoothed here by a normal curve of `SMOOTHING_OCTAVES`; `EVEN_SHARE` is mixed in.
    """
    last = round(PRACTICE_STEPS_PER_OCTAVE * np.log2(_LAST_BPM / PRACTICE_FIRST_BPM))
    nodes = np.arange(last + 1) / PRACTICE_STEPS_PER_OCTAVE
    octaves = np.log2(tempi_bpm / PRACTICE_FIRST_BPM)
    distance = (nodes[:, None] - octaves[None, :]) / SMOOTHING_OCTAVES
    seen = np.exp(-0.5 * distance**2).mean(axis=1) / (SMOOTHING_OCTAVES * np.sqrt(2.0 * np.pi))
    log_density = np.log((1.0 - EVEN_SHARE) * seen + EVEN_SHARE / nodes[-1])
    return tuple(float(x) for x in np.round(log_density - log_density.max(), 2) + 0.0)


def main() -> None:
    """Print the table as it stands in the code."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis_engine.training.tempo_prior", description=__doc__
    )
    parser.add_argument("--clips", type=int, default=CLIPS)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    table = log_density_table(practice_tempi(options.clips, options.seed))
    for step, log_density in enumerate(table):
        bpm = PRACTICE_FIRST_BPM * 2.0 ** (step / PRACTICE_STEPS_PER_OCTAVE)
        print(f"{bpm:6.1f} bpm  {log_density:6.2f}")  # noqa: T201
    print(f"PRACTICE_LOG_DENSITY: Final = {table}")  # noqa: T201


if __name__ == "__main__":
    main()
