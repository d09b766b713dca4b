from __future__ import annotations

import sys

import numpy as np
import pytest
from numba.core.errors import NumbaError

from analysis_engine.dsp.kernel import copy, kernel


def test_a_copy_fills_what_it_is_given() -> None:
    out = np.zeros(3, np.float32)

    copy(np.arange(5, dtype=np.float32), out)

    assert out.tolist() == [0.0, 1.0, 2.0]


def test_a_kernel_leaves_references_as_they_were() -> None:
    source, out = np.ones(4, np.float32), np.zeros(4, np.float32)
    before = sys.getrefcount(source), sys.getrefcount(out)

    for _ in range(10):
        copy(source, out)

    assert (sys.getrefcount(source), sys.getrefcount(out)) == before


def test_what_makes_an_array_is_no_kernel() -> None:
    def make(size: int) -> np.ndarray:
        return np.zeros(size)

    with pytest.raises(NumbaError):
        kernel(cache=False)(make)(3)
