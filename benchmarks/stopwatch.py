"""Processor time of work on audio."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def best_cpu_s(make_work: Callable[[], Callable[[], None]], repeats: int) -> float:
    """Least processor time of this thread over several runs, in seconds.

    The least and not the mean: whatever else the machine does can only add to it.

    Parameters
    ----------
    make_work
        Sets up one run (not measured) and returns what is measured.
    repeats
        At least 1.
    """
    times_s = []
    for _ in range(repeats):
        work = make_work()
        started_s = time.thread_time()
        work()
        times_s.append(time.thread_time() - started_s)
    return min(times_s)


def us_per_audio_s(cpu_s: float, audio_s: float) -> float:
    """Microseconds of processor time per second of audio; 10,000 are one per cent of a core."""
    return 1e6 * cpu_s / audio_s
