"""Plays many streams at once, in a process of its own: ``python -m benchmarks.load.generator``.

Says ``opened`` on stdout when its streams are open, reads the monotonic time of the start from
stdin, and prints a `Harvest` as one line of JSON when all of them have ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import uvloop

from benchmarks.load.material import FRAME_S, FRAMES_PER_HOP, HOP_S, Material
from benchmarks.load.paced_stream import PacedStream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.load.paced_stream import Outcome

OPENING_AT_ONCE: Final = 8
OPEN_LIMIT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Harvest:
    """What all streams of one generator saw, after the warm-up.

    Parameters
    ----------
    statuses
        Streams by the status that they ended with.
    refused_count
        How often a full server sent a stream away before it was let in.
    window_count, expected_window_count, dropped_count
        Windows received in the whole run, those that the audio sent makes, and those that the
        server says it left out.
    latencies_ms
        From when a window's last sample was due to the window.
    send_delays_ms
        Of every message: how late the generator itself was.
    cpu_s
        Processor time of the generator from the start to the last stream's end.
    """

    statuses: dict[str, int]
    refused_count: int
    window_count: int
    expected_window_count: int
    dropped_count: int
    latencies_ms: list[float]
    send_delays_ms: list[float]
    cpu_s: float


def main() -> None:
    """Run the generator from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.generator")
    parser.add_argument("address")
    parser.add_argument("--streams", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--warm-up-seconds", type=float, default=0.0)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        harvest = runner.run(
            _generate(options.address, options.streams, options.seconds, options.warm_up_seconds)
        )
    print(json.dumps(asdict(harvest)))


async def _generate(address: str, stream_count: int, seconds: float, warm_up_s: float) -> Harvest:
    material = Material.music()
    streams = [
        PacedStream(address, material, 7 * number % len(material.frames))
        for number in range(stream_count)
    ]
    opened = await _open(streams)
    print("opened", flush=True)
    start_s = float(await asyncio.to_thread(sys.stdin.readline))
    cpu_before_s, frame_count = time.process_time(), round(seconds / FRAME_S)
    await asyncio.gather(
        *(
            # Spread over a hop, or all windows would fall due at once.
            stream.play(start_s + HOP_S * number / stream_count, frame_count)
            for number, stream in enumerate(opened)
        )
    )
    cpu_s = time.process_time() - cpu_before_s
    for stream in streams:
        await stream.close()
    expected_count = stream_count * (frame_count // FRAMES_PER_HOP)
    outcomes = [stream.outcome for stream in streams]
    return _harvest(outcomes, expected_count, start_s + warm_up_s, cpu_s)


async def _open(streams: list[PacedStream]) -> list[PacedStream]:
    """Open a few at a time: a rush at the door is another measurement."""
    until_s = time.monotonic() + OPEN_LIMIT_S
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def open_one(stream: PacedStream) -> bool:
        async with gate:
            return await stream.open(until_s)

    is_open = await asyncio.gather(*map(open_one, streams))
    return [stream for stream, opened in zip(streams, is_open, strict=True) if opened]


def _harvest(
    outcomes: Sequence[Outcome], expected_count: int, from_s: float, cpu_s: float
) -> Harvest:
    return Harvest(
        statuses=dict(Counter(outcome.status for outcome in outcomes)),
        refused_count=sum(outcome.refused_count for outcome in outcomes),
        window_count=sum(outcome.window_count for outcome in outcomes),
        expected_window_count=expected_count,
        dropped_count=sum(outcome.dropped_count for outcome in outcomes),
        latencies_ms=[
            round(1000 * latency_s, 3)
            for outcome in outcomes
            for due_s, latency_s in outcome.latencies
            if due_s >= from_s
        ],
        send_delays_ms=[
            round(1000 * delay_s, 3) for outcome in outcomes for delay_s in outcome.send_delays_s
        ],
        cpu_s=cpu_s,
    )


if __name__ == "__main__":
    main()
