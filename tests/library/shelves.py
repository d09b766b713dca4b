"""Requests about the library that are fine, and how people send them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from practice.library.v1 import library_pb2 as pb

if TYPE_CHECKING:
    from tests.accounts.serving import Person, Served


def a_tag(**changes: Any) -> pb.Tag:
    return pb.Tag(**{"name": "Scales", "type": pb.TAG_TYPE_TECHNIQUE, **changes})


def a_piece(**changes: Any) -> pb.Piece:
    values: dict[str, Any] = {
        "title": "Für Elise",
        "composer": "Ludwig van Beethoven",
        "difficulty_level": 4,
        "typical_duration": Duration(seconds=185, nanos=250_000_000),
        "performance_bpm": 72.5,
        **changes,
    }
    return pb.Piece(**values)


def a_segment(**changes: Any) -> pb.Segment:
    return pb.Segment(**{"name": "Theme", "start_bar": 1, "end_bar": 8, **changes})


class Shelves:
    """One person's way to the library."""

    def __init__(self, server: Served, person: Person) -> None:
        self._library = server.library
        self._metadata = person.metadata
        self.user_id = person.user.user_id

    def call(self, method: str, **fields: Any) -> Any:
        """Return a call that is still to be awaited."""
        request = getattr(pb, f"{method}Request")(**fields)
        return getattr(self._library, method)(request, metadata=self._metadata)

    async def add_tag(self, **changes: Any) -> pb.Tag:
        tag: pb.Tag = (await self.call("CreateTag", tag=a_tag(**changes))).tag
        return tag

    async def add_piece(self, **changes: Any) -> pb.Piece:
        piece: pb.Piece = (await self.call("CreatePiece", piece=a_piece(**changes))).piece
        return piece

    async def add_segment(self, piece: pb.Piece, **changes: Any) -> pb.Segment:
        segment = a_segment(**changes)
        answer = await self.call("CreateSegment", piece_id=piece.piece_id, segment=segment)
        made: pb.Segment = answer.segment
        return made

    def update_piece(self, piece: pb.Piece, mask: list[str], etag: str = "", **values: Any) -> Any:
        change = pb.Piece(piece_id=piece.piece_id, **values)
        return self.call("UpdatePiece", piece=change, update_mask=FieldMask(paths=mask), etag=etag)

    async def pieces(self, **wanted: Any) -> list[str]:
        return [piece.piece_id for piece in (await self.call("ListPieces", **wanted)).pieces]

    async def tags(self, **wanted: Any) -> list[str]:
        return [tag.name for tag in (await self.call("ListTags", **wanted)).tags]
