"""Measured: made by ``python -m analysis_engine.training.onset_noise CORPUS... --write``."""

from __future__ import annotations

from typing import Final

#: Mean softness of the attacks, how much later than played they are heard (s), and noise (sd, s).
BY_SOFTNESS: Final = (
    (0.007, 0.0010, 0.0030),
    (0.861, 0.0226, 0.0056),
    (0.940, 0.0244, 0.0068),
)
