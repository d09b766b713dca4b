"""PCM bytes to mono float32 samples."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from analysis_engine.config import Encoding

LINEAR16: Final = 0
FLOAT32: Final = 1
MULAW: Final = 2
ENCODING_CODES: Final = {
    Encoding.LINEAR16: LINEAR16,
    Encoding.FLOAT32: FLOAT32,
    Encoding.MULAW: MULAW,
}

# Float input may legally exceed full scale; beyond this it is a broken sender, and clamped.
FLOAT_CLAMP: Final = np.float32(4.0)
CLIP_LEVEL: Final = np.float32(0.999)


def mulaw_table() -> np.ndarray:
    """Return the 256 samples of ITU-T G.711 mu-law, float32 in -1..1."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4) & 7
    mantissa = (code & 15).astype(np.int32)
    magnitude = ((2 * mantissa + 33) << exponent.astype(np.int32)) - 33
    sign = np.where(code & 0x80, -1, 1)
    table: np.ndarray = (sign * magnitude * 4 / 32768).astype(np.float32)
    return table


_MULAW: Final = mulaw_table()


@njit(nogil=True, cache=True)
def decode(raw, encoding, channel_count, out):
    """Decode interleaved bytes to mono; returns how many samples touched full scale.

    Parameters
    ----------
    raw : uint8 (n * channel_count * bytes per sample,)
    encoding : int
        LINEAR16, FLOAT32 or MULAW.
    channel_count : int
        1 or 2; two are averaged.
    out : float32 (>= n,)
        Filled with n samples; full scale is +-1, non-finite input becomes 0.
    """
    clipped = 0
    scale = np.float32(1.0 / channel_count)
    if encoding == LINEAR16:
        words = raw.view(np.int16)
        step = np.float32(scale / 32768.0)
        for i in range(words.size // channel_count):
            total = np.float32(0.0)
            for channel in range(channel_count):
                word = words[i * channel_count + channel]
                total += np.float32(word)
                clipped += (word >= 32735) | (word <= -32735)
            out[i] = total * step
    elif encoding == FLOAT32:
        floats = raw.view(np.float32)
        for i in range(floats.size // channel_count):
            total = np.float32(0.0)
            for channel in range(channel_count):
                value = floats[i * channel_count + channel]
                if not np.isfinite(value):
                    value = np.float32(0.0)
                value = min(max(value, -FLOAT_CLAMP), FLOAT_CLAMP)
                clipped += abs(value) >= CLIP_LEVEL
                total += value
            out[i] = total * scale
    else:
        for i in range(raw.size // channel_count):
            total = np.float32(0.0)
            for channel in range(channel_count):
                value = _MULAW[raw[i * channel_count + channel]]
                clipped += abs(value) >= np.float32(0.98)
                total += value
            out[i] = total * scale
    return clipped
