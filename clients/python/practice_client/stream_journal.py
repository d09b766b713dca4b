"""The sending half of a live stream: what was given, what the server has, what goes next."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client.replay_buffer import Overflow, ReplayBuffer

if TYPE_CHECKING:
    from practice_client.replay_buffer import Entry

BYTES_PER_SAMPLE: Final = {
    pb.AUDIO_ENCODING_LINEAR16: 2,
    pb.AUDIO_ENCODING_FLOAT32: 4,
    pb.AUDIO_ENCODING_MULAW: 1,
}
# A server acknowledges about once a second of audio; a buffer that can't hold that would wait
# for an acknowledgement of what it can't send.
SHORTEST_REPLAY_S: Final = 2.0
# 100 ms is where the cost per message flattens out; the byte bound keeps 96 kHz stereo floats
# below the 64 KiB that one message may have.
_LONGEST_CHUNK_S: Final = 0.1
_LARGEST_CHUNK_BYTES: Final = 60 * 1024


class StreamJournal:
    """Replay buffer, pause state and send cursor of one stream.

    Parameters
    ----------
    config
        The stream's configuration.
    replay_s
        Bound of the replay buffer in seconds of audio.
    overflow
        What happens beyond it.

    Raises
    ------
    ValueError
        When the encoding or the sample rate is missing, or the buffer is too short to reach from
        one acknowledgement to the next.
    """

    def __init__(self, config: pb.StreamConfig, replay_s: float, overflow: Overflow) -> None:
        if config.encoding not in BYTES_PER_SAMPLE:
            raise ValueError("config.encoding must be LINEAR16, FLOAT32 or MULAW")
        if config.sample_rate_hz <= 0:
            raise ValueError("config.sample_rate_hz is required")
        if replay_s < SHORTEST_REPLAY_S:
            raise ValueError(f"replay_s={replay_s} is below {SHORTEST_REPLAY_S:g}")
        self._bytes_per_frame = BYTES_PER_SAMPLE[config.encoding] * (config.channel_count or 1)
        target_bpm = config.target_bpm if config.HasField("target_bpm") else None
        self._buffer = ReplayBuffer(
            max(1, round(replay_s * config.sample_rate_hz)), self._bytes_per_frame, target_bpm
        )
        self._chunk_frames = min(
            max(1, round(_LONGEST_CHUNK_S * config.sample_rate_hz)),
            _LARGEST_CHUNK_BYTES // self._bytes_per_frame,
        )
        self._overflow = overflow
        self._cursor = 0
        self._server_sample = 0
        self._finish_sent = False
        self._changed = asyncio.Event()
        self._closed_by: BaseException | None = None
        self._is_closed = False
        self._finished = False
        self.paused = False

    @property
    def end_sample(self) -> int:
        """Samples given so far."""
        return self._buffer.end_sample

    @property
    def start_sample(self) -> int:
        """First sample that is still held."""
        return self._buffer.start_sample

    @property
    def start_target_bpm(self) -> float | None:
        """The target in force at `start_sample`."""
        return self._buffer.start_target_bpm

    @property
    def dropped_samples(self) -> int:
        """Samples that the overflow policy gave up."""
        return self._buffer.dropped_samples

    async def send(self, data: bytes) -> None:
        """Add whole frames of audio; ignored while paused."""
        if len(data) % self._bytes_per_frame:
            raise ValueError(
                f"{len(data)} bytes are no whole number of {self._bytes_per_frame}-byte frames"
            )
        chunk_bytes = self._chunk_frames * self._bytes_per_frame
        for offset in range(0, len(data), chunk_bytes):
            self._check_open()
            if self.paused:
                return
            chunk = bytes(data[offset : offset + chunk_bytes])
            await self._wait_for_room(len(chunk) // self._bytes_per_frame)
            self._buffer.append(chunk)
            self._notify()

    def skip(self, sample_count: int) -> None:
        """Move the clock over samples that were lost before they came here."""
        if sample_count < 0:
            raise ValueError(f"sample_count={sample_count} is negative")
        if not self.paused:
            self._buffer.skip(sample_count)

    def control(self, control: pb.Control) -> None:
        """Add a control at this place of the sample clock."""
        kind = control.WhichOneof("action")
        if kind == "finish" and self._finished:
            return
        self._check_open()
        self._finished = kind == "finish"
        if kind in {"pause", "resume"}:
            self.paused = kind == "pause"
        self._buffer.append_control(control)
        self._notify()

    def acknowledge(self, through_sample: int) -> None:
        """Forget what the server has in its resumable state."""
        self._buffer.trim(through_sample)
        self._notify()

    def connected(self, ready: pb.StreamReady) -> None:
        """Go on from where the server stands."""
        if ready.next_sample > self._buffer.end_sample == 0:
            self._buffer.start_at(ready.next_sample)
        # What the server stands behind is as good as acknowledged: the ack itself may have been
        # lost with the connection, and a full buffer would wait for it forever.
        self._buffer.trim(ready.next_sample)
        self._server_sample = ready.next_sample
        self._cursor = self._buffer.sequence_at(ready.next_sample)
        self._finish_sent = False
        self._notify()

    def finish_early(self, error: BaseException) -> None:
        """Give up the audio that was not taken; only the finish is still sent."""
        self._buffer.trim(self._buffer.end_sample + 1)
        self._buffer.append_control(pb.Control(finish=pb.Finish()))
        self.close(error)

    def close(self, error: BaseException | None) -> None:
        """Refuse everything from now on, with `error` where there is one."""
        if not self._is_closed:
            self._is_closed = True
            self._closed_by = error
        self._notify()

    async def next_request(self) -> pb.StreamingAnalyzeRequest | None:
        """Return what is to be sent next, waiting for it; None after finish."""
        while not self._finish_sent:
            while (entry := self._buffer.entry_at(self._cursor)) is None:
                await self._next_change()
            self._cursor = entry.sequence + 1
            self._finish_sent = entry.control is not None and entry.control.HasField("finish")
            if (request := self._to_request(entry)) is not None:
                return request
        return None

    async def wait_for_more(self) -> None:
        """Wait until there is something that was not sent."""
        while self._buffer.entry_at(self._cursor) is None and not self._is_closed:
            await self._next_change()

    async def wait_until_running(self) -> None:
        """Wait until the stream is not paused."""
        while self.paused and not self._is_closed:
            await self._next_change()

    async def _wait_for_room(self, sample_count: int) -> None:
        if self._overflow is Overflow.DROP_OLDEST:
            return
        while not self._buffer.has_room(sample_count):
            await self._next_change()
            self._check_open()

    def _check_open(self) -> None:
        if self._closed_by is not None:
            raise self._closed_by
        if self._is_closed:
            raise RuntimeError("the stream has ended")
        if self._finished:
            raise RuntimeError("the stream was finished; nothing can follow")

    def _to_request(self, entry: Entry) -> pb.StreamingAnalyzeRequest | None:
        if entry.control is not None:
            return pb.StreamingAnalyzeRequest(control=entry.control)
        entry = self._buffer.remaining(entry, self._server_sample)
        if not entry.data:
            return None
        chunk = pb.AudioChunk(data=entry.data, first_sample=entry.first_sample)
        return pb.StreamingAnalyzeRequest(audio=chunk)

    async def _next_change(self) -> None:
        await self._changed.wait()

    def _notify(self) -> None:
        """Wake everyone who waits now; who waits later waits for the next change."""
        self._changed.set()
        self._changed = asyncio.Event()
