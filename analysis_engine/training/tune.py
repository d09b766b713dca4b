"""Search the decoder's parameters on held-out generated performances.

``python -m analysis_engine.training.tune --work build/training`` perturbs a few parameters at a
time and keeps what is better, for a given number of trials; it prints the best `DecoderConfig`.
Evaluation clips have no place here.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from analysis_engine.tracking.decoder import DecoderConfig
from analysis_engine.training.dataset import read_shard
from analysis_engine.training.decoding import Heard, hear, score

#: Relative size of a perturbation, by parameter; those that are not here stay.
STEPS: Final[dict[str, float]] = {
    "stiffness": 0.3,
    "beat_gain": 0.3,
    "onset_gain": 0.5,
    "half_gain": 0.5,
    "subdivision_gain": 0.5,
    "miss_gain": 0.3,
    "activation_floor": 0.3,
    "activation_ceiling": 0.1,
    "target_weight": 0.4,
    "target_sd_octaves": 0.2,
    "prior_weight": 0.5,
    "restart": 1.0,
    "first_onset": 0.2,
}
#: How much a group counts; practice most.
GROUP_WEIGHTS: Final[dict[str, float]] = {"fixed": 3.0, "moving": 3.0, "expressive": 2.0}
_TEMPO_WEIGHT: Final = 0.5
_CHANGED_AT_ONCE: Final = 3

_heard: list[Heard] = []


def perturbed(rng: np.random.Generator, config: DecoderConfig) -> DecoderConfig:
    """Return a neighbour of a configuration."""
    names = rng.choice(list(STEPS), size=int(rng.integers(1, _CHANGED_AT_ONCE + 1)), replace=False)
    changes: dict[str, float] = {}
    for name in names:
        value = getattr(config, name) * float(np.exp(rng.normal(0.0, STEPS[name])))
        changes[name] = min(value, 0.98) if name in {"activation_ceiling", "first_onset"} else value
    return dataclasses.replace(config, **changes)


def merit(scores: dict[tuple[str, bool], tuple[float, float]]) -> float:
    """Return one number for a table of F and tempo shares; higher is better."""
    total = weights = 0.0
    for (group, _), (f, tempo) in scores.items():
        weight = GROUP_WEIGHTS.get(group, 1.0)
        total += weight * (f + _TEMPO_WEIGHT * tempo)
        weights += weight
    return total / weights


def _load(paths: list[Path], clip_count: int) -> None:
    clips = [clip for path in paths for clip in read_shard(path)][:clip_count]
    _heard.extend(hear(clips))


def _merit_of(config: DecoderConfig) -> float:
    return merit(score(_heard, config))


def main(arguments: list[str] | None = None) -> None:
    """Search from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis_engine.training.tune", description=__doc__
    )
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--pattern", default="shard_2_*.npz", help="held-out shards")
    parser.add_argument("--clips", type=int, default=90)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    paths = sorted(options.work.glob(options.pattern))
    best = DecoderConfig()
    with ProcessPoolExecutor(
        options.jobs,
        mp_context=get_context("spawn"),
        initializer=_load,
        initargs=(paths, options.clips),
    ) as pool:
        best_merit = pool.submit(_merit_of, best).result()
        sys.stdout.write(f"{best_merit:.4f} as shipped\n")
        for _ in range(0, options.trials, options.jobs):
            trials = [perturbed(rng, best) for _ in range(options.jobs)]
            for trial, value in zip(trials, pool.map(_merit_of, trials), strict=True):
                if value > best_merit:
                    best, best_merit = trial, value
                    sys.stdout.write(f"{best_merit:.4f} {best}\n")
                    sys.stdout.flush()


if __name__ == "__main__":
    main()
