"""Between the contract's messages and the domain."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.duration_pb2 import Duration

from practice.identifiers import uuid7
from practice.library.v1 import library_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError
from session_service import revisions
from session_service.library.model import Piece, Segment, Tag, TagType
from session_service.library.pieces import live_tags
from session_service.library.repository import PieceFilter, TagFilter
from session_service.library.rules import DEFAULT_COLOR, PieceFacts, SegmentFacts, TagFacts
from session_service.wire import masked, optional_id, to_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.timestamp_pb2 import Timestamp

    from session_service.actors import Actor

_TYPE_NUMBERS: Final = {
    TagType.GENERAL: pb.TAG_TYPE_GENERAL,
    TagType.PIECE: pb.TAG_TYPE_PIECE,
    TagType.TECHNIQUE: pb.TAG_TYPE_TECHNIQUE,
}
_TYPES: Final = {number: kind for kind, number in _TYPE_NUMBERS.items()}


def _given(message: Any, field: str) -> Any:
    return getattr(message, field) if message.HasField(field) else None


def _tag_type(tag: pb.Tag) -> TagType:
    return _TYPES.get(tag.type, TagType.GENERAL)


def _color(tag: pb.Tag) -> str:
    return tag.color or DEFAULT_COLOR


def _duration_ms(piece: pb.Piece) -> int | None:
    if not piece.HasField("typical_duration"):
        return None
    return piece.typical_duration.ToMilliseconds()


def _tag_ids(piece: pb.Piece) -> frozenset[uuid.UUID]:
    return frozenset(uuid.UUID(tag_id) for tag_id in piece.tag_ids)


#: How the domain reads each field that can be changed.
_TAG_READERS: Final[Mapping[str, Callable[[Any], tuple[str, object]]]] = {
    "name": lambda tag: ("name", tag.name),
    "type": lambda tag: ("type", _tag_type(tag)),
    "color": lambda tag: ("color", _color(tag)),
}
_PIECE_READERS: Final[Mapping[str, Callable[[Any], tuple[str, object]]]] = {
    "title": lambda piece: ("title", piece.title),
    "composer": lambda piece: ("composer", piece.composer),
    "difficulty_level": lambda piece: ("difficulty_level", _given(piece, "difficulty_level")),
    "typical_duration": lambda piece: ("typical_duration_ms", _duration_ms(piece)),
    "performance_bpm": lambda piece: ("performance_bpm", _given(piece, "performance_bpm")),
    "tag_ids": lambda piece: ("tag_ids", _tag_ids(piece)),
}
_SEGMENT_READERS: Final[Mapping[str, Callable[[Any], tuple[str, object]]]] = {
    "name": lambda segment: ("name", segment.name),
    "start_bar": lambda segment: ("start_bar", _given(segment, "start_bar")),
    "end_bar": lambda segment: ("end_bar", _given(segment, "end_bar")),
}


def new_id(message: Any, field: str) -> uuid.UUID:
    """Return the id that a client chose, or a new one."""
    return optional_id(message, field) or uuid7()


def known_id(message: Any, sought: str) -> uuid.UUID:
    """Return the id of what is to be updated.

    Raises
    ------
    PracticeError
        FIELD_INVALID when it is missing.
    """
    row_id = optional_id(message, f"{sought}_id")
    if row_id is None:
        field = f"{sought}.{sought}_id"
        raise PracticeError(ErrorCode.FIELD_INVALID, f"{field}: must be given", field=field)
    return row_id


def to_tag_facts(request: pb.CreateTagRequest, actor: Actor) -> TagFacts:
    """Return what a new tag says."""
    tag = request.tag
    owner_id = None if tag.scope == pb.TAG_SCOPE_GLOBAL else actor.user_id
    return TagFacts(owner_id, tag.name, _tag_type(tag), _color(tag))


def to_tag_values(request: pb.UpdateTagRequest) -> dict[str, object]:
    """Return what changes."""
    return masked(request.tag, request.update_mask, _TAG_READERS)


def to_tag_filter(request: pb.ListTagsRequest, actor: Actor) -> TagFilter:
    """Return which tags are asked for."""
    owner_id = optional_id(request, "owner_id") or actor.user_id
    return TagFilter(
        owner_id,
        with_personal=request.scope != pb.TAG_SCOPE_GLOBAL,
        with_global=request.scope != pb.TAG_SCOPE_PERSONAL,
        type=_TYPES.get(request.type),
    )


def to_piece_facts(request: pb.CreatePieceRequest) -> PieceFacts:
    """Return what is known of a new piece."""
    values: Any = dict(read(request.piece) for read in _PIECE_READERS.values())
    return PieceFacts(**values)


def to_piece_values(request: pb.UpdatePieceRequest) -> dict[str, object]:
    """Return what changes."""
    return masked(request.piece, request.update_mask, _PIECE_READERS)


def to_piece_filter(request: pb.ListPiecesRequest, actor: Actor) -> PieceFilter:
    """Return which pieces are asked for."""
    return PieceFilter(
        owner_id=optional_id(request, "owner_id") or actor.user_id,
        tag_id=optional_id(request, "tag_id"),
        lowest_level=_given(request, "min_difficulty_level"),
        highest_level=_given(request, "max_difficulty_level"),
    )


def to_segment_facts(request: pb.CreateSegmentRequest) -> SegmentFacts:
    """Return the bars of a new segment."""
    values: Any = dict(read(request.segment) for read in _SEGMENT_READERS.values())
    return SegmentFacts(**values)


def to_segment_values(request: pb.UpdateSegmentRequest) -> dict[str, object]:
    """Return what changes."""
    return masked(request.segment, request.update_mask, _SEGMENT_READERS)


def to_tag(tag: Tag) -> pb.Tag:
    """Return a tag."""
    return pb.Tag(
        tag_id=str(tag.id),
        owner_id=None if tag.owner_id is None else str(tag.owner_id),
        scope=pb.TAG_SCOPE_GLOBAL if tag.owner_id is None else pb.TAG_SCOPE_PERSONAL,
        name=tag.name,
        type=_TYPE_NUMBERS[tag.type],
        color=tag.color,
        **_stamps(tag),
    )


def to_piece(piece: Piece) -> pb.Piece:
    """Return a piece."""
    message = pb.Piece(
        piece_id=str(piece.id),
        owner_id=str(piece.owner_id),
        title=piece.title,
        composer=piece.composer,
        difficulty_level=piece.difficulty_level,
        performance_bpm=piece.performance_bpm,
        tag_ids=[str(tag.id) for tag in live_tags(piece)],
        **_stamps(piece),
    )
    if piece.typical_duration_ms is not None:
        duration = Duration()
        duration.FromMilliseconds(piece.typical_duration_ms)
        message.typical_duration.CopyFrom(duration)
    return message


def to_segment(segment: Segment) -> pb.Segment:
    """Return a segment."""
    return pb.Segment(
        segment_id=str(segment.id),
        piece_id=str(segment.piece_id),
        name=segment.name,
        start_bar=segment.start_bar,
        end_bar=segment.end_bar,
        **_stamps(segment),
    )


def _stamps(row: Tag | Piece | Segment) -> dict[str, Any]:
    """Return what everything in a library has."""
    stamps: dict[str, str | Timestamp | None] = {
        "etag": revisions.etag_of(row),
        "create_time": to_timestamp(row.created_at),
        "update_time": to_timestamp(row.updated_at),
    }
    if row.deleted_at is not None:
        stamps["delete_time"] = to_timestamp(row.deleted_at)
        stamps["expire_time"] = to_timestamp(row.deleted_at + revisions.UNDELETE_WITHIN)
    return stamps
