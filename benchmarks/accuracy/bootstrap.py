"""How far a figure would move with other clips of the same kinds: bootstrap over clips.

B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13: percentile intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

RESAMPLES: Final = 2_000
SEED: Final = 20_26
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, and where 95 % of the resampled figures lie."""

    value: float
    low: float
    high: float


def ratio_interval(parts: Sequence[float], wholes: Sequence[float]) -> Interval:
    """Sum of ``parts`` over sum of ``wholes``, resampled over clips with replacement.

    Each clip gives one part and one whole, so clips with more windows weigh more, and windows of
    one clip, which resemble each other, move together.

    Raises
    ------
    ValueError
        When there is no clip, or the whole is nothing.
    """
    part, whole = np.asarray(parts, float), np.asarray(wholes, float)
    if not whole.sum():
        raise ValueError("nothing to resample")
    picks = np.random.default_rng(SEED).integers(0, part.size, (RESAMPLES, part.size))
    sums = whole[picks].sum(axis=1)
    ratios = part[picks].sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.quantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(part.sum() / whole.sum()), float(low), float(high))


def mean_interval(values: Sequence[float]) -> Interval:
    """Mean over clips.

    Raises
    ------
    ValueError
        When there is no clip.
    """
    return ratio_interval(values, np.ones(len(values)).tolist())


def difference_interval(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Mean of ours - theirs over the same clips: what is hard for both cancels out.

    Raises
    ------
    ValueError
        When there is no clip, or the lengths differ.
    """
    return mean_interval([mine - other for mine, other in zip(ours, theirs, strict=True)])
