"""The seam between the front end and the decoder: frames in, onset activation out.

The hand-made `analysis_engine.dsp.flux` fills it today. A learned network takes its place by
offering the same four names and being imported in `analysis_engine.tracking.pipeline`: a module is
a perfectly good implementation of a Protocol, and numba compiles straight through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np


@runtime_checkable
class ActivationStage(Protocol):
    """Turns one frame of bands into one frame of onset activation."""

    #: Seconds from an attack to the peak of its activation.
    LATENCY_S: float

    def make_state(self) -> Any:
        """Return the streaming state, a NamedTuple of arrays, at rest."""

    def step(self, state: Any, bands: np.ndarray, out: np.ndarray) -> None:
        """Advance by one frame, inside the one nogil call per chunk.

        Parameters
        ----------
        state
            What `make_state` returned; updated in place.
        bands
            float32 (60,), compressed bands of `analysis_engine.dsp.front_end`.
        out
            float32 (2,), out[0] the onset activation 0..1, out[1] its unnormalised strength.
        """
