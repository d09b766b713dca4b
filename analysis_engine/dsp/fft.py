"""Magnitudes of a windowed real frame: three radix-8 passes on packed pairs.

A real frame of 1024 is transformed as 512 complex samples (pairs of neighbours): 512 = 8 x 8 x 8.
Each pass runs over 64 columns at a stride of 64 (M. Pease, "An adaptation of the fast Fourier
transform for parallel processing", J. ACM 1968), so that columns fill vector registers; what stands
between the passes is a transposition, which compiles to shuffles.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.kernel import kernel

FFT_SIZE: Final = 1024
#: Bins that are computed: up to 6.5 kHz, where the bands end. A constant, and not an argument, so
#: that the compiler knows all bounds, which lets it vectorise.
BIN_COUNT: Final = 417

_HALF: Final = FFT_SIZE // 2
_COLUMNS: Final = _HALF // 8
_SQRT_HALF: Final = np.float32(np.sqrt(0.5))
_ZERO: Final = np.float32(0.0)


class FftPlan(NamedTuple):
    """Twiddles and scratch of a 1024-point real FFT; scratch makes a plan single-threaded.

    ``turn_re`` and ``turn_im`` (3, 512) float32 are the factors after each pass; ``split_re`` and
    ``split_im`` (512,) those that take the pairs apart; ``scratch`` is (4, 512).
    """

    turn_re: np.ndarray
    turn_im: np.ndarray
    split_re: np.ndarray
    split_im: np.ndarray
    scratch: np.ndarray


@cache
def _twiddles() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the constants that all plans share."""
    row, column = np.arange(8)[:, None], np.arange(_COLUMNS)[None, :]
    turn = np.ones((3, _HALF), np.complex128)
    turn[0] = np.exp(-2j * np.pi * row * column / _HALF).ravel()
    turn[1] = np.exp(-2j * np.pi * row * (column // 8) / _COLUMNS).ravel()
    split = 0.5 * np.exp(-2j * np.pi * np.arange(_HALF) / FFT_SIZE)
    return (
        turn.real.astype(np.float32),
        turn.imag.astype(np.float32),
        split.real.astype(np.float32),
        split.imag.astype(np.float32),
    )


def make_fft_plan() -> FftPlan:
    """Return a plan; all plans share their constants."""
    return FftPlan(*_twiddles(), np.zeros((4, _HALF), np.float32))


@kernel(fastmath=True)
def _quarter_turn(z):
    """Return -i z."""
    return complex(z.imag, -z.real)


@kernel(fastmath=True)
def _four(a, b, c, d):
    """Return the DFT of four values."""
    sum_ac, difference_ac = a + c, a - c
    sum_bd, turned_bd = b + d, _quarter_turn(b - d)
    return sum_ac + sum_bd, difference_ac + turned_bd, sum_ac - sum_bd, difference_ac - turned_bd


@kernel(fastmath=True)
def _eighth_turn(z):
    """Return z turned by -1/8."""
    return complex(_SQRT_HALF * (z.real + z.imag), _SQRT_HALF * (z.imag - z.real))


@kernel(fastmath=True)
def _pass(xr, xi, turn_re, turn_im, yr, yi):
    """DFT down each of the 64 columns of (8, 64), then turn; all arrays float32 (512,)."""
    for q in range(_COLUMNS):
        a, e = complex(xr[q], xi[q]), complex(xr[256 + q], xi[256 + q])
        b, f = complex(xr[64 + q], xi[64 + q]), complex(xr[320 + q], xi[320 + q])
        c, g = complex(xr[128 + q], xi[128 + q]), complex(xr[384 + q], xi[384 + q])
        d, h = complex(xr[192 + q], xi[192 + q]), complex(xr[448 + q], xi[448 + q])
        even = _four(a + e, b + f, c + g, d + h)
        last = _eighth_turn(_quarter_turn(d - h))
        odd = _four(a - e, _eighth_turn(b - f), _quarter_turn(c - g), last)
        yr[q], yi[q] = even[0].real, even[0].imag
        z = odd[0] * complex(turn_re[64 + q], turn_im[64 + q])
        yr[64 + q], yi[64 + q] = z.real, z.imag
        z = even[1] * complex(turn_re[128 + q], turn_im[128 + q])
        yr[128 + q], yi[128 + q] = z.real, z.imag
        z = odd[1] * complex(turn_re[192 + q], turn_im[192 + q])
        yr[192 + q], yi[192 + q] = z.real, z.imag
        z = even[2] * complex(turn_re[256 + q], turn_im[256 + q])
        yr[256 + q], yi[256 + q] = z.real, z.imag
        z = odd[2] * complex(turn_re[320 + q], turn_im[320 + q])
        yr[320 + q], yi[320 + q] = z.real, z.imag
        z = even[3] * complex(turn_re[384 + q], turn_im[384 + q])
        yr[384 + q], yi[384 + q] = z.real, z.imag
        z = odd[3] * complex(turn_re[448 + q], turn_im[448 + q])
        yr[448 + q], yi[448 + q] = z.real, z.imag


@kernel(fastmath=True)
def _swap_to_columns(x, y):
    """Transpose x (8, 64) to y (64, 8); both flat."""
    for q in range(_COLUMNS):
        for row in range(8):
            y[8 * q + row] = x[64 * row + q]


@kernel(fastmath=True)
def _swap_blocks(x, y):
    """Write x (8, 8, 8) to y with its first two axes swapped; both flat."""
    for a in range(8):
        for b in range(8):
            i, o = 64 * b + 8 * a, 64 * a + 8 * b
            # All loads come before all stores: that makes it one vector move.
            values = (x[i], x[i + 1], x[i + 2], x[i + 3], x[i + 4], x[i + 5], x[i + 6], x[i + 7])
            y[o], y[o + 1], y[o + 2], y[o + 3] = values[:4]
            y[o + 4], y[o + 5], y[o + 6], y[o + 7] = values[4:]


@kernel(fastmath=True)
def _split(split_re, split_im, yr, yi, out):
    """Magnitudes from the packed transform: its even part plus its turned odd part."""
    half = np.float32(0.5)
    out[0] = abs(yr[0] + yi[0])
    for k in range(1, BIN_COUNT):
        odd_re, odd_im = yi[k] + yi[_HALF - k], yr[_HALF - k] - yr[k]
        re = half * (yr[k] + yr[_HALF - k]) + odd_re * split_re[k] - odd_im * split_im[k]
        im = half * (yi[k] - yi[_HALF - k]) + odd_re * split_im[k] + odd_im * split_re[k]
        out[k] = np.sqrt(re * re + im * im)


@kernel(fastmath=True)
def magnitude_spectrum(plan, samples, window, out) -> None:
    """Write |FFT| of a real frame times its window, zeros up to 1024.

    Parameters
    ----------
    plan : FftPlan
    samples, window : float32 (n,)
        n even, at most 1024.
    out : float32 (BIN_COUNT,)
        Magnitudes from 0 Hz on.
    """
    turn_re, turn_im, split_re, split_im, scratch = plan
    xr, xi, yr, yi = scratch[0], scratch[1], scratch[2], scratch[3]
    pairs = samples.size // 2
    for k in range(pairs):
        xr[k] = samples[2 * k] * window[2 * k]
        xi[k] = samples[2 * k + 1] * window[2 * k + 1]
    for k in range(pairs, _HALF):
        xr[k] = _ZERO
        xi[k] = _ZERO
    _pass(xr, xi, turn_re[0], turn_im[0], yr, yi)
    _swap_to_columns(yr, xr)
    _swap_to_columns(yi, xi)
    _pass(xr, xi, turn_re[1], turn_im[1], yr, yi)
    _swap_blocks(yr, xr)
    _swap_blocks(yi, xi)
    _pass(xr, xi, turn_re[2], turn_im[2], yr, yi)
    _split(split_re, split_im, yr, yi, out)
