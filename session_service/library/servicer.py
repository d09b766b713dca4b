"""LibraryService: translates and decides nothing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final, TypeVar

from practice.library.v1 import library_pb2 as pb
from practice.library.v1 import library_pb2_grpc
from session_service.actors import actor_of
from session_service.library import codec
from session_service.paging import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.protobuf.message import Message
    from sqlalchemy.orm import Session

    from practice.rpc.calls import Context
    from session_service.actors import Actor
    from session_service.db.database import Database
    from session_service.library.model import Piece, Segment, Tag
    from session_service.library.pieces import Pieces
    from session_service.library.segments import Segments
    from session_service.library.tags import Tags
    from session_service.repeats.service import Repeats

Answer = TypeVar("Answer", bound="Message")

LIBRARY_SERVICE: Final[str] = pb.DESCRIPTOR.services_by_name["LibraryService"].full_name


class LibraryServicer(library_pb2_grpc.LibraryServiceServicer):
    """Tags, pieces and segments over grpc.aio.

    Parameters
    ----------
    database
        Runs units of work that only read.
    repeats
        Runs mutations once.
    tags, pieces, segments
        Do it.
    """

    def __init__(
        self,
        database: Database,
        repeats: Repeats,
        tags: Tags,
        pieces: Pieces,
        segments: Segments,
    ) -> None:
        self._database = database
        self._repeats = repeats
        self._tags = tags
        self._pieces = pieces
        self._segments = segments

    async def CreateTag(
        self, request: pb.CreateTagRequest, context: Context
    ) -> pb.CreateTagResponse:
        """Make a tag."""

        def work(session: Session, actor: Actor) -> pb.CreateTagResponse:
            tag = self._tags.create(
                session,
                actor,
                codec.new_id(request.tag, "tag_id"),
                codec.to_tag_facts(request, actor),
            )
            return pb.CreateTagResponse(tag=codec.to_tag(tag))

        return await self._once(context, request, pb.CreateTagResponse, work)

    async def GetTag(self, request: pb.GetTagRequest, context: Context) -> pb.GetTagResponse:
        """Return a tag."""
        actor, tag_id = actor_of(context), uuid.UUID(request.tag_id)
        tag = await self._database.read(lambda session: self._tags.get(session, actor, tag_id))
        return pb.GetTagResponse(tag=codec.to_tag(tag))

    async def ListTags(self, request: pb.ListTagsRequest, context: Context) -> pb.ListTagsResponse:
        """Return a page of somebody's tags and the global ones."""
        actor, page = actor_of(context), Page.asked_by(request)
        wanted = codec.to_tag_filter(request, actor)

        def read(session: Session) -> Sequence[Tag]:
            return self._tags.page(session, actor, page, wanted, show_deleted=request.show_deleted)

        rows, token = page.cut(await self._database.read(read))
        tags = [codec.to_tag(tag) for tag in rows]
        return pb.ListTagsResponse(tags=tags, next_page_token=token)

    async def UpdateTag(
        self, request: pb.UpdateTagRequest, context: Context
    ) -> pb.UpdateTagResponse:
        """Change what the mask names."""

        def work(session: Session, actor: Actor) -> pb.UpdateTagResponse:
            tag = self._tags.change(
                session,
                actor,
                codec.known_id(request.tag, "tag"),
                codec.to_tag_values(request),
                request.etag,
            )
            return pb.UpdateTagResponse(tag=codec.to_tag(tag))

        return await self._once(context, request, pb.UpdateTagResponse, work)

    async def DeleteTag(
        self, request: pb.DeleteTagRequest, context: Context
    ) -> pb.DeleteTagResponse:
        """Take a tag away."""

        def work(session: Session, actor: Actor) -> pb.DeleteTagResponse:
            tag = self._tags.delete(session, actor, uuid.UUID(request.tag_id), request.etag)
            return pb.DeleteTagResponse(tag=codec.to_tag(tag))

        return await self._once(context, request, pb.DeleteTagResponse, work)

    async def UndeleteTag(
        self, request: pb.UndeleteTagRequest, context: Context
    ) -> pb.UndeleteTagResponse:
        """Bring a tag back."""

        def work(session: Session, actor: Actor) -> pb.UndeleteTagResponse:
            tag = self._tags.undelete(session, actor, uuid.UUID(request.tag_id))
            return pb.UndeleteTagResponse(tag=codec.to_tag(tag))

        return await self._once(context, request, pb.UndeleteTagResponse, work)

    async def CreatePiece(
        self, request: pb.CreatePieceRequest, context: Context
    ) -> pb.CreatePieceResponse:
        """Put a piece into the caller's library."""

        def work(session: Session, actor: Actor) -> pb.CreatePieceResponse:
            piece = self._pieces.create(
                session,
                actor,
                codec.new_id(request.piece, "piece_id"),
                codec.to_piece_facts(request),
            )
            return pb.CreatePieceResponse(piece=codec.to_piece(piece))

        return await self._once(context, request, pb.CreatePieceResponse, work)

    async def GetPiece(self, request: pb.GetPieceRequest, context: Context) -> pb.GetPieceResponse:
        """Return a piece."""
        actor, piece_id = actor_of(context), uuid.UUID(request.piece_id)
        piece = await self._database.read(
            lambda session: self._pieces.get(session, actor, piece_id)
        )
        return pb.GetPieceResponse(piece=codec.to_piece(piece))

    async def ListPieces(
        self, request: pb.ListPiecesRequest, context: Context
    ) -> pb.ListPiecesResponse:
        """Return a page of somebody's pieces."""
        actor, page = actor_of(context), Page.asked_by(request)
        wanted = codec.to_piece_filter(request, actor)

        def read(session: Session) -> Sequence[Piece]:
            return self._pieces.page(
                session, actor, page, wanted, show_deleted=request.show_deleted
            )

        rows, token = page.cut(await self._database.read(read))
        pieces = [codec.to_piece(piece) for piece in rows]
        return pb.ListPiecesResponse(pieces=pieces, next_page_token=token)

    async def UpdatePiece(
        self, request: pb.UpdatePieceRequest, context: Context
    ) -> pb.UpdatePieceResponse:
        """Change what the mask names."""

        def work(session: Session, actor: Actor) -> pb.UpdatePieceResponse:
            piece = self._pieces.change(
                session,
                actor,
                codec.known_id(request.piece, "piece"),
                codec.to_piece_values(request),
                request.etag,
            )
            return pb.UpdatePieceResponse(piece=codec.to_piece(piece))

        return await self._once(context, request, pb.UpdatePieceResponse, work)

    async def DeletePiece(
        self, request: pb.DeletePieceRequest, context: Context
    ) -> pb.DeletePieceResponse:
        """Take a piece away."""

        def work(session: Session, actor: Actor) -> pb.DeletePieceResponse:
            piece = self._pieces.delete(session, actor, uuid.UUID(request.piece_id), request.etag)
            return pb.DeletePieceResponse(piece=codec.to_piece(piece))

        return await self._once(context, request, pb.DeletePieceResponse, work)

    async def UndeletePiece(
        self, request: pb.UndeletePieceRequest, context: Context
    ) -> pb.UndeletePieceResponse:
        """Bring a piece back."""

        def work(session: Session, actor: Actor) -> pb.UndeletePieceResponse:
            piece = self._pieces.undelete(session, actor, uuid.UUID(request.piece_id))
            return pb.UndeletePieceResponse(piece=codec.to_piece(piece))

        return await self._once(context, request, pb.UndeletePieceResponse, work)

    async def CreateSegment(
        self, request: pb.CreateSegmentRequest, context: Context
    ) -> pb.CreateSegmentResponse:
        """Mark a range of bars."""

        def work(session: Session, actor: Actor) -> pb.CreateSegmentResponse:
            segment = self._segments.create(
                session,
                actor,
                uuid.UUID(request.piece_id),
                codec.new_id(request.segment, "segment_id"),
                codec.to_segment_facts(request),
            )
            return pb.CreateSegmentResponse(segment=codec.to_segment(segment))

        return await self._once(context, request, pb.CreateSegmentResponse, work)

    async def GetSegment(
        self, request: pb.GetSegmentRequest, context: Context
    ) -> pb.GetSegmentResponse:
        """Return a segment."""
        actor, segment_id = actor_of(context), uuid.UUID(request.segment_id)
        segment = await self._database.read(
            lambda session: self._segments.get(session, actor, segment_id)
        )
        return pb.GetSegmentResponse(segment=codec.to_segment(segment))

    async def ListSegments(
        self, request: pb.ListSegmentsRequest, context: Context
    ) -> pb.ListSegmentsResponse:
        """Return a page of a piece's segments."""
        actor, page = actor_of(context), Page.asked_by(request)
        piece_id = uuid.UUID(request.piece_id)

        def read(session: Session) -> Sequence[Segment]:
            return self._segments.page(
                session, actor, page, piece_id, show_deleted=request.show_deleted
            )

        rows, token = page.cut(await self._database.read(read))
        segments = [codec.to_segment(segment) for segment in rows]
        return pb.ListSegmentsResponse(segments=segments, next_page_token=token)

    async def UpdateSegment(
        self, request: pb.UpdateSegmentRequest, context: Context
    ) -> pb.UpdateSegmentResponse:
        """Change what the mask names."""

        def work(session: Session, actor: Actor) -> pb.UpdateSegmentResponse:
            segment = self._segments.change(
                session,
                actor,
                codec.known_id(request.segment, "segment"),
                codec.to_segment_values(request),
                request.etag,
            )
            return pb.UpdateSegmentResponse(segment=codec.to_segment(segment))

        return await self._once(context, request, pb.UpdateSegmentResponse, work)

    async def DeleteSegment(
        self, request: pb.DeleteSegmentRequest, context: Context
    ) -> pb.DeleteSegmentResponse:
        """Take a segment away."""

        def work(session: Session, actor: Actor) -> pb.DeleteSegmentResponse:
            segment = self._segments.delete(
                session, actor, uuid.UUID(request.segment_id), request.etag
            )
            return pb.DeleteSegmentResponse(segment=codec.to_segment(segment))

        return await self._once(context, request, pb.DeleteSegmentResponse, work)

    async def UndeleteSegment(
        self, request: pb.UndeleteSegmentRequest, context: Context
    ) -> pb.UndeleteSegmentResponse:
        """Bring a segment back."""

        def work(session: Session, actor: Actor) -> pb.UndeleteSegmentResponse:
            segment = self._segments.undelete(session, actor, uuid.UUID(request.segment_id))
            return pb.UndeleteSegmentResponse(segment=codec.to_segment(segment))

        return await self._once(context, request, pb.UndeleteSegmentResponse, work)

    async def _once(
        self,
        context: Context,
        request: Any,
        kind: type[Answer],
        work: Callable[[Session, Actor], Answer],
    ) -> Answer:
        """Run a mutation of the caller's in one unit of work, once."""
        actor = actor_of(context)
        return await self._repeats.once(
            actor.user_id, request, kind, lambda session: work(session, actor)
        )
