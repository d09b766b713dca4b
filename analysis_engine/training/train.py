"""Make the shipped weights from nothing: perform, fit, measure, export.

``make train`` runs ``python -m analysis_engine.training.train``. It writes the weights file and the
model card beside it, and keeps performances in ``--work`` so that a second run begins with fitting.
``--check`` fits again, writes nothing, and says whether the metrics agree with the shipped card's.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jax
import numpy as np

from analysis_engine.dsp import network as engine_network
from analysis_engine.dsp.network import WEIGHTS_FILE, weights_of
from analysis_engine.training.dataset import read_shard, write_dataset
from analysis_engine.training.fitting import FitConfig, fit
from analysis_engine.training.held_out import Metrics, measure
from analysis_engine.training.model_card import (
    CARD_FILE,
    TOLERANCE,
    Provenance,
    read_metrics,
    write_card,
)
from analysis_engine.training.voices.sampled import SOUND_FONTS, available_fonts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis_engine.training.dataset import TrainingClip

PACKAGE_DIR: Final = Path(engine_network.__file__).parent
TRAINING_SEED: Final = 1
HELD_OUT_SEED: Final = 2
_REPORT_EVERY: Final = 25


class _Progress:
    """One line on stderr: steps, the mean loss of the last ones, and how long it will take."""

    def __init__(self, step_count: int) -> None:
        self._step_count = step_count
        self._started_s = time.monotonic()
        self._losses: list[float] = []

    def __call__(self, done: int, loss: float) -> None:
        self._losses = [*self._losses[-99:], loss]
        if done % _REPORT_EVERY and done != self._step_count:
            return
        left_s = (time.monotonic() - self._started_s) / done * (self._step_count - done)
        sys.stderr.write(
            f"\rfitted {done} of {self._step_count} steps, loss {np.mean(self._losses):.4f}, "
            f"{left_s / 60.0:.0f} min left "
        )
        sys.stderr.flush()


def _clips(paths: Sequence[Path]) -> list[TrainingClip]:
    return [clip for path in paths for clip in read_shard(path)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis_engine.training.train", description=__doc__
    )
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--shards", type=int, default=93, help="half hours to learn from")
    parser.add_argument("--held-out-shards", type=int, default=4, help="half hours to measure on")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=PACKAGE_DIR)
    parser.add_argument("--check", action="store_true", help="compare with the shipped card only")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Train from the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    missing = [font.package for font in SOUND_FONTS if font.name not in available_fonts()]
    if missing:
        sys.stderr.write(
            f"Training needs FluidSynth and sound fonts: apt-get install libfluidsynth3 "
            f"{' '.join(missing)}\n"
        )
        return 2
    jax.config.update("jax_num_cpu_devices", options.jobs)
    paths = write_dataset(options.work, TRAINING_SEED, options.shards, options.jobs)
    held_out_paths = write_dataset(
        options.work, HELD_OUT_SEED, options.held_out_shards, options.jobs
    )
    config = FitConfig()
    clips, held_out = _clips(paths), _clips(held_out_paths)
    parameters, losses = fit(clips, config, _Progress(config.step_count))
    sys.stderr.write("\n")
    metrics = measure(held_out, weights_of(parameters))
    if options.check:
        return _compare(metrics, options.out)
    options.out.mkdir(parents=True, exist_ok=True)
    np.savez(options.out / WEIGHTS_FILE, **parameters)
    provenance = Provenance(len(clips), len(held_out), config, float(np.mean(losses[-100:])))
    write_card(options.out / CARD_FILE, provenance, parameters, metrics)
    sys.stdout.write(f"{options.out / WEIGHTS_FILE}\n{options.out / CARD_FILE}\n")
    return 0


def _compare(metrics: Metrics, folder: Path) -> int:
    shipped = read_metrics(folder / CARD_FILE)
    status = 0
    for name, value in metrics.items():
        apart = abs(value - shipped[name])
        status |= apart > TOLERANCE
        sys.stdout.write(f"{name:28} shipped {shipped[name]:.3f}  now {value:.3f}\n")
    sys.stdout.write(f"within {TOLERANCE}: {'no' if status else 'yes'}\n")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
