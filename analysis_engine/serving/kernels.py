"""Warming up: every kernel is there before the first stream comes."""

from __future__ import annotations

import gc


def warm_up_kernels() -> None:
    """Compile or load every kernel, and take what start-up has made out of the collector's way.

    Blocks for up to a minute with a cold cache: run it in a worker thread. `kernel_cache` says
    before where the kernels are kept.
    """
    from analysis_engine.tracking.tracker import warm_up  # noqa: PLC0415 - imports numba

    warm_up()
    gc.collect()
    gc.freeze()
