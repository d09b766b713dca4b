"""Carries a source's audio into a live stream."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practice_client.live_stream import LiveStream
    from practice_client.source import AudioSource


async def pump(source: AudioSource, stream: LiveStream) -> None:
    """Send everything that the source gives, then finish the stream.

    A source that waits (a file) stands still while the stream is paused; what a live one gives
    meanwhile is dropped, as the contract wants: the sample clock does not run.
    """
    async with aclosing(source.blocks()) as blocks:
        async for block in blocks:
            if not source.is_live:
                await stream.wait_until_running()
            if block.missing_samples:
                stream.skip(block.missing_samples)
            await stream.send(block.data)
    await stream.finish()
