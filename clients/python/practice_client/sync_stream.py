"""The live stream for programs without asyncio: the same stream on a background loop."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

from practice_client.live_stream import LiveStream, Result
from practice_client.tempo_prior import with_tempo_prior

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from types import TracebackType

    from practice.analysis.v1 import analysis_pb2 as pb
    from practice_client.endpoint import Endpoint
    from practice_client.reconnect import ReconnectPolicy
    from practice_client.replay_buffer import Overflow
    from practice_client.source import AudioSource

T = TypeVar("T")


class SyncLiveStream:
    """Blocking twin of `LiveStream`; a context manager and an iterator of `Result`.

    One thread may send while another iterates; a single thread may also send everything, call
    `finish` and then iterate.

    Parameters
    ----------
    endpoint, config, policy, replay_s, overflow, tempo_prior
        As for `LiveStream`.

    Examples
    --------
    >>> with SyncLiveStream("localhost:50051", config) as stream:  # doctest: +SKIP
    ...     stream.start_pump(FileSource("scale.wav"))
    ...     for result in stream:
    ...         print(result)
    """

    def __init__(
        self,
        endpoint: Endpoint | str,
        config: pb.StreamConfig,
        *,
        policy: ReconnectPolicy | None = None,
        replay_s: float | None = None,
        overflow: Overflow | None = None,
        tempo_prior: Iterable[float | tuple[float, float]] = (),
    ) -> None:
        given: dict[str, Any] = {"policy": policy, "replay_s": replay_s, "overflow": overflow}
        self._options = {name: value for name, value in given.items() if value is not None}
        self._endpoint = endpoint
        self._config = with_tempo_prior(config, tempo_prior)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stream: LiveStream | None = None

    @property
    def stream(self) -> LiveStream:
        """The stream behind this one, for its state; call its methods only on its loop."""
        if self._stream is None:
            raise RuntimeError("the stream is not open")
        return self._stream

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="practice-stream-loop", daemon=True
        )
        self._thread.start()
        try:
            self._stream = self._run(self._open())
        except BaseException:
            self._stop_loop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._run(self._close())
        finally:
            self._stop_loop()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Result:
        try:
            return self._run(self.stream.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def send(self, data: bytes) -> None:
        """Give whole frames of audio; may block when the replay buffer is full."""
        self._run(self.stream.send(data))

    def set_target(self, target_bpm: float | None) -> None:
        """Change or clear the target tempo."""
        self._run(self.stream.set_target(target_bpm))

    def pause(self) -> None:
        """Stand still; audio is ignored."""
        self._run(self.stream.pause())

    def resume(self) -> None:
        """Go on after `pause`."""
        self._run(self.stream.resume())

    def finish(self) -> None:
        """Say that nothing follows; the summary then comes as the last result."""
        self._run(self.stream.finish())

    def start_pump(self, source: AudioSource) -> None:
        """Send a whole source in the background and finish; what fails is raised by iterating."""
        self._run(self._start_pump(source))

    async def _open(self) -> LiveStream:
        stream = LiveStream(self._endpoint, self._config, **self._options)
        return await stream.__aenter__()

    async def _start_pump(self, source: AudioSource) -> None:
        self.stream.start_pump(source)

    async def _close(self) -> None:
        await self.stream.__aexit__(None, None, None)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise RuntimeError("the stream is not open")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _stop_loop(self) -> None:
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = None
