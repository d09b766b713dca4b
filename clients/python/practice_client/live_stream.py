"""A live stream that survives broken connections and restarted servers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Final, Self

from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError
from practice_client.connection import Connection
from practice_client.delivered import Delivered
from practice_client.endpoint import Endpoint
from practice_client.failure import Remedy, remedy_for
from practice_client.identifiers import uuid7
from practice_client.pump import pump
from practice_client.reconnect import Backoff, ReconnectPolicy
from practice_client.replay_buffer import Overflow
from practice_client.stream_journal import StreamJournal

if TYPE_CHECKING:
    from types import TracebackType

    from practice_client.source import AudioSource

Result = pb.WindowResult | pb.Beat | pb.StreamEvent | pb.StreamSummary

# Below the 30 s that a server takes at once, so that a whole replay fits into its pacing limit.
DEFAULT_REPLAY_S: Final = 25.0
# About half an hour of unread results; beyond it the server's own policy (newest window wins)
# takes over.
_MOST_UNREAD_RESULTS: Final = 20_000


class ConnectionState(Enum):
    """Where a stream stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


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
        an earlier program's stream is taken up at `next_sample`.
    policy
        How broken connections are tried again.
    replay_s
        Most audio that is held until the server has it in its resumable state.
    overflow
        What happens to audio beyond it.

    Raises
    ------
    PracticeError
        From entering, sending or iterating: what can't be repaired, with code and field.

    Examples
    --------
    >>> async with LiveStream("localhost:50051", config) as stream:  # doctest: +SKIP
    ...     sender = asyncio.create_task(pump(source, stream))
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
    ) -> None:
        self._endpoint = Endpoint(endpoint) if isinstance(endpoint, str) else endpoint
        self._config = pb.StreamConfig()
        self._config.CopyFrom(config)
        self._chose_stream_id = not config.stream_id
        self._policy = policy or ReconnectPolicy()
        self._backoff = Backoff(self._policy)
        self._internal_failures = 0
        self._received_count = 0
        self._journal = StreamJournal(config, replay_s, overflow)
        self._delivered = Delivered(config.sample_rate_hz)
        self._results: asyncio.Queue[Result | None] = asyncio.Queue(_MOST_UNREAD_RESULTS)
        self._first_ready: asyncio.Event = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._pump: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._token = config.resume_token
        self._ready: pb.StreamReady | None = None
        self._state = ConnectionState.CONNECTING
        self._restarted_at_samples: list[int] = []

    @property
    def ready(self) -> pb.StreamReady:
        """The newest `StreamReady`: effective configuration, limits, engine version."""
        if self._ready is None:
            raise RuntimeError("the stream is not connected yet")
        return self._ready

    @property
    def stream_id(self) -> str:
        """The stream's identifier; stays the same over reconnects."""
        return self._config.stream_id

    @property
    def resume_token(self) -> bytes:
        """Newest token; with `stream_id`, another program can go on within 10 minutes."""
        return self._token

    @property
    def state(self) -> ConnectionState:
        """Whether it is connected just now."""
        return self._state

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
        return tuple(self._restarted_at_samples)

    @property
    def paused(self) -> bool:
        """Whether audio is being ignored."""
        return self._journal.paused

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="practice-live-stream")
        ready = asyncio.create_task(self._first_ready.wait())
        try:
            await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self._stop()
            raise
        finally:
            ready.cancel()
        if not self._first_ready.is_set():
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
        result = None if self._is_over() else await self._results.get()
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

    def skip(self, sample_count: int) -> None:
        """Tell that samples were lost before the next ones; they become a gap."""
        self._journal.skip(sample_count)

    async def set_target(self, target_bpm: float | None) -> None:
        """Change the target tempo (20..400 bpm), or clear it with None."""
        self._journal.control(pb.Control(set_target_bpm=target_bpm or 0.0))

    async def pause(self) -> None:
        """Stand still: the sample clock does not run and audio is ignored."""
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
            if error is not self._error and self._task is not None and not self._task.done():
                self._error = error
                self._task.cancel()
        finally:
            await source.close()

    def _is_over(self) -> bool:
        return self._task is not None and self._task.done() and self._results.empty()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    async def _stop(self) -> None:
        for task in (self._pump, self._task):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        self._journal.close(None)
        self._state = ConnectionState.ENDED

    async def _run(self) -> None:
        try:
            while not await self._attempt():
                pass
        except Exception as error:  # noqa: BLE001 - handed to whoever sends or reads
            self._error = error
        finally:
            self._state = ConnectionState.ENDED
            self._journal.close(self._error)
            # The end stands behind every result; where there is no room nobody waits for it.
            with suppress(asyncio.QueueFull):
                self._results.put_nowait(None)

    async def _attempt(self) -> bool:
        """Connect and exchange until the summary (True) or a failure worth a repeat (False)."""
        connection = Connection(
            self._endpoint,
            self._next_config(),
            self._policy.ready_timeout_s,
            self._received_count,
        )
        try:
            async with connection:
                self._take_ready(connection.ready)
                connection.start_sending(self._journal)
                return await self._receive_all(connection)
        except PracticeError as error:
            self._received_count = connection.received_count
            await self._recover(error)
            return False

    def _next_config(self) -> pb.StreamConfig:
        if self._chose_stream_id and not self._token:
            # A try whose answer was lost may have left a stream behind that has our identifier.
            self._config.stream_id = self._config.stream_id if self._ready else uuid7()
        config = pb.StreamConfig()
        config.CopyFrom(self._config)
        config.resume_token = self._token
        if not self._token:
            config.ClearField("target_bpm")
            if (target_bpm := self._journal.start_target_bpm) is not None:
                config.target_bpm = target_bpm
        return config

    def _take_ready(self, ready: pb.StreamReady) -> None:
        self._token = ready.resume_token
        self._config.stream_id = ready.stream_id
        self._journal.connected(ready)
        self._ready = ready
        self._state = ConnectionState.CONNECTED
        self._first_ready.set()

    async def _receive_all(self, connection: Connection) -> bool:
        while (response := await connection.receive()) is not None:
            self._backoff.reset()
            self._internal_failures = 0
            if await self._take(response):
                await connection.drain()
                return True
        raise PracticeError(ErrorCode.SERVER_UNREACHABLE, "the server ended the stream early")

    async def _take(self, response: pb.StreamingAnalyzeResponse) -> bool:
        """Deliver one response; True when it was the summary."""
        match response.WhichOneof("payload"):
            case "window" if self._delivered.new_window(response.window):
                await self._results.put(response.window)
            case "beats":
                for beat in response.beats.beats:
                    if (new_beat := self._delivered.new_beat(beat)) is not None:
                        await self._results.put(new_beat)
            case "event" if self._delivered.new_event(response.event):
                await self._results.put(response.event)
            case "ack":
                self._journal.acknowledge(response.ack.through_sample)
            case "going_away":
                self._token = response.going_away.resume_token
            case "summary":
                await self._results.put(response.summary)
                return True
        return False

    async def _recover(self, error: PracticeError) -> None:
        """Wait as the failure asks for; raise it when there is nothing to be done."""
        if self._first_ready.is_set():
            self._state = ConnectionState.RECONNECTING
        self._internal_failures += error.code is ErrorCode.INTERNAL
        remedy = remedy_for(
            error, has_token=bool(self._token), internal_failures=self._internal_failures
        )
        if remedy is Remedy.SURFACE:
            raise error
        if remedy is Remedy.START_AGAIN:
            self._start_again()
        elif remedy is Remedy.FINISH:
            self._finish_early(error)
        elif remedy is Remedy.RESUME_WHEN_NEEDED:
            await self._journal.wait_for_more()
        was_asked = self._first_ready.is_set() or error.retry_after_s is not None
        limit_s = self._policy.give_up_after_s if was_asked else self._policy.connect_within_s
        now_s = asyncio.get_running_loop().time()
        delay_s = self._backoff.next_delay_s(now_s, error.retry_after_s, limit_s)
        if delay_s is None:
            raise error
        await asyncio.sleep(delay_s)

    def _finish_early(self, error: PracticeError) -> None:
        """Get the summary of a stream that may not grow; the reader then gets the error."""
        if self._error is not None:
            raise error
        self._error = error
        self._journal.finish_early(error)

    def _start_again(self) -> None:
        self._token = b""
        self._received_count = 0
        if self._journal.start_sample == 0:
            return  # nothing is lost: everything is sent again
        self._restarted_at_samples.append(self._journal.start_sample)
        self._delivered.restart()
