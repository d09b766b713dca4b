"""Counts in bins: quantiles and spreads of a whole stream in bounded memory."""

from __future__ import annotations

from typing import Final

import numpy as np

# A robust sd from the median absolute deviation of a normal distribution.
_MAD_TO_SD: Final = 1.4826
# Values further out than this many sd are drawn in; that makes a normal sd this much smaller.
_FAR: Final = 2.5
_DRAWN_IN: Final = 1.02
_ROUNDS: Final = 5


class Histogram:
    """Counts over equal bins; values outside go into the end bins.

    A count begins as a byte, and all become wider when one of them is full.
    """

    def __init__(self, low: float, step: float, bins: int) -> None:
        self._low, self._step = low, step
        self._counts = np.zeros(bins, np.uint8)
        self._full = 255

    @property
    def total(self) -> int:
        """How many values were taken."""
        return int(self._counts.sum())

    @property
    def counts(self) -> np.ndarray:
        """Count of each bin, unsigned."""
        return self._counts

    @property
    def centres(self) -> np.ndarray:
        """Centre of each bin."""
        return self._low + self._step * (np.arange(self._counts.size) + 0.5)

    def add(self, value: float) -> None:
        """Take one value."""
        counts = self._counts
        index = min(max(int((value - self._low) / self._step), 0), counts.size - 1)
        if counts.item(index) == self._full:
            self._counts = counts = counts.astype(f"u{2 * counts.itemsize}")
            self._full = int(np.iinfo(counts.dtype).max)
        counts[index] += 1

    def quantile(self, share: float) -> float:
        """Return the value below which ``share`` of the counts lie, interpolated in its bin."""
        return weighted_quantile(self.centres, self._counts, self._step, share)

    def robust_sd(self) -> float:
        """Return the standard deviation of the values, those far out drawn in to 2.5 of it.

        Starts from the median absolute deviation; for normal values it is their own.
        """
        middle = self.quantile(0.5)
        distance = np.abs(self.centres - middle)
        order = np.argsort(distance, kind="stable")
        sd = _MAD_TO_SD * weighted_quantile(distance[order], self._counts[order], 0.0, 0.5)
        for _ in range(_ROUNDS):
            near = np.minimum(distance, _FAR * sd)
            mean_square = np.dot(near * near, self._counts) / self.total
            # A value is anywhere in its bin (W. Sheppard's correction).
            sd = _DRAWN_IN * np.sqrt(max(0.0, mean_square - self._step**2 / 12.0))
        return float(sd)


def weighted_quantile(centres: np.ndarray, counts: np.ndarray, step: float, share: float) -> float:
    """Quantile of binned values; ``centres`` increasing, bins ``step`` wide."""
    cumulative = np.cumsum(counts, dtype=np.float64)
    wanted = share * cumulative[-1]
    index = int(np.searchsorted(cumulative, wanted))
    index = min(index, counts.size - 1)
    before = cumulative[index] - counts[index]
    inside = (wanted - before) / counts[index] if counts[index] else 0.5
    return float(centres[index] + step * (inside - 0.5))
