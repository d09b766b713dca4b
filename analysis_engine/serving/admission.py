"""Whether the server can take one more stream without hurting those that it has."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis_engine.serving.limits import AdmissionLimits
    from practice.rpc.principals import Principal


@dataclass(frozen=True, slots=True)
class Load:
    """How the event loop fares: share of its core in use (0..1), and how late it runs."""

    busy: float = 0.0
    lag_s: float = 0.0


class LoadGauge(Protocol):
    """Tells the newest load."""

    @property
    def load(self) -> Load:
        """The newest measurement."""
        ...


class LoopLoadGauge:
    """Measures the event loop that `run` runs on.

    CPU is that of the loop's own thread: work of other threads or programs shows as lag.

    Parameters
    ----------
    interval_s
        How often it measures.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._load = Load()

    @property
    def load(self) -> Load:
        """The newest measurement."""
        return self._load

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            wall_s, cpu_s = time.monotonic(), time.thread_time()
            await asyncio.sleep(self._interval_s)
            elapsed_s = time.monotonic() - wall_s
            self._load = Load(
                busy=(time.thread_time() - cpu_s) / elapsed_s,
                # A hitch is remembered for a moment: one good measurement is no proof.
                lag_s=max(elapsed_s - self._interval_s, self._load.lag_s / 2, 0.0),
            )


class Admission:
    """Counts what is under way and refuses what would be too much.

    Parameters
    ----------
    limits
        Caps.
    gauge
        The loop's load.
    """

    def __init__(self, limits: AdmissionLimits, gauge: LoadGauge) -> None:
        self._limits = limits
        self._gauge = gauge
        self._count = 0
        self._count_of: Counter[str] = Counter()

    @property
    def stream_count(self) -> int:
        """Streams and clips under way."""
        return self._count

    @contextmanager
    def enter(self, principal: Principal, *, is_resuming: bool = False) -> Iterator[None]:
        """Hold a place for one stream.

        Raises
        ------
        PracticeError
            SERVER_FULL, or RATE_LIMITED for a user who has too many, with a wait that differs from
            client to client.
        """
        self._check_user(principal, is_resuming=is_resuming)
        self._check_server(is_resuming=is_resuming)
        self._count += 1
        self._count_of[principal.subject] += 1
        try:
            yield
        finally:
            self._count -= 1
            self._count_of[principal.subject] -= 1
            if not self._count_of[principal.subject]:
                del self._count_of[principal.subject]

    def _check_user(self, principal: Principal, *, is_resuming: bool) -> None:
        cap = self._limits.max_streams_per_user * (2 if is_resuming else 1)
        if not principal.is_anonymous and self._count_of[principal.subject] >= cap:
            raise PracticeError(
                ErrorCode.RATE_LIMITED,
                f"You have {cap} streams already; end one of them.",
                limit="streams per user",
                retry_after_s=self._wait_s(),
            )

    def _check_server(self, *, is_resuming: bool) -> None:
        headroom = 1.0 + (self._limits.resume_reserve if is_resuming else 0.0)
        load = self._gauge.load
        is_busy = load.busy > self._limits.max_busy * headroom
        max_lag_s = self._limits.busy_lag_s if is_busy else self._limits.max_lag_s
        if self._count >= self._limits.max_streams * headroom or load.lag_s > max_lag_s * headroom:
            raise PracticeError(
                ErrorCode.SERVER_FULL,
                f"The server is full with {self._count} streams; try again in a moment.",
                limit="streams per server",
                retry_after_s=self._wait_s(),
            )

    def _wait_s(self) -> float:
        return self._limits.retry_after_s * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries
