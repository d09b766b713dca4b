"""What is kept of many points, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Sums:
    """What is kept of points, and can be added up."""

    n: int
    total: float
    total_squares: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, value: float) -> Sums:
        """Return the sums of one point."""
        return cls(1, value, value * value, value, value)

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.n + other.n,
            self.total + other.total,
            self.total_squares + other.total_squares,
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
        )

    @property
    def mean(self) -> float:
        """The mean."""
        return self.total / self.n

    @property
    def standard_deviation(self) -> float | None:
        """The sample's standard deviation; None below two points."""
        if self.n < 2:
            return None
        squares = self.total_squares - self.total * self.total / self.n
        return math.sqrt(max(0.0, squares) / (self.n - 1))


def added_up(sums: Iterable[Sums]) -> Sums | None:
    """Return the sums of all; None of nothing."""
    each = list(sums)
    return reduce(Sums.__add__, each) if each else None
