"""What the engine's cost is set beside in the same run: other trackers, and a plain FFT loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import fft

from benchmarks.other_trackers import OTHER_TRACKERS
from benchmarks.stopwatch import best_cpu_s, us_per_audio_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.stages import Material

FRAME: Final = 1024
HOPS_PER_S: Final = 100


def yardsticks(material: Material, repeats: int) -> dict[str, float]:
    """Cost of each in µs per second of audio; trackers that are not installed are left out."""
    samples = (material.samples / 32768).astype(np.float32)
    costs = {"scipy FFT loop": _fft_cost(samples, material, repeats)}
    for tracker in OTHER_TRACKERS:
        module = tracker.load()
        if module is not None:

            def make_work(track: Any = tracker.track, module: Any = module) -> Callable[[], None]:
                return lambda: track(module, samples, material.sample_rate_hz)

            make_work()()  # the first run compiles and loads
            cost = us_per_audio_s(best_cpu_s(make_work, min(repeats, 2)), material.duration_s)
            costs[tracker.name.rstrip("*")] = cost
    return costs


def _fft_cost(samples: NDArray[np.float32], material: Material, repeats: int) -> float:
    """Time 100 windowed spectra of 1024 samples a second, one by one as they come: no tracker."""
    hop = material.sample_rate_hz // HOPS_PER_S
    window = np.hanning(FRAME).astype(np.float32)

    def work() -> None:
        for start in range(0, len(samples) - FRAME, hop):
            np.abs(fft.rfft(samples[start : start + FRAME] * window))

    return us_per_audio_s(best_cpu_s(lambda: work, repeats), material.duration_s)
