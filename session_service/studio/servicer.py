"""StudioService: translates and decides nothing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from practice.studio.v1 import studio_pb2 as pb
from practice.studio.v1 import studio_pb2_grpc
from session_service.actors import actor_of
from session_service.paging import Page
from session_service.studio import codec
from session_service.studio.service import DEFAULT_VALID_DAYS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from practice.rpc.calls import Context
    from session_service.db.database import Database
    from session_service.repeats.service import Repeats
    from session_service.studio.service import Studio

STUDIO_SERVICE: Final[str] = pb.DESCRIPTOR.services_by_name["StudioService"].full_name


class StudioServicer(studio_pb2_grpc.StudioServiceServicer):
    """Links over grpc.aio.

    Parameters
    ----------
    database
        Runs units of work that only read.
    studio
        Does it.
    repeats
        Runs mutations once.
    """

    def __init__(self, database: Database, studio: Studio, repeats: Repeats) -> None:
        self._database = database
        self._studio = studio
        self._repeats = repeats

    async def CreateInvitation(
        self, request: pb.CreateInvitationRequest, context: Context
    ) -> pb.CreateInvitationResponse:
        """Make a code for a student."""
        actor = actor_of(context)
        days = request.valid_days if request.HasField("valid_days") else DEFAULT_VALID_DAYS
        answer = await self._repeats.once(
            actor.user_id,
            request,
            pb.CreateInvitationResponse,
            lambda session: pb.CreateInvitationResponse(
                link=codec.to_link(self._studio.invite(session, actor, request.note, days))
            ),
        )
        # The code is not among what is kept for repeats.
        answer.code = self._studio.code_of(uuid.UUID(answer.link.link_id))
        return answer

    async def AcceptInvitation(
        self, request: pb.AcceptInvitationRequest, context: Context
    ) -> pb.AcceptInvitationResponse:
        """Link the caller to a teacher."""
        actor = actor_of(context)
        return await self._repeats.once(
            actor.user_id,
            request,
            pb.AcceptInvitationResponse,
            lambda session: pb.AcceptInvitationResponse(
                link=codec.to_link(self._studio.accept(session, actor, request.code))
            ),
        )

    async def EndLink(self, request: pb.EndLinkRequest, context: Context) -> pb.EndLinkResponse:
        """End a link."""
        actor, link_id = actor_of(context), uuid.UUID(request.link_id)
        return await self._repeats.once(
            actor.user_id,
            request,
            pb.EndLinkResponse,
            lambda session: pb.EndLinkResponse(
                link=codec.to_link(self._studio.end(session, actor, link_id))
            ),
        )

    async def ListLinks(
        self, request: pb.ListLinksRequest, context: Context
    ) -> pb.ListLinksResponse:
        """Return a page of the caller's links."""
        actor, page = actor_of(context), Page.asked_by(request)
        state = codec.STATES.get(request.state)

        def read(session: Session) -> pb.ListLinksResponse:
            rows, token = page.cut(self._studio.page(session, actor, page, state))
            links = [codec.to_link(view) for view in self._studio.seen(session, actor, rows)]
            return pb.ListLinksResponse(links=links, next_page_token=token)

        return await self._database.read(read)
