"""Real FFT of one frame: Stockham radix-4 on packed pairs.

C. Van Loan, "Computational Frameworks for the Fast Fourier Transform", section 1.7.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numba import njit

FFT_SIZE: Final = 1024
_HALF: Final = FFT_SIZE // 2


class FftPlan(NamedTuple):
    """Twiddles and scratch of a 1024-point real FFT; scratch makes a plan single-threaded."""

    twiddle_re: np.ndarray
    twiddle_im: np.ndarray
    split_re: np.ndarray
    split_im: np.ndarray
    scratch: np.ndarray


@cache
def _twiddles() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the constants that all plans share."""
    turn = np.exp(-2j * np.pi * np.arange(_HALF) / _HALF)
    split = np.exp(-2j * np.pi * np.arange(_HALF) / FFT_SIZE)
    return (
        turn.real.astype(np.float32),
        turn.imag.astype(np.float32),
        split.real.astype(np.float32),
        split.imag.astype(np.float32),
    )


def make_fft_plan() -> FftPlan:
    """Return twiddles (float32) and a (4, 512) scratch."""
    return FftPlan(*_twiddles(), np.zeros((4, _HALF), np.float32))


@njit(nogil=True, cache=True, fastmath=True)
def _radix4(n, stride, xr, xi, yr, yi, wr, wi):
    quarter = n // 4
    step = _HALF // n
    for p in range(quarter):
        w1r, w1i = wr[p * step], wi[p * step]
        w2r, w2i = wr[2 * p * step], wi[2 * p * step]
        w3r, w3i = wr[3 * p * step], wi[3 * p * step]
        a = stride * p
        b = stride * (p + quarter)
        c = stride * (p + 2 * quarter)
        d = stride * (p + 3 * quarter)
        o = stride * 4 * p
        for q in range(stride):
            apc_r, apc_i = xr[a + q] + xr[c + q], xi[a + q] + xi[c + q]
            amc_r, amc_i = xr[a + q] - xr[c + q], xi[a + q] - xi[c + q]
            bpd_r, bpd_i = xr[b + q] + xr[d + q], xi[b + q] + xi[d + q]
            # A quarter turn of b minus d.
            jbd_r, jbd_i = xi[b + q] - xi[d + q], xr[d + q] - xr[b + q]
            yr[o + q] = apc_r + bpd_r
            yi[o + q] = apc_i + bpd_i
            tr, ti = amc_r + jbd_r, amc_i + jbd_i
            yr[o + stride + q] = tr * w1r - ti * w1i
            yi[o + stride + q] = tr * w1i + ti * w1r
            tr, ti = apc_r - bpd_r, apc_i - bpd_i
            yr[o + 2 * stride + q] = tr * w2r - ti * w2i
            yi[o + 2 * stride + q] = tr * w2i + ti * w2r
            tr, ti = amc_r - jbd_r, amc_i - jbd_i
            yr[o + 3 * stride + q] = tr * w3r - ti * w3i
            yi[o + 3 * stride + q] = tr * w3i + ti * w3r


@njit(nogil=True, cache=True, fastmath=True)
def magnitude_spectrum(plan, frame, bins, out) -> None:
    """Write |FFT| of a real frame.

    Parameters
    ----------
    plan : FftPlan
    frame : float32 (1024,)
    bins : int
        How many bins to write, 1..512.
    out : float32 (>= bins,)
        Magnitudes of bins 0..bins-1.
    """
    wr, wi, sr, si, scratch = plan
    xr, xi, yr, yi = scratch[0], scratch[1], scratch[2], scratch[3]
    for k in range(_HALF):
        xr[k] = frame[2 * k]
        xi[k] = frame[2 * k + 1]
    _radix4(512, 1, xr, xi, yr, yi, wr, wi)
    _radix4(128, 4, yr, yi, xr, xi, wr, wi)
    _radix4(32, 16, xr, xi, yr, yi, wr, wi)
    _radix4(8, 64, yr, yi, xr, xi, wr, wi)
    for q in range(256):
        yr[q] = xr[q] + xr[q + 256]
        yi[q] = xi[q] + xi[q + 256]
        yr[q + 256] = xr[q] - xr[q + 256]
        yi[q + 256] = xi[q] - xi[q + 256]
    out[0] = abs(yr[0] + yi[0])
    half = np.float32(0.5)
    for k in range(1, bins):
        # Split the packed transform: even part plus turned odd part.
        er, ei = half * (yr[k] + yr[_HALF - k]), half * (yi[k] - yi[_HALF - k])
        dr, di = half * (yi[k] + yi[_HALF - k]), half * (yr[_HALF - k] - yr[k])
        re = er + dr * sr[k] - di * si[k]
        im = ei + dr * si[k] + di * sr[k]
        out[k] = np.sqrt(re * re + im * im)
