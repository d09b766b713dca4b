from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from analysis_engine.tracking.decoder import DecoderConfig
from analysis_engine.training.tune import STEPS, merit, perturbed


def test_a_neighbour_differs_in_at_most_three_parameters_and_stays_positive() -> None:
    rng = np.random.default_rng(1)
    start = DecoderConfig()

    for _ in range(100):
        neighbour = perturbed(rng, start)
        changed = {
            name
            for name, value in dataclasses.asdict(neighbour).items()
            if value != getattr(start, name)
        }
        assert 1 <= len(changed) <= 3
        assert changed <= set(STEPS)
        assert all(getattr(neighbour, name) > 0.0 for name in changed)
        assert neighbour.activation_ceiling <= 0.98
        assert neighbour.first_onset <= 0.98


def test_practice_counts_most() -> None:
    even = {("fixed", True): (0.5, 0.5), ("drummer", True): (0.5, 0.5)}

    better_practice = merit({**even, ("fixed", True): (0.7, 0.5)})
    better_drums = merit({**even, ("drummer", True): (0.7, 0.5)})

    assert merit(even) == pytest.approx(0.75)
    assert better_practice > better_drums > merit(even)
