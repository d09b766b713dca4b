"""Measured: made by ``python -m analysis_engine.training.onset_noise CORPUS... --write``."""

from __future__ import annotations

from typing import Final

#: Mean softness of the attacks, how much later than played they are heard (s), and noise (sd, s).
BY_SOFTNESS: Final = (
    (0.006, 0.0016, 0.0028),
    (0.870, 0.0312, 0.0083),
    (0.940, 0.0249, 0.0063),
    (0.974, 0.0236, 0.0059),
)
