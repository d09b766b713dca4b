"""A live stream that survives broken connections and restarted servers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client.beat_clock import BeatClock
from practice_client.endpoint import Endpoint
from practice_client.pump import pump
from practice_client.reconnect import ReconnectPolicy
from practice_client.replay_buffer import Overflow
from practice_client.stream_journal import StreamJournal
from practice_client.stream_run import ConnectionState, Result, StreamRun
from practice_client.tempo_prior import with_tempo_prior

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from practice_client.source import AudioSource

__all__ = ["DEFAULT_REPLAY_S", "ConnectionState", "LiveStream", "Result"]

# Below the 30 s that a server takes at once, so that a whole replay fits into its pacing limit.
DEFAULT_REPLAY_S: Final = 25.0


class LiveStream:
    """Send audio, receive windows, beats, events and the summary.

    An async context manager (entering connects) and an async iterator of `Result`. When the
    connection breaks it is taken up again with the server's newest token: what the server does
    not have yet is sent again, what was already delivered is not told twice. When the server has
    lost the stream (it was killed), the stream starts again on the same sample clock, from the
    oldest audio still held.

    Parameters
    ----------
    endpoint
        Server; a string is its address.
    config
        The stream's configuration. An absent `stream_id` is made here. With `resume_token` set,
        an earlier program's stream is taken up at `next_sample`; with its `received_results`,
        what got lost in between comes first.
    policy
        How broken connections are tried again.
    replay_s
        Most audio that is held until the server has it in its resumable state.
    overflow
        What happens to audio beyond it.
    tempo_prior
        Tempi of the student's earlier sessions, bpm or (bpm, sessions), at most 8; they help while
        there is no target.

    Raises
    ------
    PracticeError
        From entering, sending or iterating: what can't be repaired, with code and field.

    Examples
    --------
    >>> async with LiveStream("localhost:50051", config) as stream:  # doctest: +SKIP
    ...     stream.start_pump(FileSource("scale.wav"))
    ...     async for result in stream:
    ...         print(result)
    """

    def __init__(
        self,
        endpoint: Endpoint | str,
        config: pb.StreamConfig,
        *,
        policy: ReconnectPolicy | None = None,
        replay_s: float = DEFAULT_REPLAY_S,
        overflow: Overflow = Overflow.WAIT,
        tempo_prior: Iterable[float | tuple[float, float]] = (),
    ) -> None:
        config = with_tempo_prior(config, tempo_prior)
        self._journal = StreamJournal(config, replay_s, overflow)
        self._clock = BeatClock(config.sample_rate_hz)
        self._run = StreamRun(
            Endpoint(endpoint) if isinstance(endpoint, str) else endpoint,
            config,
            policy or ReconnectPolicy(),
            self._journal,
        )
        self._task: asyncio.Task[None] | None = None
        self._pump: asyncio.Task[None] | None = None

    @property
    def ready(self) -> pb.StreamReady:
        """The newest `StreamReady`: effective configuration, limits, engine version."""
        if self._run.ready is None:
            raise RuntimeError("the stream is not connected yet")
        return self._run.ready

    @property
    def clock(self) -> BeatClock:
        """When samples are, on the local clock; of use where audio is given in real time."""
        return self._clock

    @property
    def stream_id(self) -> str:
        """The stream's identifier; stays the same over reconnects."""
        return self._run.stream_id

    @property
    def resume_token(self) -> bytes:
        """Newest token; with `stream_id`, another program can go on within 10 minutes."""
        return self._run.token

    @property
    def received_results(self) -> int | None:
        """Results that have arrived, as the server counts them; for a program that goes on."""
        return self._run.received_results

    @property
    def state(self) -> ConnectionState:
        """Whether it is connected just now."""
        return self._run.state

    @property
    def next_sample(self) -> int:
        """Samples given to the stream so far."""
        return self._journal.end_sample

    @property
    def dropped_samples(self) -> int:
        """Samples lost to `Overflow.DROP_OLDEST`."""
        return self._journal.dropped_samples

    @property
    def restarted_at_samples(self) -> tuple[int, ...]:
        """Where the server's history begins anew, once for every time that it lost its state."""
        return tuple(self._run.restarted_at_samples)

    @property
    def paused(self) -> bool:
        """Whether audio is being ignored."""
        return self._journal.paused

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run.run(), name="practice-live-stream")
        ready = asyncio.create_task(self._run.first_ready.wait())
        try:
            await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self._stop()
            raise
        finally:
            ready.cancel()
        if not self._run.first_ready.is_set():
            self._raise_error()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Result:
        if self._task is None:
            raise RuntimeError("the stream is not open")
        result = None if self._is_over() else await self._run.results.get()
        if result is not None:
            return result
        self._raise_error()
        raise StopAsyncIteration

    def start_pump(self, source: AudioSource) -> asyncio.Task[None]:
        """Send a whole source in the background and finish; what fails is raised by iterating."""
        self._pump = asyncio.create_task(self._pump_all(source), name="practice-stream-pump")
        return self._pump

    async def send(self, data: bytes) -> None:
        """Give whole frames of audio; ignored while paused.

        Waits when the replay buffer is full and the policy is `Overflow.WAIT`.

        Raises
        ------
        ValueError
            When `data` is no whole number of frames.
        """
        await self._journal.send(data)
        if not self._journal.paused:
            self._clock.hear(self._journal.end_sample)

    def skip(self, sample_count: int) -> None:
        """Tell that samples were lost before the next ones; they become a gap."""
        self._journal.skip(sample_count)

    async def set_target(self, target_bpm: float | None) -> None:
        """Change the target tempo (20..400 bpm), or clear it with None."""
        self._journal.control(pb.Control(set_target_bpm=target_bpm or 0.0))

    async def pause(self) -> None:
        """Stand still: the sample clock does not run and audio is ignored."""
        self._clock.forget()
        self._journal.control(pb.Control(pause=pb.Pause()))

    async def resume(self) -> None:
        """Go on after `pause`."""
        self._journal.control(pb.Control(resume=pb.Resume()))

    async def finish(self) -> None:
        """Say that nothing follows; the summary then comes as the last result."""
        self._journal.control(pb.Control(finish=pb.Finish()))

    async def wait_until_running(self) -> None:
        """Wait until the stream is not paused."""
        await self._journal.wait_until_running()

    async def _pump_all(self, source: AudioSource) -> None:
        try:
            await pump(source, self)
        except Exception as error:  # noqa: BLE001 - handed to whoever reads
            # The stream's own failure is known to the reader already; the source's is not.
            if error is not self._run.error and self._task is not None and not self._task.done():
                self._run.error = error
                self._task.cancel()
        finally:
            await source.close()

    def _is_over(self) -> bool:
        return self._task is not None and self._task.done() and self._run.results.empty()

    def _raise_error(self) -> None:
        if self._run.error is not None:
            raise self._run.error

    async def _stop(self) -> None:
        for task in (self._pump, self._task):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        self._journal.close(None)
        self._run.state = ConnectionState.ENDED
