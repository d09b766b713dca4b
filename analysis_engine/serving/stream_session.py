"""One student's stream on the server: a tracker, its clock, and what it still has to tell.

Plain state without a connection: it outlives a broken one and goes on with the next.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final

from analysis_engine.results import Beat, StreamEvent, StreamSummary, WindowResult
from analysis_engine.serving import codec
from analysis_engine.serving.pacing import AudioBucket, SmallMessages
from analysis_engine.serving.result_queue import ResultQueue
from analysis_engine.tracking.tracker import Tracker
from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis_engine.config import StreamConfig
    from analysis_engine.results import Output
    from analysis_engine.serving.limits import ServingConfig
    from analysis_engine.serving.recording import Recording

_TOKEN_BYTES: Final = 16


class StreamSession:
    """A live stream, from its config to its summary.

    Parameters
    ----------
    stream_id
        The stream's UUID.
    owner
        Subject of the principal that opened it; nobody else may resume it.
    asked
        The config as the client sent it.
    config
        The same for the engine.
    limits
        Serving limits.
    now_s
        Monotonic time.
    recording
        Keeps the results for a practice session; None when there is none.
    """

    def __init__(
        self,
        *,
        stream_id: str,
        owner: str,
        asked: pb.StreamConfig,
        config: StreamConfig,
        limits: ServingConfig,
        now_s: float,
        recording: Recording | None = None,
    ) -> None:
        self.stream_id = stream_id
        self.owner = owner
        self.results = ResultQueue(limits.outbox)
        self.real_time_bucket = AudioBucket(limits.real_time, now_s)
        self.small_messages = SmallMessages(limits.small_messages, now_s)
        self.is_finished = False
        self._asked = asked
        self._tracker = Tracker(config)
        self._slice_bytes = config.bytes_per_frame * max(
            1, int(limits.slice_s * config.sample_rate_hz)
        )
        self._max_sample = int(limits.max_stream_s * config.sample_rate_hz)
        self._ack_every = int(limits.ack_interval_s * config.sample_rate_hz)
        self._acked_sample = 0
        self._recording = recording
        self._token = secrets.token_bytes(_TOKEN_BYTES)
        self._old_token = b""
        self._summary: pb.StreamingAnalyzeResponse | None = None

    @property
    def next_sample(self) -> int:
        """Index of the sample that comes next."""
        return self._tracker.next_sample

    @property
    def is_paused(self) -> bool:
        """Whether audio is being ignored."""
        return self._tracker.paused

    @property
    def is_fast(self) -> bool:
        """Whether the client asked for AS_FAST_AS_POSSIBLE."""
        return bool(self._asked.pace == pb.PACE_AS_FAST_AS_POSSIBLE)

    @property
    def resume_token(self) -> bytes:
        """The newest token."""
        return self._token

    def ready(self, max_chunk_bytes: int, engine_version: str) -> pb.StreamingAnalyzeResponse:
        """Return the first answer on a connection."""
        config = codec.effective_config(self._asked, self._tracker.config, self.stream_id)
        return pb.StreamingAnalyzeResponse(
            ready=pb.StreamReady(
                stream_id=self.stream_id,
                config=config,
                next_sample=self.next_sample,
                resume_token=self._token,
                max_chunk_bytes=max_chunk_bytes,
                engine_version=engine_version,
            )
        )

    def going_away(self, reason: str) -> pb.StreamingAnalyzeResponse:
        """Return the goodbye of a server that ends the stream itself."""
        return pb.StreamingAnalyzeResponse(
            going_away=pb.GoingAway(resume_token=self._token, reason=reason)
        )

    def check_claim(self, principal: str, token: bytes) -> None:
        """Let only the owner with the newest token go on with the stream.

        Raises
        ------
        PracticeError
            STREAM_NOT_YOURS or RESUME_TOKEN_WRONG.
        """
        if principal != self.owner:
            raise PracticeError(
                ErrorCode.STREAM_NOT_YOURS,
                "This stream_id belongs to someone else; choose another one.",
                field="config.stream_id",
            )
        is_newest = hmac.compare_digest(token, self._token)
        is_unconfirmed = bool(self._old_token) and hmac.compare_digest(token, self._old_token)
        if not (is_newest or is_unconfirmed):
            raise PracticeError(
                ErrorCode.RESUME_TOKEN_WRONG,
                "This is not the newest resume_token of the stream.",
                field="config.resume_token",
            )

    def check_same_format(self, config: StreamConfig) -> None:
        """Refuse to go on with bytes of another kind than before.

        Raises
        ------
        PracticeError
            FIELD_INVALID, naming the field.
        """
        for name in ("encoding", "sample_rate_hz", "channel_count"):
            if getattr(config, name) != getattr(self._tracker.config, name):
                raise PracticeError(
                    ErrorCode.FIELD_INVALID,
                    f"{name} differs from what the stream began with.",
                    field=f"config.{name}",
                )

    def go_on(self, received_count: int | None) -> None:
        """Get ready for a new connection: a new token, and first what the client does not have.

        The old token holds until the client shows that it has the new one.

        Parameters
        ----------
        received_count
            How many results the client has received, when it says so.
        """
        self._old_token, self._token = self._token, secrets.token_bytes(_TOKEN_BYTES)
        self.results.rewind(received_count)
        if self._summary is not None and received_count is None and not self.results:
            self.results.add(self._summary)

    def confirm_token(self) -> None:
        """Note that the client has gone on after `ready`: only the newest token holds."""
        self._old_token = b""

    def take_audio(self, chunk: pb.AudioChunk, bucket: AudioBucket, now_s: float) -> Iterator[None]:
        """Work off one chunk in slices, with a step between two of them; their results wait.

        Whoever stops iterating leaves a sound state: `next_sample` tells how far it came.

        Raises
        ------
        PracticeError
            PARTIAL_SAMPLE, PACE_EXCEEDED, RATE_LIMITED, or STREAM_TOO_LONG after the last sample
            that fits.
        """
        config = self._tracker.config
        data = memoryview(chunk.data)
        if len(data) % config.bytes_per_frame:
            raise PracticeError(
                ErrorCode.PARTIAL_SAMPLE,
                f"{len(data)} bytes are no whole number of samples of {config.bytes_per_frame} "
                "bytes each.",
                field="audio.data",
            )
        if self.is_finished:
            return
        audio_s = len(data) / config.bytes_per_frame / config.sample_rate_hz
        is_gap = chunk.HasField("first_sample") and chunk.first_sample > self.next_sample
        self.small_messages.charge(audio_s, now_s, is_gap=is_gap)
        bucket.charge(audio_s, now_s)
        if self._tracker.paused:
            return
        if chunk.HasField("first_sample"):
            data = self._align(chunk.first_sample, data)
        room_bytes = (self._max_sample - self.next_sample) * config.bytes_per_frame
        fitting = data[: max(0, room_bytes)]
        for start in range(0, len(fitting), self._slice_bytes):
            if start:
                yield
            self._tell(self._tracker.process(fitting[start : start + self._slice_bytes]))
            self._ack_when_due()
        if len(fitting) < len(data):
            raise self._too_long()

    def _align(self, first_sample: int, data: memoryview) -> memoryview:
        missing = first_sample - self.next_sample
        if missing > 0:
            if first_sample > self._max_sample:
                raise self._too_long()
            self._tell(self._tracker.skip(missing))
            return data
        return data[-missing * self._tracker.config.bytes_per_frame :]

    def _too_long(self) -> PracticeError:
        limit_s = self._max_sample / self._tracker.config.sample_rate_hz
        return PracticeError(
            ErrorCode.STREAM_TOO_LONG,
            f"A stream holds at most {limit_s / 3600:g} h of audio; resume it to finish it, "
            "then open another.",
            limit="audio per stream",
        )

    def _ack_when_due(self) -> None:
        if self.next_sample - self._acked_sample < self._ack_every:
            return
        self._acked_sample = self.next_sample
        # A sink without room delays no ack: the audio is in the resumable state all the same.
        if self._recording is None or not self._recording.keep(self.next_sample, self._on_kept):
            self.add_ack()

    def _on_kept(self, through_sample: int) -> None:
        if not self.is_finished:
            self._add_ack(through_sample)

    def add_ack(self) -> None:
        """Tell that everything so far is in the resumable state."""
        self._acked_sample = self.next_sample
        self._add_ack(self.next_sample)

    def _add_ack(self, through_sample: int) -> None:
        ack = pb.Ack(through_sample=through_sample)
        if self._recording is not None:
            ack.kept_through_sample = self._recording.kept_through_sample
        self.results.add(pb.StreamingAnalyzeResponse(ack=ack))

    def hand_over(self) -> None:
        """Let the practice session have what waits for it."""
        if self._recording is not None:
            self._recording.keep(self.next_sample, self._on_kept)

    async def settle(self) -> None:
        """Wait until everything that the practice session gets is durable.

        Raises
        ------
        PracticeError
            STORE_UNAVAILABLE when that takes too long.
        """
        if self._recording is not None:
            await self._recording.settle(self.next_sample)

    def set_target_bpm(self, target_bpm: float) -> None:
        """Change the target; 0 clears it."""
        if not self.is_finished:
            self._tracker.set_target_bpm(target_bpm or None)

    def pause(self) -> None:
        """Ignore audio until `resume`."""
        if not self.is_finished:
            self._tracker.pause()

    def resume(self) -> None:
        """Listen again."""
        if not self.is_finished:
            self._tracker.resume()

    def finish(self) -> None:
        """Answer what is pending, the summary last; a repeat changes nothing."""
        if not self.is_finished:
            self.is_finished = True
            self._tell(self._tracker.finish())

    def _tell(self, outputs: list[Output]) -> None:
        beats: list[Beat] = []
        for output in outputs:
            if isinstance(output, Beat):
                beats.append(output)
                continue
            self._tell_beats(beats)
            beats = []
            response = _to_response(output)
            self.results.add(response)
            if isinstance(output, StreamSummary):
                self._summary = response
            if self._recording is not None:
                self._recording.add(response)
        self._tell_beats(beats)

    def _tell_beats(self, beats: list[Beat]) -> None:
        if self._recording is None and not self._asked.emit_beats:
            return
        if beats:
            response = pb.StreamingAnalyzeResponse(beats=codec.beats_to_pb(beats))
            if self._asked.emit_beats:
                self.results.add(response)
            if self._recording is not None:
                self._recording.add(response)


def _to_response(output: WindowResult | StreamEvent | StreamSummary) -> pb.StreamingAnalyzeResponse:
    if isinstance(output, WindowResult):
        return pb.StreamingAnalyzeResponse(window=codec.window_to_pb(output))
    if isinstance(output, StreamEvent):
        return pb.StreamingAnalyzeResponse(event=codec.event_to_pb(output))
    return pb.StreamingAnalyzeResponse(summary=codec.summary_to_pb(output))
