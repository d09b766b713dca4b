"""Fit the two regressions behind `analysis_engine.tracking.lock` on generated corpora.

``python -m analysis_engine.training.lock CORPUS...`` prints the weights, how well they are
calibrated, and how often sounds without a pulse would pass. Corpora are made by
`analysis_engine.training.corpus`; evaluation clips have no place here.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile as sf

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.tracking.lock import PulseReading, terms_of
from analysis_engine.tracking.tracker import Tracker

# A reading counts once a student has had this long to show a pulse.
_SETTLE_S: Final = 3.0
_TEMPO_TOLERANCE: Final = 0.04
_RIDGE: Final = 1.0
# Sounds without a pulse are few in a corpus and must not be outvoted.
_PULSELESS_WEIGHT: Final = 3.0
_PULSELESS_TARGET_BPM: Final = 100.0


@dataclass(frozen=True, slots=True)
class Examples:
    """Readings with their truth.

    ``terms`` (n, terms); ``pulse`` (n,) whether the clip has a pulse; ``right`` (n,) whether the
    tempo is within 4 % of the truth.
    """

    terms: np.ndarray
    pulse: np.ndarray
    right: np.ndarray


def readings_of(path: Path, target_bpm: float | None) -> list[tuple[float, PulseReading]]:
    """Return (seconds, reading) every half second of a clip, as a live stream would have them."""
    samples, rate_hz = sf.read(path, dtype="int16", always_2d=True)
    config = StreamConfig(Encoding.LINEAR16, rate_hz, samples.shape[1], target_bpm)
    tracker = Tracker(config)
    step = rate_hz // 2
    readings = []
    for start in range(0, len(samples) - step + 1, step):
        tracker.process(samples[start : start + step].tobytes())
        readings.append(((start + step) / rate_hz, tracker.pulse_reading()))
    return readings


def is_settled(clip: dict[str, Any], at_s: float) -> bool:
    """Whether a reading at this time should know the tempo."""
    if at_s < max(0.0, clip["beats"][0]) + _SETTLE_S:
        return False
    return not any(low < at_s < high + _SETTLE_S for low, high in clip["gaps"])


def true_bpm(clip: dict[str, Any], at_s: float) -> float:
    """Mean tempo of the 4 s before, bpm."""
    tempo = np.array(clip["tempo"])
    near = (tempo[:, 0] <= at_s) & (tempo[:, 0] > at_s - 4.0)
    if not near.any():
        near = np.arange(len(tempo)) == max(0, int(np.searchsorted(tempo[:, 0], at_s)) - 1)
    return float(60.0 / np.mean(60.0 / tempo[near, 1]))


def collect(corpora: list[Path]) -> Examples:
    """Run every clip with and without its target and keep the settled readings."""
    terms, pulse, right = [], [], []
    for corpus in corpora:
        for line in (corpus / "truth.jsonl").read_text(encoding="utf-8").splitlines():
            clip = json.loads(line)
            has_pulse = bool(clip["beats"])
            target_bpm = clip["target_bpm"] if has_pulse else _PULSELESS_TARGET_BPM
            for target in (target_bpm, None):
                for at_s, reading in readings_of(corpus / clip["file"], target):
                    if has_pulse and not is_settled(clip, at_s):
                        continue
                    terms.append(terms_of(reading))
                    pulse.append(has_pulse)
                    error = abs(reading.bpm / true_bpm(clip, at_s) - 1.0) if has_pulse else 1.0
                    right.append(error <= _TEMPO_TOLERANCE)
            print(f"\r{len(terms)} readings", end="", flush=True)  # noqa: T201 - progress
    return Examples(np.array(terms), np.array(pulse), np.array(right))


def fit(terms: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ridge logistic regression by Newton's method; ``terms`` (n, k) with a constant first."""
    scale = np.maximum(terms.std(axis=0), 1e-9)
    scale[0] = 1.0
    scaled = terms / scale
    beta = np.zeros(terms.shape[1])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-scaled @ beta))
        gradient = scaled.T @ (weights * (labels - p)) - _RIDGE * beta
        curvature = (scaled.T * (weights * p * (1.0 - p))) @ scaled + _RIDGE * np.eye(beta.size)
        step = np.linalg.solve(curvature, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(beta / scale)


def report(examples: Examples) -> None:
    """Print weights, shares that pass, and the calibration."""
    pulse, right = examples.pulse, examples.right
    clear = ~pulse | right
    weights = np.where(pulse, 1.0, _PULSELESS_WEIGHT)
    for name, kept, labels in (("pulse", clear, pulse), ("tempo", pulse, right)):
        beta = fit(examples.terms[kept], labels[kept].astype(float), weights[kept])
        print(f"\n{name} weights: ({', '.join(f'{b:.3g}' for b in beta)})")  # noqa: T201
        p = 1.0 / (1.0 + np.exp(-examples.terms @ beta))
        if name == "pulse":
            for level in (0.5, 0.8, 0.9, 0.95):
                shares = [np.mean(p[group] > level) for group in (~pulse, pulse, pulse & right)]
                said = ", ".join(f"{share:.3f}" for share in shares)
                print(f"  p > {level}: {said} (no pulse, pulse, tempo right)")  # noqa: T201
        else:
            for low in np.arange(0.0, 1.0, 0.1):
                group = pulse & (p >= low) & (p < low + 0.1)
                share = right[group].mean() if group.any() else float("nan")
                print(f"  said {low:.1f}-{low + 0.1:.1f}: {share:.2f} of {group.sum()}")  # noqa: T201


def main() -> None:
    """Fit on the corpora named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="+")
    report(collect(parser.parse_args().corpora))


if __name__ == "__main__":
    main()
