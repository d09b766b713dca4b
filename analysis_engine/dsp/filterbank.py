"""Log-spaced triangular bands over a magnitude spectrum, stored sparsely."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.fft import FFT_SIZE
from analysis_engine.dsp.kernel import kernel
from analysis_engine.dsp.resample import ENGINE_RATE_HZ

BAND_COUNT: Final = 60
LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 6_500.0


class FilterBank(NamedTuple):
    """Triangles in sparse rows.

    Band b weighs the bins from ``first[b]`` on with ``weights[offset[b]:offset[b + 1]]``.
    """

    first: np.ndarray
    offset: np.ndarray
    weights: np.ndarray


def bin_count() -> int:
    """Bins of the spectrum that any band looks at."""
    bank = make_filter_bank()
    return int((bank.first + np.diff(bank.offset)).max())


@cache
def make_filter_bank() -> FilterBank:
    """Return 60 triangles, equally spaced in log frequency from 60 Hz to 6.5 kHz.

    A triangle is at least two bins wide, so that low bands are never empty; weights sum to 1.
    """
    bin_hz = ENGINE_RATE_HZ / FFT_SIZE
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BAND_COUNT + 2) / bin_hz
    first = np.zeros(BAND_COUNT, np.int64)
    rows = []
    for band in range(BAND_COUNT):
        centre = edges[band + 1]
        left = min(edges[band], centre - 1.0)
        right = max(edges[band + 2], centre + 1.0)
        bins = np.arange(int(np.ceil(left)), int(np.floor(right)) + 1)
        rising = (bins - left) / (centre - left)
        falling = (right - bins) / (right - centre)
        row = np.maximum(0.0, np.minimum(rising, falling))
        first[band] = bins[0]
        rows.append((row / row.sum()).astype(np.float32))
    offset = np.concatenate([[0], np.cumsum([row.size for row in rows])]).astype(np.int64)
    return FilterBank(first, offset, np.concatenate(rows))


@kernel(fastmath=True)
def _dot(weights, magnitudes):
    total = np.float32(0.0)
    for k in range(weights.size):
        total += weights[k] * magnitudes[k]
    return total


@kernel
def band_magnitudes(bank, magnitudes, out) -> None:
    """out[b] = sum of weights times magnitudes; ``magnitudes`` float32 (bins,), ``out`` (60,)."""
    first, offset, weights = bank
    for band in range(out.size):
        low, high = offset[band], offset[band + 1]
        start = first[band]
        out[band] = _dot(weights[low:high], magnitudes[start : start + high - low])
