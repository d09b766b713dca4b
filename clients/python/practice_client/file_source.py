"""An audio file as a live source: in real time, or as fast as it is taken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from practice.analysis.v1 import analysis_pb2 as pb
from practice.media import open_audio, to_linear16
from practice_client.source import AudioBlock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

# The cost of a stream is per message, not per byte; 100 ms is where that flattens out.
BLOCK_S: Final = 0.1


class FileSource:
    """An audio file, sent as 16-bit PCM at its own rate.

    Parameters
    ----------
    path
        Any format that `practice.media` reads.
    real_time
        Whether a block is given only when it would have been played.

    Raises
    ------
    practice.media.MediaError
        When the file cannot be read.
    """

    encoding: Final = pb.AUDIO_ENCODING_LINEAR16
    is_live: Final = False

    def __init__(self, path: str | Path, *, real_time: bool = True) -> None:
        self._audio = open_audio(path)
        self._real_time = real_time
        self._closed = False
        self._reading = False

    @property
    def sample_rate_hz(self) -> int:
        """The file's own rate."""
        return self._audio.sample_rate_hz

    @property
    def channel_count(self) -> int:
        """1 or 2."""
        return self._audio.channel_count

    @property
    def duration_s(self) -> float | None:
        """Declared length, or None."""
        return self._audio.duration_s

    @property
    def name(self) -> str:
        """The file's name."""
        return self._audio.path.name

    async def blocks(self) -> AsyncGenerator[AudioBlock, None]:
        """Yield 100 ms blocks.

        A reader that held the source up (a pause, a full buffer) is not followed by a burst: the
        clock goes on from where the reader came back.
        """
        self._reading = True
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        try:
            for block in self._audio.blocks(max(1, round(BLOCK_S * self.sample_rate_hz))):
                # Played means over: a live source could not give a block before its end.
                due_s = max(due_s + block.shape[0] / self.sample_rate_hz, loop.time() - BLOCK_S)
                await asyncio.sleep(due_s - loop.time() if self._real_time else 0)
                if not self._closed:
                    yield AudioBlock(to_linear16(block))
                if self._closed:
                    return
        finally:
            self._audio.close()

    async def close(self) -> None:
        """Let `blocks` end; the file is closed there, or here when nothing was read."""
        self._closed = True
        if not self._reading:
            self._audio.close()
