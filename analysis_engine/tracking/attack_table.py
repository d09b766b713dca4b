"""Measured: made by ``python -m analysis_engine.training.onset_noise CORPUS... --write``."""

from __future__ import annotations

from typing import Final

#: Mean softness of the attacks, how much later than played they are heard (s), and noise (sd, s).
BY_SOFTNESS: Final = (
    (0.338, -0.0080, 0.0017),
    (0.384, -0.0065, 0.0019),
    (0.419, -0.0083, 0.0020),
    (0.457, -0.0052, 0.0023),
    (0.496, 0.0077, 0.0060),
    (0.543, 0.0150, 0.0062),
    (0.603, 0.0133, 0.0065),
)
