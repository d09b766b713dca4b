"""Trackers on many clips, in worker processes that stay for the whole benchmark."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Self

from analysis_engine.tracking.tracker import warm_up
from benchmarks.accuracy.engine_run import run_engine
from benchmarks.accuracy.variants import WHOLE, Variant
from benchmarks.other_trackers import OTHER_TRACKERS, OtherTracker, run_other

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip


class Workers:
    """Processes that answer clips, each with its kernels compiled before its first.

    Parameters
    ----------
    jobs
        How many; 1 works in this process.
    """

    def __init__(self, jobs: int) -> None:
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1:
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=warm_up)
        else:
            warm_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def run(
        self, label: str, work: Callable[[Clip], Answer], clips: Sequence[Clip]
    ) -> dict[str, Answer]:
        """Answer clips, in their order; progress goes to stderr."""
        answered = {}
        started_s = time.monotonic()
        for answer in self._pool.map(work, clips) if self._pool else map(work, clips):
            answered[answer.clip] = answer
            if sys.stderr.isatty():
                print(f"\r{label}: {len(answered)}/{len(clips)}", end="", file=sys.stderr)
        start = "\r" if sys.stderr.isatty() else ""
        took_s = time.monotonic() - started_s
        print(f"{start}{label}: {len(answered)} clips, {took_s:.0f} s", file=sys.stderr)
        return answered


def run_ours(
    workers: Workers, clips: Sequence[Clip], *, with_target: bool, variant: Variant = WHOLE
) -> dict[str, Answer]:
    """Run our engine, or a variant of it."""
    label = f"{variant.name}, {'with' if with_target else 'no'} target"
    work = partial(run_engine, with_target=with_target, variant=variant)
    return workers.run(label, work, clips)


def run_others(workers: Workers, clips: Sequence[Clip]) -> dict[str, dict[str, Answer]]:
    """Run the other trackers that are installed, and say which are not."""
    answers = {}
    with_pulse = [clip for clip in clips if clip.has_pulse]
    for tracker in OTHER_TRACKERS:
        if tracker.load() is None:
            print(f"{tracker.module} is not installed: left out", file=sys.stderr)
        else:
            work = partial(_answer_of_other, tracker)
            answers[tracker.name] = workers.run(tracker.name, work, with_pulse)
    return answers


def _answer_of_other(tracker: OtherTracker, clip: Clip) -> Answer:
    module = tracker.load()
    if module is None:
        raise RuntimeError(f"{tracker.name} was there a moment ago and is gone")
    return run_other(tracker, module, clip)
