"""One server under one load: what it did, how long that took, and what it cost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.load.generator import Harvest
from benchmarks.load.material import FRAME_S
from benchmarks.load.programs import running, started, usage_of

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Sequence

    from benchmarks.load.programs import Server

LEAD_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Load:
    """What is played.

    Parameters
    ----------
    stream_count
        Streams at once.
    seconds, warm_up_s
        Audio of each, and how much of its beginning is not measured.
    generator_count
        Processes that share the streams.
    """

    stream_count: int
    seconds: float
    warm_up_s: float = 2.0
    generator_count: int = 1

    def __post_init__(self) -> None:
        if not self.seconds > self.warm_up_s >= 0.0:
            raise ValueError("seconds must exceed warm_up_s")
        if not 1 <= self.generator_count <= self.stream_count:
            raise ValueError("every generator needs a stream")


@dataclass(frozen=True, slots=True)
class Measurement:
    """A row of the table; latencies in ms, NaN when no window came."""

    server: str
    stream_count: int
    messages_per_s: float
    cpu_us_per_message: float
    cpu_us_per_audio_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    window_count: int
    expected_window_count: int
    refused_count: int
    failures: dict[str, int]
    resident_kib_per_stream: float
    send_delay_p99_ms: float
    generator_cpu_us_per_message: float

    @property
    def failure_count(self) -> int:
        """Streams that did not end with OK."""
        return sum(self.failures.values())

    @property
    def is_sound(self) -> bool:
        """Whether no call failed and every window came."""
        return not self.failures and self.window_count == self.expected_window_count


async def measure(server: Server, load: Load) -> Measurement:
    """Start a server, play to it, and return what came of it."""
    async with started(server) as (address, server_pid), contextlib.AsyncExitStack() as stack:
        resident_before_bytes = usage_of(server_pid).resident_bytes
        generators = [
            await stack.enter_async_context(
                running("-m", "benchmarks.load.generator", address, *arguments, settings={})
            )
            for arguments in _shares(load)
        ]
        await asyncio.gather(*map(_wait_until_open, generators))
        start_s = time.monotonic() + LEAD_S
        for generator in generators:
            generator.stdin.write(f"{start_s}\n".encode())  # type: ignore[union-attr] # a pipe
        span_s, server_cpu_s = await _watch(server_pid, start_s, load)
        resident_bytes = usage_of(server_pid).resident_bytes - resident_before_bytes
        harvest = _merged(await asyncio.gather(*map(_harvest_of, generators)))
    server_us_per_s = 1e6 * server_cpu_s / span_s
    return _to_measurement(server.name, load, harvest, server_us_per_s, resident_bytes)


async def _watch(server_pid: int, start_s: float, load: Load) -> tuple[float, float]:
    """Return wall and processor time of the server from the warm-up's end to the streams' end."""
    await _until(start_s + load.warm_up_s)
    from_s, before = time.monotonic(), usage_of(server_pid)
    await _until(start_s + load.seconds)
    return time.monotonic() - from_s, usage_of(server_pid).cpu_s - before.cpu_s


def _shares(load: Load) -> list[list[str]]:
    """Return each generator's arguments; the first ones take what does not divide."""
    share, rest = divmod(load.stream_count, load.generator_count)
    times = ["--seconds", str(load.seconds), "--warm-up-seconds", str(load.warm_up_s)]
    return [
        ["--streams", str(share + (number < rest)), *times]
        for number in range(load.generator_count)
    ]


async def _wait_until_open(generator: Process) -> None:
    line = await generator.stdout.readline()  # type: ignore[union-attr] # a pipe
    if line != b"opened\n":
        raise RuntimeError("a generator ended before its streams were open")


async def _until(time_s: float) -> None:
    await asyncio.sleep(time_s - time.monotonic())


async def _harvest_of(generator: Process) -> Harvest:
    fields: dict[str, Any] = json.loads(await generator.stdout.readline())  # type: ignore[union-attr] # a pipe
    return Harvest(**fields)


def _merged(harvests: Sequence[Harvest]) -> Harvest:
    statuses: Counter[str] = Counter()
    for harvest in harvests:
        statuses.update(harvest.statuses)
    return Harvest(
        statuses=dict(statuses),
        refused_count=sum(harvest.refused_count for harvest in harvests),
        window_count=sum(harvest.window_count for harvest in harvests),
        expected_window_count=sum(harvest.expected_window_count for harvest in harvests),
        dropped_count=sum(harvest.dropped_count for harvest in harvests),
        latencies_ms=[item for harvest in harvests for item in harvest.latencies_ms],
        send_delays_ms=[item for harvest in harvests for item in harvest.send_delays_ms],
        cpu_s=sum(harvest.cpu_s for harvest in harvests),
    )


def _to_measurement(
    name: str,
    load: Load,
    harvest: Harvest,
    server_us_per_s: float,
    resident_bytes: int,
) -> Measurement:
    latencies_ms = harvest.latencies_ms or [math.nan]
    p50_ms, p99_ms, max_ms = np.percentile(latencies_ms, (50, 99, 100))
    # What was sent, not what was planned: a refused stream costs nothing and counts nothing.
    sent_count = len(harvest.send_delays_ms) or math.nan
    messages_per_s = sent_count / load.seconds
    return Measurement(
        server=name,
        stream_count=load.stream_count,
        messages_per_s=messages_per_s,
        cpu_us_per_message=server_us_per_s / messages_per_s,
        cpu_us_per_audio_s=server_us_per_s / (messages_per_s * FRAME_S),
        p50_ms=float(p50_ms),
        p99_ms=float(p99_ms),
        max_ms=float(max_ms),
        window_count=harvest.window_count,
        expected_window_count=harvest.expected_window_count,
        refused_count=harvest.refused_count,
        failures={status: n for status, n in harvest.statuses.items() if status != "OK"},
        resident_kib_per_stream=resident_bytes / 1024 / load.stream_count,
        send_delay_p99_ms=float(np.percentile(harvest.send_delays_ms or [math.nan], 99)),
        generator_cpu_us_per_message=1e6 * harvest.cpu_s / sent_count,
    )
