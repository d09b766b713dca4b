"""Oracles of the metronome's kernels, by NumPy and by trying everything."""

from __future__ import annotations

import numpy as np


def burst_energies(power: np.ndarray, peak: int) -> tuple[np.ndarray, np.ndarray]:
    """Energy above what was there before, and its centre in frames after ``peak``, by group.

    ``power`` (frames, groups), of the whole recording.
    """
    base = power[peak - 4 : peak - 2].min(axis=0)
    extra = np.maximum(0.0, power[peak - 2 : peak + 10] - base)
    energy = extra.sum(axis=0)
    offsets = np.arange(-2, 10)[:, None]
    return energy, (offsets * extra).sum(axis=0) / np.maximum(energy, 1e-30)


def even_period(times: np.ndarray) -> float:
    """Slope of the straight line through evenly numbered times."""
    return float(np.polyfit(np.arange(times.size), times, 1)[0])


def without_click(
    magnitudes: np.ndarray, held: np.ndarray, click: np.ndarray, margin: float
) -> np.ndarray:
    """Bands of which the click was taken: what it explains goes back to what was held."""
    explained = magnitudes <= held + margin * click
    new = np.sqrt(np.maximum(0.0, magnitudes**2 - (margin * click) ** 2))
    rest = np.minimum(magnitudes, held)
    cleaned = np.where(explained, rest, np.maximum(rest, new))
    return np.where(margin * click < 0.05 * magnitudes, magnitudes, cleaned)
