"""One student's stream: every message at its due time, and when each window came back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import grpc

from benchmarks.load.echo import SERVICE
from benchmarks.load.material import FRAME_S, RATE_HZ
from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from benchmarks.load.material import Material

METHOD: Final = f"/{SERVICE}/StreamingAnalyze"
FRAME_SAMPLES: Final = round(FRAME_S * RATE_HZ)
RETRY_AFTER_S: Final = 1.0
#: How a call shows that it has ended; its status tells why.
_BROKEN: Final = (grpc.aio.AioRpcError, asyncio.InvalidStateError)


@dataclass(slots=True)
class Outcome:
    """What came of one stream.

    Parameters
    ----------
    status
        Name of the status that the call ended with.
    refused_count
        How often a full server sent it away before it was let in.
    window_count, dropped_count
        Windows that came, and windows that the server says it left out.
    latencies
        Pairs of when a window's last sample was due and how long after that the window came, in
        seconds of the monotonic clock.
    send_delays_s
        How long after its due time each message was handed to gRPC.
    """

    status: str = ""
    refused_count: int = 0
    window_count: int = 0
    dropped_count: int = 0
    latencies: list[tuple[float, float]] = field(default_factory=list)
    send_delays_s: list[float] = field(default_factory=list)


class PacedStream:
    """A stream over a channel of its own, as every student has one.

    Parameters
    ----------
    address
        ``host:port`` of the server.
    material
        What is played.
    first_frame
        Where in the material it begins, so that not every stream plays the same at once.
    """

    def __init__(self, address: str, material: Material, first_frame: int) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        options = [("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.aio.insecure_channel(address, options=options)
        # Bytes as they are: the generator's processor time is taken from the server's.
        self._method: Any = self._channel.stream_stream(METHOD)
        self._call: Any = None
        self._material = material
        self._first_frame = first_frame
        self._arrivals: list[tuple[float, bytes]] = []
        self.outcome = Outcome()

    async def open(self, until_s: float) -> bool:
        """Open the stream; a full server is asked again, as clients do, until a monotonic time.

        Returns
        -------
        bool
            Whether `ready` came.
        """
        while not await self._is_let_in():
            code = await self._call.code()
            if code is not grpc.StatusCode.UNAVAILABLE or time.monotonic() > until_s:
                return False
            self.outcome.refused_count += 1
            await asyncio.sleep(RETRY_AFTER_S)
        return True

    async def _is_let_in(self) -> bool:
        self._call = self._method()
        with contextlib.suppress(*_BROKEN):
            await self._call.write(self._material.first_message)
            return await self._call.read() is not grpc.aio.EOF
        return False

    async def play(self, start_s: float, frame_count: int) -> None:
        """Send frames, one every `FRAME_S` from ``start_s`` on, and read until the stream ends.

        A message that goes out late does not shift those after it, and what it answers is measured
        from when it was due: a server that stalls is not spared by a generator that waits for it.

        Parameters
        ----------
        start_s
            Monotonic time at which the first frame is due.
        frame_count
            How many frames to send.
        """
        reading = asyncio.create_task(self._read())
        with contextlib.suppress(*_BROKEN):
            await self._send(start_s, frame_count)
        await reading
        self._sum_up(start_s)

    async def close(self) -> None:
        """Note how the call ended, and give the connection back."""
        if not self._call.done():
            self._call.cancel()
        self.outcome.status = (await self._call.code()).name
        await self._channel.close()

    async def _send(self, start_s: float, frame_count: int) -> None:
        frames = self._material.frames
        send_delays_s = self.outcome.send_delays_s
        for number in range(frame_count):
            due_s = start_s + number * FRAME_S
            wait_s = due_s - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            send_delays_s.append(time.monotonic() - due_s)
            await self._call.write(frames[(self._first_frame + number) % len(frames)])
        await self._call.done_writing()

    async def _read(self) -> None:
        with contextlib.suppress(*_BROKEN):
            while (message := await self._call.read()) is not grpc.aio.EOF:
                self._arrivals.append((time.monotonic(), message))

    def _sum_up(self, start_s: float) -> None:
        """Decode what came, now that nothing waits for it any more."""
        for arrived_s, message in self._arrivals:
            response = pb.StreamingAnalyzeResponse.FromString(message)
            if not response.HasField("window"):
                continue
            self.outcome.window_count += 1
            self.outcome.dropped_count += response.window.dropped_windows
            last_frame = -(-response.window.end_sample // FRAME_SAMPLES) - 1
            due_s = start_s + last_frame * FRAME_S
            self.outcome.latencies.append((due_s, arrived_s - due_s))
