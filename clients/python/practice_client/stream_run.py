"""The engine of a live stream: connects, exchanges, and repairs what breaks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Final

from practice.analysis.v1 import analysis_pb2 as pb
from practice.identifiers import uuid7
from practice.rpc.errors import ErrorCode, PracticeError
from practice_client.connection import Connection
from practice_client.delivered import Delivered
from practice_client.failure import Remedy, remedy_for
from practice_client.reconnect import Backoff

if TYPE_CHECKING:
    from practice_client.endpoint import Endpoint
    from practice_client.reconnect import ReconnectPolicy
    from practice_client.stream_journal import StreamJournal

Result = pb.WindowResult | pb.Beat | pb.StreamEvent | pb.StreamSummary

# About half an hour of unread results; beyond it the server's own policy (newest window wins)
# takes over.
_MOST_UNREAD_RESULTS: Final = 20_000

# What the server counts, so that a resumed stream gets exactly the results that were lost with
# the connection.
_RESULT_KINDS: Final = frozenset({"window", "beats", "event", "summary"})


class ConnectionState(Enum):
    """Where a stream stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


class StreamRun:
    """Keeps one stream going from its first connection to its summary.

    Parameters
    ----------
    endpoint
        Server and token.
    config
        The stream's configuration; a copy is kept.
    policy
        How broken connections are tried again.
    journal
        What is to be sent.

    Attributes
    ----------
    results
        What the reader gets, in order; None stands for the end.
    first_ready
        Set once the server has taken the stream.
    ready
        Newest `StreamReady`, or None.
    state
        Where the stream stands.
    error
        Why it ended, when not by its summary.
    token
        Newest resume token.
    received_results
        Results that have arrived since the stream began; None when an earlier program began it
        and did not say how many it had.
    restarted_at_samples
        Where the server's history began anew.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        config: pb.StreamConfig,
        policy: ReconnectPolicy,
        journal: StreamJournal,
    ) -> None:
        self._endpoint = endpoint
        self._config = pb.StreamConfig()
        self._config.CopyFrom(config)
        self._chose_stream_id = not config.stream_id
        self._policy = policy
        self._backoff = Backoff(policy)
        self._internal_failures = 0
        self._journal = journal
        self._delivered = Delivered(config.sample_rate_hz)
        self.results: asyncio.Queue[Result | None] = asyncio.Queue(_MOST_UNREAD_RESULTS)
        self.first_ready = asyncio.Event()
        self.ready: pb.StreamReady | None = None
        self.state = ConnectionState.CONNECTING
        self.error: BaseException | None = None
        self.token = config.resume_token
        self.received_results = _received_before(config)
        self.restarted_at_samples: list[int] = []

    @property
    def stream_id(self) -> str:
        """The stream's identifier."""
        return self._config.stream_id

    async def run(self) -> None:
        """Run to the end; what goes wrong is kept in `error`."""
        try:
            while not await self._attempt():
                pass
        except Exception as error:  # noqa: BLE001 - handed to whoever sends or reads
            self.error = error
        finally:
            self.state = ConnectionState.ENDED
            self._journal.close(self.error)
            # The end stands behind every result; where there is no room nobody waits for it.
            with suppress(asyncio.QueueFull):
                self.results.put_nowait(None)

    async def _attempt(self) -> bool:
        """Connect and exchange until the summary (True) or a failure worth a repeat (False)."""
        connection = Connection(self._endpoint, self._next_config(), self._policy.ready_timeout_s)
        try:
            async with connection:
                self._take_ready(connection.ready)
                connection.start_sending(self._journal)
                return await self._receive_all(connection)
        except PracticeError as error:
            await self._recover(error)
            return False

    def _next_config(self) -> pb.StreamConfig:
        if self._chose_stream_id and not self.token:
            # A try whose answer was lost may have left a stream behind that has our identifier.
            self._config.stream_id = self._config.stream_id if self.ready else str(uuid7())
        config = pb.StreamConfig()
        config.CopyFrom(self._config)
        config.resume_token = self.token
        config.ClearField("received_results")
        if self.token and self.received_results is not None:
            config.received_results = self.received_results
        if not self.token:
            config.ClearField("target_bpm")
            if (target_bpm := self._journal.start_target_bpm) is not None:
                config.target_bpm = target_bpm
        return config

    def _take_ready(self, ready: pb.StreamReady) -> None:
        self.token = ready.resume_token
        self._config.stream_id = ready.stream_id
        self._journal.connected(ready)
        self.ready = ready
        self.state = ConnectionState.CONNECTED
        self.first_ready.set()

    async def _receive_all(self, connection: Connection) -> bool:
        while (response := await connection.receive()) is not None:
            self._backoff.reset()
            self._internal_failures = 0
            if self.received_results is not None:
                self.received_results += response.WhichOneof("payload") in _RESULT_KINDS
            if await self._take(response):
                await connection.drain()
                return True
        raise PracticeError(ErrorCode.SERVER_UNREACHABLE, "the server ended the stream early")

    async def _take(self, response: pb.StreamingAnalyzeResponse) -> bool:
        """Deliver one response; True when it was the summary."""
        match response.WhichOneof("payload"):
            case "window" if self._delivered.new_window(response.window):
                await self.results.put(response.window)
            case "beats":
                for beat in response.beats.beats:
                    if (new_beat := self._delivered.new_beat(beat)) is not None:
                        await self.results.put(new_beat)
            case "event" if self._delivered.new_event(response.event):
                await self.results.put(response.event)
            case "ack":
                self._journal.acknowledge(response.ack.through_sample)
            case "going_away":
                self.token = response.going_away.resume_token
            case "summary":
                await self.results.put(response.summary)
                return True
        return False

    async def _recover(self, error: PracticeError) -> None:
        """Wait as the failure asks for; raise it when there is nothing to be done."""
        if self.first_ready.is_set():
            self.state = ConnectionState.RECONNECTING
        self._internal_failures += error.code is ErrorCode.INTERNAL
        remedy = remedy_for(
            error, has_token=bool(self.token), internal_failures=self._internal_failures
        )
        if remedy is Remedy.SURFACE:
            raise error
        if remedy is Remedy.START_AGAIN:
            self._start_again()
        elif remedy is Remedy.FINISH:
            self._finish_early(error)
        elif remedy is Remedy.RESUME_WHEN_NEEDED:
            await self._journal.wait_for_more()
        was_asked = self.first_ready.is_set() or error.retry_after_s is not None
        limit_s = self._policy.give_up_after_s if was_asked else self._policy.connect_within_s
        now_s = asyncio.get_running_loop().time()
        delay_s = self._backoff.next_delay_s(now_s, error.retry_after_s, limit_s)
        if delay_s is None:
            raise error
        await asyncio.sleep(delay_s)

    def _finish_early(self, error: PracticeError) -> None:
        """Get the summary of a stream that may not grow; the reader then gets the error."""
        if self.error is not None:
            raise error
        self.error = error
        self._journal.finish_early(error)

    def _start_again(self) -> None:
        self.token = b""
        self.received_results = 0
        if self._journal.start_sample == 0:
            return  # nothing is lost: everything is sent again
        self.restarted_at_samples.append(self._journal.start_sample)
        self._delivered.restart()


def _received_before(config: pb.StreamConfig) -> int | None:
    """How many results an earlier program has had; 0 for a new stream, None when unknown."""
    if config.HasField("received_results") or not config.resume_token:
        return config.received_results
    return None
