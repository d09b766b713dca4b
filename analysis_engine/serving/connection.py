"""One connection of a stream: reads requests, writes results, and knows when to stop.

A reading and a writing task share the session's `ResultQueue`. Audio is worked off inline, slice
by slice, and waits for the writer while the client reads; a client that reads too slowly loses
old windows, and one that stops reading loses the connection, never the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol

from analysis_engine.serving.request_check import check_request
from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from analysis_engine.serving.limits import ServingConfig
    from analysis_engine.serving.pacing import AudioBucket
    from analysis_engine.serving.stream_session import StreamSession
    from practice.analysis.v1 import analysis_pb2 as pb


class Wire(Protocol):
    """The transport under a connection."""

    async def read(self) -> pb.StreamingAnalyzeRequest | None:
        """Return the next request, or None after the client's half-close."""
        ...

    async def write(self, response: pb.StreamingAnalyzeResponse) -> None:
        """Hand a response to the transport; waits while the client does not read."""
        ...


class Connection:
    """Carries one session over one wire.

    Parameters
    ----------
    wire
        The transport.
    session
        The stream, new or resumed.
    bucket
        What limits its pace.
    limits
        Serving limits.
    engine_version
        Told in `StreamReady`.
    """

    def __init__(
        self,
        wire: Wire,
        session: StreamSession,
        bucket: AudioBucket,
        limits: ServingConfig,
        engine_version: str,
    ) -> None:
        self.session = session
        self.is_detached = False
        self._wire = wire
        self._bucket = bucket
        self._limits = limits
        self._engine_version = engine_version
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[PracticeError] = self._loop.create_future()
        self._says_goodbye = False
        self._is_closing = False
        self._wake_writer = asyncio.Event()
        self._is_flushed = asyncio.Event()
        self._room = asyncio.Event()
        self._write_timer: asyncio.TimerHandle | None = None
        self._quiet_since_s: float | None = None

    def end(self, error: PracticeError, *, says_goodbye: bool = False) -> None:
        """End the connection from outside its own tasks; the first reason wins."""
        if not self._end.done():
            self._says_goodbye = says_goodbye
            self._end.set_result(error)
            self._room.set()

    def detach(self) -> StreamSession:
        """Give the session up to a newer connection; this one touches it no more."""
        self.is_detached = True
        self.end(
            PracticeError(
                ErrorCode.STREAM_TAKEN_OVER, "The stream goes on over another connection."
            )
        )
        return self.session

    async def run(self) -> None:
        """Serve until the summary is written.

        Raises
        ------
        PracticeError
            Whatever else ended the connection; the session is resumable then.
        """
        await self._write_ready()
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        idle_timer = asyncio.create_task(self._watch_idle())
        try:
            await self._serve(reading, writing)
        finally:
            tasks = (reading, writing, idle_timer)
            for task in tasks:
                task.cancel()
            if self._write_timer is not None:
                self._write_timer.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _write_ready(self) -> None:
        """Send the first answer; whoever has no room for it does not keep a place for long."""
        ready = self.session.ready(self._limits.max_chunk_bytes, self._engine_version)
        try:
            async with asyncio.timeout(self._limits.outbox.cut_after_s):
                await self._wire.write(ready)
        except TimeoutError:
            raise _too_slow() from None

    async def _serve(self, reading: asyncio.Task[None], writing: asyncio.Task[None]) -> None:
        ends: set[asyncio.Future[Any]] = {reading, writing, self._end}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        failure = self._failure_of(reading)
        if failure is None and not self._end.done():  # half-closed, finished, or the wire broke
            self._close_writer()
            ends.discard(reading)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                writing.result()
                return
        error = failure or self._end.result()
        await self._leave(error, writing)
        if failure is not None:
            await self._linger()
        raise error

    def _failure_of(self, reading: asyncio.Task[None]) -> PracticeError | None:
        if not reading.done() or reading.cancelled():
            return None
        failure = reading.exception()
        if failure is None or isinstance(failure, PracticeError):
            return failure
        raise failure

    async def _leave(self, error: PracticeError, writing: asyncio.Task[None]) -> None:
        """Let results out that wait already, then say goodbye where the contract has it."""
        if self.is_detached or error.code is ErrorCode.READER_TOO_SLOW:
            return
        if self._says_goodbye or error.code is ErrorCode.STREAM_TOO_LONG:
            self.session.results.add(self.session.going_away(error.message))
        self._close_writer()
        await asyncio.wait({writing}, timeout=self._limits.flush_timeout_s)

    async def _linger(self) -> None:
        """Read what the client is still sending, and drop it.

        A grpc.aio client whose write fails never learns why, so the status waits until the client
        holds its breath.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger_s):
                while await self._drop_request():
                    pass

    async def _drop_request(self) -> bool:
        """Read and forget one request; returns whether another may follow."""
        async with asyncio.timeout(self._limits.linger_quiet_s):
            try:
                return await self._wire.read() is not None
            except PracticeError:  # the next mistake of a client that was told of one already
                return True

    def _close_writer(self) -> None:
        self._is_closing = True
        self._wake_writer.set()

    async def _read(self) -> None:
        while True:
            self._quiet_since_s = self._loop.time()
            request = await self._wire.read()
            self._quiet_since_s = None
            if self._end.done():
                return
            if request is None:
                if not self.session.is_finished:
                    await self._confirm_half_close()
                break
            if await self._take(request):
                break
        if not self._end.done():
            self.session.finish()
            self._wake_writer.set()
            await self.session.settle()

    async def _confirm_half_close(self) -> None:
        """Make sure that the client is there: a broken call reads like a half-closed one.

        Only a write tells them apart; where it fails, the stream is not summed up but resumable.
        """
        self.session.add_ack()
        self._is_flushed.clear()
        self._wake_writer.set()
        await self._is_flushed.wait()

    async def _take(self, request: pb.StreamingAnalyzeRequest) -> bool:
        """Handle one request; returns whether the client wants the summary."""
        check_request(request, self._limits)
        if request.HasField("config"):
            raise PracticeError(
                ErrorCode.CONFIG_REPEATED,
                "The config comes first and once; open another stream for another config.",
                field="config",
            )
        self.session.confirm_token()
        if request.HasField("audio"):
            await self._take_audio(request.audio)
            return False
        self.session.small_messages.charge(0.0, self._loop.time())
        return self._take_control(request.control)

    async def _take_audio(self, chunk: pb.AudioChunk) -> None:
        for _ in self.session.take_audio(chunk, self._bucket, self._loop.time()):
            await self._let_results_out()
            await asyncio.sleep(0)
            if self._end.done():
                return
        await self._let_results_out()

    async def _let_results_out(self) -> None:
        """Wake the writer, if there is anything to write, and wait while too much waits."""
        results = self.session.results
        if not results:
            return
        self._wake_writer.set()
        while results.is_above_high_water and not self._end.done():
            self._room.clear()
            await self._room.wait()
        if results.is_overfull:
            self._end_slow_reader()

    def _take_control(self, control: pb.Control) -> bool:
        action = control.WhichOneof("action")
        if action == "set_target_bpm":
            self.session.set_target_bpm(control.set_target_bpm)
        elif action == "pause":
            self.session.pause()
        elif action == "resume":
            self.session.resume()
        return bool(action == "finish")

    async def _write(self) -> None:
        results = self.session.results
        while not self.is_detached:
            response = results.take()
            if response is None:
                self._is_flushed.set()
                if self._is_closing:
                    return
                self._wake_writer.clear()
                await self._wake_writer.wait()
                continue
            deadline_s = self._limits.outbox.write_deadline_s
            self._write_timer = self._loop.call_later(deadline_s, self._on_late_write)
            await self._wire.write(response)
            self._write_timer.cancel()
            if not self.is_detached:
                results.written()
                results.keep_newest_window_only(enabled=False)
                self._room.set()

    def _on_late_write(self) -> None:
        """Stop waiting for a client that does not read, and cut it off in the end."""
        limits = self._limits.outbox
        remaining_s = max(0.0, limits.cut_after_s - limits.write_deadline_s)
        self._write_timer = self._loop.call_later(remaining_s, self._end_slow_reader)
        self.session.results.keep_newest_window_only(enabled=True)
        self._room.set()

    def _end_slow_reader(self) -> None:
        self.end(_too_slow())

    async def _watch_idle(self) -> None:
        """End the connection when the client has been quiet for too long."""
        while True:
            limit_s = self._quiet_limit_s()
            since_s = self._quiet_since_s
            quiet_s = 0.0 if since_s is None else self._loop.time() - since_s
            if quiet_s >= limit_s:
                self.end(_idle(limit_s), says_goodbye=True)
                return
            await asyncio.sleep(min(limit_s - quiet_s, self._limits.idle_timeout_s))

    def _quiet_limit_s(self) -> float:
        is_paused = self.session.is_paused and not self.session.is_finished
        return self._limits.max_pause_s if is_paused else self._limits.idle_timeout_s


def _too_slow() -> PracticeError:
    return PracticeError(
        ErrorCode.READER_TOO_SLOW,
        "Results were not read for too long; resume the stream and read them.",
        limit="unread results",
        retry_after_s=1.0,
    )


def _idle(limit_s: float) -> PracticeError:
    return PracticeError(
        ErrorCode.STREAM_IDLE,
        f"Neither audio nor control came for {limit_s:g} s; resume the stream to go on.",
        limit="idle time",
    )
