"""Practice sessions, as the server has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import grpc

from practice.identifiers import uuid7
from practice.rpc.status import error_from_rpc
from practice.sessions.v1 import sessions_pb2 as pb
from practice.sessions.v1 import sessions_pb2_grpc
from practice_client.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_TIMEOUT_S: Final = 30.0


class Sessions:
    """The practice sessions of one server; an async context manager.

    Parameters
    ----------
    endpoint
        Server, with an access token.

    Raises
    ------
    PracticeError
        From every method: what the server said, with code and field.

    Examples
    --------
    >>> async with Sessions(await signed_in("localhost:50051")) as sessions:  # doctest: +SKIP
    ...     session = await sessions.start(focus="even thirds", target_bpm=96)
    ...     await sessions.finish(session.session_id, self_rating=4)
    """

    def __init__(self, endpoint: Endpoint | str) -> None:
        self._endpoint = Endpoint(endpoint) if isinstance(endpoint, str) else endpoint
        self._channel = self._endpoint.open_channel()
        self._stub: Any = sessions_pb2_grpc.PracticeServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._channel.close()

    async def start(self, **fields: Any) -> pb.Session:
        """Begin a session; the fields are those of StartSessionRequest."""
        request = pb.StartSessionRequest(**{"session_id": str(uuid7()), **fields})
        return await self._session("StartSession", request)

    async def pause(self, session_id: str) -> pb.Session:
        """Stop the clock."""
        return await self._session("PauseSession", pb.PauseSessionRequest(session_id=session_id))

    async def resume(self, session_id: str) -> pb.Session:
        """Let the clock run on."""
        return await self._session("ResumeSession", pb.ResumeSessionRequest(session_id=session_id))

    async def finish(
        self, session_id: str, self_rating: int | None = None, note: str | None = None
    ) -> pb.Session:
        """End a session for good; `self_rating` is 1 to 5."""
        request = pb.FinishSessionRequest(session_id=session_id, self_rating=self_rating, note=note)
        return await self._session("FinishSession", request)

    async def get(self, session_id: str) -> pb.Session:
        """Return one session."""
        return await self._session("GetSession", pb.GetSessionRequest(session_id=session_id))

    async def page(self, **fields: Any) -> pb.ListSessionsResponse:
        """Return a page of sessions; the fields are those of ListSessionsRequest."""
        answer: pb.ListSessionsResponse = await self._call(
            "ListSessions", pb.ListSessionsRequest(**fields)
        )
        return answer

    async def events(self, session_id: str) -> list[pb.SessionEvent]:
        """Return the first thousand events of a session, oldest first."""
        request = pb.ListSessionEventsRequest(session_id=session_id, page_size=1000)
        return list((await self._call("ListSessionEvents", request)).events)

    async def click(self, session_id: str, counts: Mapping[str, int]) -> None:
        """Count clicks by the segments' ids."""
        request = pb.RecordSegmentClicksRequest(
            session_id=session_id,
            segment_clicks=[
                pb.SegmentClicks(segment_id=one, clicks=count) for one, count in counts.items()
            ],
            event_id=str(uuid7()),
        )
        await self._call("RecordSegmentClicks", request)

    async def heatmap(self, piece_id: str, **fields: Any) -> list[pb.HeatmapSegment]:
        """Return a piece's segments; the fields are those of GetHeatmapRequest."""
        answer = await self._call("GetHeatmap", pb.GetHeatmapRequest(piece_id=piece_id, **fields))
        return list(answer.segments)

    async def _session(self, name: str, request: object) -> pb.Session:
        session: pb.Session = (await self._call(name, request)).session
        return session

    async def _call(self, name: str, request: object) -> Any:
        try:
            return await getattr(self._stub, name)(
                request, timeout=_TIMEOUT_S, metadata=self._endpoint.metadata
            )
        except grpc.RpcError as error:
            raise error_from_rpc(error) from error
