"""PracticeService: translates and decides nothing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final, TypeVar

from practice.identifiers import uuid7
from practice.sessions.v1 import sessions_pb2 as pb
from practice.sessions.v1 import sessions_pb2_grpc
from session_service.actors import actor_of
from session_service.paging import Page
from session_service.sessions import codec
from session_service.wire import optional_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message
    from sqlalchemy.orm import Session

    from practice.rpc.calls import Context
    from session_service.db.database import Database
    from session_service.repeats.service import Repeats
    from session_service.sessions.heatmap import Heatmaps
    from session_service.sessions.service import PracticeSessions, SessionView

Answer = TypeVar("Answer", bound="Message")

PRACTICE_SERVICE: Final[str] = pb.DESCRIPTOR.services_by_name["PracticeService"].full_name


class PracticeServicer(sessions_pb2_grpc.PracticeServiceServicer):
    """Practice sessions over grpc.aio.

    Parameters
    ----------
    database
        Runs units of work that only read.
    sessions, heatmaps
        Do it.
    repeats
        Runs mutations once.
    """

    def __init__(
        self,
        database: Database,
        sessions: PracticeSessions,
        heatmaps: Heatmaps,
        repeats: Repeats,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._heatmaps = heatmaps
        self._repeats = repeats

    async def StartSession(
        self, request: pb.StartSessionRequest, context: Context
    ) -> pb.StartSessionResponse:
        """Begin a session."""
        actor, plan = actor_of(context), codec.to_plan(request)
        session_id = optional_id(request, "session_id") or uuid7()
        at = codec.optional_instant(request, "start_time")
        return await self._change(
            request,
            context,
            pb.StartSessionResponse,
            lambda session: self._sessions.start(session, actor, session_id, plan, at),
        )

    async def PauseSession(
        self, request: pb.PauseSessionRequest, context: Context
    ) -> pb.PauseSessionResponse:
        """Stop the clock."""
        actor, session_id = actor_of(context), uuid.UUID(request.session_id)
        at = codec.optional_instant(request, "pause_time")
        return await self._change(
            request,
            context,
            pb.PauseSessionResponse,
            lambda session: self._sessions.pause(session, actor, session_id, at),
        )

    async def ResumeSession(
        self, request: pb.ResumeSessionRequest, context: Context
    ) -> pb.ResumeSessionResponse:
        """Let the clock run on."""
        actor, session_id = actor_of(context), uuid.UUID(request.session_id)
        at = codec.optional_instant(request, "resume_time")
        return await self._change(
            request,
            context,
            pb.ResumeSessionResponse,
            lambda session: self._sessions.resume(session, actor, session_id, at),
        )

    async def FinishSession(
        self, request: pb.FinishSessionRequest, context: Context
    ) -> pb.FinishSessionResponse:
        """End a session for good."""
        actor, session_id = actor_of(context), uuid.UUID(request.session_id)
        changes, at = codec.to_finish(request), codec.optional_instant(request, "finish_time")
        return await self._change(
            request,
            context,
            pb.FinishSessionResponse,
            lambda session: self._sessions.finish(session, actor, session_id, changes, at),
        )

    async def UpdateSession(
        self, request: pb.UpdateSessionRequest, context: Context
    ) -> pb.UpdateSessionResponse:
        """Change what is said about a session."""
        actor, session_id = actor_of(context), uuid.UUID(request.session.session_id)
        changes = codec.to_changes(request.session, request.update_mask)
        return await self._change(
            request,
            context,
            pb.UpdateSessionResponse,
            lambda session: self._sessions.update(
                session, actor, session_id, changes, request.etag
            ),
        )

    async def DeleteSession(
        self, request: pb.DeleteSessionRequest, context: Context
    ) -> pb.DeleteSessionResponse:
        """Take a session away."""
        actor, session_id = actor_of(context), uuid.UUID(request.session_id)
        return await self._change(
            request,
            context,
            pb.DeleteSessionResponse,
            lambda session: self._sessions.delete(session, actor, session_id, request.etag),
        )

    async def UndeleteSession(
        self, request: pb.UndeleteSessionRequest, context: Context
    ) -> pb.UndeleteSessionResponse:
        """Bring a session back."""
        actor, session_id = actor_of(context), uuid.UUID(request.session_id)
        return await self._change(
            request,
            context,
            pb.UndeleteSessionResponse,
            lambda session: self._sessions.undelete(session, actor, session_id),
        )

    async def RecordSegmentClicks(
        self, request: pb.RecordSegmentClicksRequest, context: Context
    ) -> pb.RecordSegmentClicksResponse:
        """Count clicks."""
        actor, session_id = actor_of(context), uuid.UUID(request.session_id)
        counts, event_id = codec.to_counts(request), optional_id(request, "event_id")
        return await self._repeats.once(
            actor.user_id,
            request,
            pb.RecordSegmentClicksResponse,
            lambda session: pb.RecordSegmentClicksResponse(
                segment_clicks=codec.to_clicks(
                    self._sessions.click(session, actor, session_id, counts, event_id)
                )
            ),
        )

    async def GetSession(
        self, request: pb.GetSessionRequest, context: Context
    ) -> pb.GetSessionResponse:
        """Return a session."""
        actor, session_id = actor_of(context), uuid.UUID(request.session_id)
        return await self._database.read(
            lambda session: pb.GetSessionResponse(
                session=codec.to_session(self._sessions.get(session, actor, session_id))
            )
        )

    async def ListSessions(
        self, request: pb.ListSessionsRequest, context: Context
    ) -> pb.ListSessionsResponse:
        """Return a page of someone's sessions."""
        actor, page = actor_of(context), Page.asked_by(request)
        wanted, deleted = codec.to_filter(request, actor.user_id), request.show_deleted

        def read(session: Session) -> pb.ListSessionsResponse:
            found = self._sessions.page(session, actor, wanted, page, deleted=deleted)
            rows, token = page.cut(found)
            shown = [
                codec.to_session(view, with_intervals=False) for view in self._sessions.views(rows)
            ]
            return pb.ListSessionsResponse(sessions=shown, next_page_token=token)

        return await self._database.read(read)

    async def GetHeatmap(
        self, request: pb.GetHeatmapRequest, context: Context
    ) -> pb.GetHeatmapResponse:
        """Return which segments were worked on most."""
        actor, session_id = actor_of(context), optional_id(request, "session_id")
        wanted, piece_id = codec.to_filter(request, actor.user_id), uuid.UUID(request.piece_id)
        warmths = await self._database.read(
            lambda session: self._heatmaps.of_piece(session, actor, piece_id, wanted, session_id)
        )
        return pb.GetHeatmapResponse(segments=[codec.to_warmth(one) for one in warmths])

    async def ListSessionEvents(
        self, request: pb.ListSessionEventsRequest, context: Context
    ) -> pb.ListSessionEventsResponse:
        """Return a page of a session's history."""
        actor, page = actor_of(context), Page.asked_by(request)
        session_id = uuid.UUID(request.session_id)
        found = await self._database.read(
            lambda session: self._sessions.events(session, actor, session_id, page)
        )
        rows, token = page.cut(found)
        events = [codec.to_event(row) for row in rows]
        return pb.ListSessionEventsResponse(events=events, next_page_token=token)

    async def _change(
        self,
        request: Any,
        context: Context,
        kind: type[Answer],
        work: Callable[[Session], SessionView],
    ) -> Answer:
        """Run a mutation whose answer has a field `session`."""
        return await self._repeats.once(
            actor_of(context).user_id,
            request,
            kind,
            lambda session: kind(session=codec.to_session(work(session))),
        )
