"""All live streams of one process: who may open, resume and take over which."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from analysis_engine.serving import codec
from analysis_engine.serving.connection import Connection, Wire
from analysis_engine.serving.recording import Recording
from analysis_engine.serving.request_check import check_request
from analysis_engine.serving.stream_session import StreamSession
from practice.identifiers import uuid7
from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from analysis_engine.config import StreamConfig
    from analysis_engine.serving.admission import Admission
    from analysis_engine.serving.limits import ServingConfig
    from analysis_engine.serving.metrics_sink import MetricsSink
    from analysis_engine.serving.pacing import AudioBucket, FastQuota
    from analysis_engine.serving.resume_store import ResumeStore
    from practice.analysis.v1 import analysis_pb2 as pb
    from practice.rpc.principals import Principal


class LiveStreams:
    """Serves streams over wires.

    Parameters
    ----------
    limits
        Serving limits.
    admission
        Says whether there is room for a stream.
    store
        Where broken streams wait.
    fast_quota
        Pace of streams that come as fast as possible.
    engine_version
        Told in `StreamReady`.
    metrics
        Keeps the results of streams with a session_id; without it there are none.
    """

    def __init__(
        self,
        limits: ServingConfig,
        admission: Admission,
        store: ResumeStore,
        fast_quota: FastQuota,
        engine_version: str,
        *,
        metrics: MetricsSink | None = None,
    ) -> None:
        self._limits = limits
        self._admission = admission
        self._store = store
        self._fast_quota = fast_quota
        self._engine_version = engine_version
        self._metrics = metrics
        self._connections: dict[str, Connection] = {}
        self._goodbye: str | None = None

    def go_away(self, reason: str) -> None:
        """Send every client away, each with its resume token, and let nobody in any more."""
        self._goodbye = reason
        for connection in self._connections.values():
            connection.end(_draining(reason), says_goodbye=True)

    async def serve(self, wire: Wire, principal: Principal) -> None:
        """Serve one connection until its stream is summed up.

        Parameters
        ----------
        wire
            The transport.
        principal
            Who calls.

        Raises
        ------
        PracticeError
            Whatever ended the connection.
        """
        asked = await self._first_config(wire)
        config = _accepted(asked, principal)
        if self._goodbye is not None:
            raise _draining(self._goodbye)
        if asked.HasField("session_id") and not asked.resume_token and self._metrics is not None:
            await self._metrics.check_session(asked.session_id, principal.subject)
        with self._admission.enter(principal, is_resuming=bool(asked.resume_token)):
            session = await self._session_for(asked, config, principal)
            connection = Connection(
                wire, session, self._bucket_of(session), self._limits, self._engine_version
            )
            self._connections[session.stream_id] = connection
            try:
                await connection.run()
            finally:
                await self._park(connection)

    async def _first_config(self, wire: Wire) -> pb.StreamConfig:
        try:
            async with asyncio.timeout(self._limits.idle_timeout_s):
                request = await wire.read()
        except TimeoutError as error:
            raise PracticeError(
                ErrorCode.STREAM_IDLE, "No config came; open the stream again.", limit="idle time"
            ) from error
        if request is not None:
            check_request(request, self._limits)
        if request is None or not request.HasField("config"):
            raise PracticeError(
                ErrorCode.CONFIG_MISSING, "The first message must be the config.", field="config"
            )
        return request.config

    async def _session_for(
        self, asked: pb.StreamConfig, config: StreamConfig, principal: Principal
    ) -> StreamSession:
        known = await self._find(asked.stream_id) if asked.HasField("stream_id") else None
        if known is None and asked.resume_token:
            raise _not_resumable(asked)
        if known is None:
            return self._new_session(asked, config, principal)
        if not asked.resume_token and known.owner == principal.subject and not known.next_sample:
            await self._claim(known)  # its `ready` never arrived: begin again
            return self._new_session(asked, config, principal)
        known.check_claim(principal.subject, asked.resume_token)
        known.check_same_format(config)
        if await self._claim(known) is None:
            raise _not_resumable(asked)
        known.go_on(asked.received_results if asked.HasField("received_results") else None)
        return known

    def _new_session(
        self, asked: pb.StreamConfig, config: StreamConfig, principal: Principal
    ) -> StreamSession:
        stream_id = asked.stream_id or str(uuid7())
        return StreamSession(
            stream_id=stream_id,
            owner=principal.subject,
            asked=asked,
            config=config,
            limits=self._limits,
            now_s=asyncio.get_running_loop().time(),
            recording=self._recording_of(asked, stream_id, principal),
        )

    def _recording_of(
        self, asked: pb.StreamConfig, stream_id: str, principal: Principal
    ) -> Recording | None:
        if not asked.HasField("session_id") or self._metrics is None:
            return None
        return Recording(
            self._metrics,
            owner=principal.subject,
            session_id=asked.session_id,
            stream_id=stream_id,
            sample_rate_hz=asked.sample_rate_hz,
            limits=self._limits.recording,
        )

    async def _find(self, stream_id: str) -> StreamSession | None:
        connection = self._connections.get(stream_id)
        return connection.session if connection else await self._store.find(stream_id)

    async def _claim(self, session: StreamSession) -> StreamSession | None:
        connection = self._connections.pop(session.stream_id, None)
        return connection.detach() if connection else await self._store.take(session.stream_id)

    async def _park(self, connection: Connection) -> None:
        """Keep the stream for its client to come back, unless it went on elsewhere."""
        session = connection.session
        if not connection.is_detached:
            del self._connections[session.stream_id]
            if session.next_sample > 0:
                session.hand_over()
                await self._store.park(session)

    def _bucket_of(self, session: StreamSession) -> AudioBucket:
        if session.is_fast:
            now_s = asyncio.get_running_loop().time()
            return self._fast_quota.bucket_of(session.owner, now_s)
        return session.real_time_bucket


def _accepted(asked: pb.StreamConfig, principal: Principal) -> StreamConfig:
    """Return the engine's config, or say why this caller can't have such a stream."""
    check_session_id(asked, principal)
    if asked.resume_token and not asked.HasField("stream_id"):
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            "A resume_token needs the stream_id that it came with.",
            field="config.stream_id",
        )
    return codec.to_stream_config(asked)


def check_session_id(asked: pb.StreamConfig, principal: Principal) -> None:
    """Refuse results for a practice session that nobody is known to own.

    Raises
    ------
    PracticeError
        UNAUTHENTICATED for an anonymous caller.
    """
    if asked.HasField("session_id") and principal.is_anonymous:
        raise PracticeError(
            ErrorCode.UNAUTHENTICATED,
            "Results can only go to a session of someone known; sign in, or leave session_id out.",
            field="config.session_id",
        )


def _draining(reason: str) -> PracticeError:
    return PracticeError(ErrorCode.SERVER_DRAINING, reason, retry_after_s=1.0)


def _not_resumable(asked: pb.StreamConfig) -> PracticeError:
    return PracticeError(
        ErrorCode.STREAM_NOT_RESUMABLE,
        "Nothing is kept of this stream; open it again with the same stream_id and no "
        "resume_token, and send what is left with its first_sample.",
        precondition=f"stream {asked.stream_id}",
    )
