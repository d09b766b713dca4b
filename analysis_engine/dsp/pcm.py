"""PCM bytes to mono float32 samples."""

from __future__ import annotations

from typing import Final

import numpy as np

from analysis_engine.config import Encoding
from analysis_engine.dsp.kernel import kernel

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
WORD_CLIP_LEVEL: Final = 32735
MULAW_CLIP_LEVEL: Final = np.float32(0.98)


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


@kernel
def _decode_words(words, channel_count, out):
    # Written out for one and two channels: an inner loop over them would stop vectorisation.
    clipped = np.int32(0)
    for i in range(words.size):
        word = np.int32(words[i])
        clipped += np.int32((word >= WORD_CLIP_LEVEL) | (word <= -WORD_CLIP_LEVEL))
    if channel_count == 1:
        step = np.float32(1.0 / 32768.0)
        for i in range(words.size):
            out[i] = np.float32(words[i]) * step
    else:
        step = np.float32(0.5 / 32768.0)
        for i in range(words.size // 2):
            out[i] = np.float32(np.int32(words[2 * i]) + np.int32(words[2 * i + 1])) * step
    return clipped


@kernel
def _clean(value):
    finite = value if np.isfinite(value) else np.float32(0.0)
    return min(max(finite, -FLOAT_CLAMP), FLOAT_CLAMP)


@kernel
def _decode_floats(floats, channel_count, out):
    clipped = np.int32(0)
    for i in range(floats.size):
        clipped += np.int32(abs(_clean(floats[i])) >= CLIP_LEVEL)
    if channel_count == 1:
        for i in range(floats.size):
            out[i] = _clean(floats[i])
    else:
        for i in range(floats.size // 2):
            out[i] = np.float32(0.5) * (_clean(floats[2 * i]) + _clean(floats[2 * i + 1]))
    return clipped


@kernel
def _decode_mulaw(codes, channel_count, out):
    clipped = np.int32(0)
    scale = np.float32(1.0 / channel_count)
    for i in range(codes.size // channel_count):
        total = np.float32(0.0)
        for channel in range(channel_count):
            value = _MULAW[codes[i * channel_count + channel]]
            clipped += np.int32(abs(value) >= MULAW_CLIP_LEVEL)
            total += value
        out[i] = total * scale
    return clipped


@kernel
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
    if encoding == LINEAR16:
        return _decode_words(raw.view(np.int16), channel_count, out)
    if encoding == FLOAT32:
        return _decode_floats(raw.view(np.float32), channel_count, out)
    return _decode_mulaw(raw, channel_count, out)
