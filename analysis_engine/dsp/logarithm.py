"""A natural logarithm that vectorises: the library's would be called once per value.

S. Moshier, Cephes Mathematical Library, `logf`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from analysis_engine.dsp.kernel import kernel

_MANTISSA_BITS: Final = np.int32(23)
# The bits of sqrt(1/2): mantissas are taken from there to sqrt(2).
_SQRT_HALF_BITS: Final = np.int32(0x3F3504F3)
_LOG_2: Final = np.float32(np.log(2.0))
_C0: Final = np.float32(7.0376836292e-2)
_C1: Final = np.float32(-1.1514610310e-1)
_C2: Final = np.float32(1.1676998740e-1)
_C3: Final = np.float32(-1.2420140846e-1)
_C4: Final = np.float32(1.4249322787e-1)
_C5: Final = np.float32(-1.6668057665e-1)
_C6: Final = np.float32(2.0000714765e-1)
_C7: Final = np.float32(-2.4999993993e-1)
_C8: Final = np.float32(3.3333331174e-1)
_HALF: Final = np.float32(0.5)
_ONE: Final = np.float32(1.0)


@kernel(fastmath=True)
def log(value):
    """Return the logarithm of a positive, normal float32, to 1e-6."""
    bits = np.float32(value).view(np.int32)
    exponent = np.int32((bits - _SQRT_HALF_BITS) >> _MANTISSA_BITS)
    x = np.int32(bits - (exponent << _MANTISSA_BITS)).view(np.float32) - _ONE
    series = ((((_C0 * x + _C1) * x + _C2) * x + _C3) * x + _C4) * x + _C5
    series = ((series * x + _C6) * x + _C7) * x + _C8
    square = x * x
    return x * square * series - _HALF * square + x + np.float32(exponent) * _LOG_2
