"""Float samples to the PCM that live streams carry."""

from __future__ import annotations

from typing import Final

import numpy as np

_FULL_SCALE: Final = 32_768.0


def to_linear16(samples: np.ndarray) -> bytes:
    """Return float samples as little-endian 16-bit PCM.

    Parameters
    ----------
    samples : float32 (n, channels)
        Full scale is +-1 and beyond it is clipped; samples read from 16-bit PCM come back exactly.
    """
    scaled = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1.0)
    return scaled.astype("<i2").tobytes()
