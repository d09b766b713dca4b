"""What makes a function a kernel: compiled, kept, without Python's lock, counting no references.

A stream's state is some seventy arrays in nested tuples, and numba counts a reference to each array
wherever a tuple is taken apart: more than a thousand atomic operations a frame, half of what a
stream cost. Kernels make no arrays and keep none (whoever calls from Python holds them), so there
is nothing to count; what would make one does not compile as a kernel.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from numba import njit

# Nobody calls a kernel from C: without that door it compiles a seventh sooner.
kernel: Final = partial(njit, nogil=True, cache=True, no_cfunc_wrapper=True, _nrt=False)


@kernel
def copy(source, out) -> None:
    """Write the first values of ``source`` to ``out``; both one-dimensional, not overlapping.

    An assignment of slices would make room for an overlap.
    """
    for i in range(out.size):
        out[i] = source[i]
