"""The microphone as a live source (extra `mic`): pyaudio, or sounddevice where it is missing."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client.capture import open_capture
from practice_client.source import AudioBlock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from practice_client.capture import Capture

# How far the reader may fall behind the microphone before sound is lost (and counted).
DEFAULT_QUEUE_S: Final = 5.0
BLOCK_S: Final = 0.05


class MicrophoneSource:
    """Mono 16-bit sound of a capture device, in 50 ms blocks.

    The device's callback puts blocks into a bounded queue and never waits. When the queue is full
    the new block is dropped and counted, and the next one says how many frames are missing, so
    that the sample clock does not shift.

    Parameters
    ----------
    device
        Name (or part of it) or index of the device; the default one when None.
    sample_rate_hz
        Rate to capture at; the device's own when None.
    duration_s
        How long to listen; until `close` when None.
    queue_s
        Bound of the queue in seconds of sound.

    Raises
    ------
    practice_client.capture.CaptureError
        From `blocks`, when there is no audio library or no such device.
    """

    encoding: Final = pb.AUDIO_ENCODING_LINEAR16
    channel_count: Final = 1
    is_live: Final = True

    def __init__(
        self,
        device: str | int | None = None,
        sample_rate_hz: int | None = None,
        *,
        duration_s: float | None = None,
        queue_s: float = DEFAULT_QUEUE_S,
    ) -> None:
        self._capture: Capture = open_capture(device, sample_rate_hz, BLOCK_S)
        self._most_blocks = max(1, round(queue_s / BLOCK_S))
        self._queue: deque[AudioBlock] = deque()
        self._missing_samples = 0
        self._given_samples = 0
        self._arrived: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self.duration_s = duration_s
        self.overrun_count = 0

    @property
    def sample_rate_hz(self) -> int:
        """The rate that the device captures at."""
        return self._capture.sample_rate_hz

    @property
    def name(self) -> str:
        """The device's name."""
        return self._capture.device_name

    async def blocks(self) -> AsyncGenerator[AudioBlock, None]:
        """Start capturing and yield blocks until `close`."""
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._capture.start(self._take)
        while not self._closed:
            self._arrived.clear()
            while self._queue and not self._is_enough():
                block = self._queue.popleft()
                self._given_samples += block.missing_samples + len(block.data) // 2
                yield block
            if self._is_enough():
                return
            await self._arrived.wait()

    async def close(self) -> None:
        """Stop capturing; `blocks` ends."""
        if self._closed:
            return
        self._closed = True
        self._capture.close()
        if self._arrived is not None:
            self._arrived.set()

    def _is_enough(self) -> bool:
        if self._closed:
            return True
        return self.duration_s is not None and (
            self._given_samples >= self.duration_s * self.sample_rate_hz
        )

    def _take(self, data: bytes, overflowed: bool) -> None:
        """Take a block on the device's own thread; the calls on `deque` are atomic."""
        self.overrun_count += overflowed
        if len(self._queue) >= self._most_blocks:
            self.overrun_count += 1
            self._missing_samples += len(data) // 2
            return
        self._queue.append(AudioBlock(data, self._missing_samples))
        self._missing_samples = 0
        if self._loop is not None and self._arrived is not None and not self._closed:
            self._loop.call_soon_threadsafe(self._arrived.set)
