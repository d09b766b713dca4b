"""What the library is told that it should not be, on both databases."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from google.protobuf.duration_pb2 import Duration

from practice.rpc.errors import ErrorCode
from tests.accounts.serving import assert_refused
from tests.library.shelves import Shelves, a_piece, a_tag

if TYPE_CHECKING:
    from tests.accounts.serving import Served

HOSTILE = (
    "Robert'); DROP TABLE pieces;--",
    "<script>alert('x')</script>",
    '" OR 1=1 --',
    "%_\\",
    "𝄞 练习曲 \u200f",
    "  kept as it is  ",
)


async def test_text_is_kept_as_it_is(server: Served) -> None:
    ada = Shelves(server, await server.student())
    for text in HOSTILE:
        piece = await ada.add_piece(title=text, composer=text)
        read = (await ada.call("GetPiece", piece_id=piece.piece_id)).piece
        assert (read.title, read.composer) == (text, text)
        tag, segment = await ada.add_tag(name=text), await ada.add_segment(piece, name=text)
        assert (tag.name, segment.name) == (text, text)
    assert len(await ada.pieces()) == len(HOSTILE)


#: Calls, and the field that each is refused for.
REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("CreatePiece", {"piece": a_piece(title="")}, "piece.title"),
    ("CreatePiece", {"piece": a_piece(title="\u2003 ")}, "piece.title"),
    ("CreatePiece", {"piece": a_piece(title="a\0b")}, "piece.title"),
    ("CreatePiece", {"piece": a_piece(title="a\nb")}, "piece.title"),
    ("CreatePiece", {"piece": a_piece(title="a\u202eb")}, "piece.title"),
    ("CreatePiece", {"piece": a_piece(title="a" * 201)}, "piece.title"),
    ("CreatePiece", {"piece": a_piece(composer="\x1b[31m")}, "piece.composer"),
    ("CreatePiece", {"piece": a_piece(difficulty_level=11)}, "piece.difficulty_level"),
    ("CreatePiece", {"piece": a_piece(difficulty_level=0)}, "piece.difficulty_level"),
    ("CreatePiece", {"piece": a_piece(performance_bpm=19.9)}, "piece.performance_bpm"),
    ("CreatePiece", {"piece": a_piece(performance_bpm=float("nan"))}, "piece.performance_bpm"),
    ("CreatePiece", {"piece": a_piece(performance_bpm=float("inf"))}, "piece.performance_bpm"),
    (
        "CreatePiece",
        {"piece": a_piece(typical_duration=Duration(seconds=-1))},
        "piece.typical_duration",
    ),
    ("CreatePiece", {"piece": a_piece(piece_id="7")}, "piece.piece_id"),
    ("CreatePiece", {"piece": a_piece(piece_id=str(uuid.uuid4()))}, "piece.piece_id"),
    ("CreatePiece", {"piece": a_piece(tag_ids=["x"])}, "piece.tag_ids"),
    ("CreatePiece", {"piece": a_piece(tag_ids=[str(uuid.UUID(int=1))] * 2)}, "piece.tag_ids"),
    (
        "CreatePiece",
        {"piece": a_piece(tag_ids=[str(uuid.UUID(int=n)) for n in range(21)])},
        "piece.tag_ids",
    ),
    ("CreatePiece", {}, "piece"),
    ("CreatePiece", {"piece": a_piece(), "request_id": "again"}, "request_id"),
    ("GetPiece", {"piece_id": "' OR 1=1"}, "piece_id"),
    ("GetPiece", {}, "piece_id"),
    ("ListPieces", {"page_size": -1}, "page_size"),
    ("ListPieces", {"page_token": "A" * 513}, "page_token"),
    ("CreateTag", {"tag": a_tag(name="a" * 61)}, "tag.name"),
    ("CreateTag", {"tag": a_tag(name=" ")}, "tag.name"),
    ("CreateTag", {"tag": a_tag(color="red")}, "tag.color"),
    ("CreateTag", {"tag": a_tag(color="#12345G")}, "tag.color"),
    ("CreateTag", {"tag": a_tag(type=17)}, "tag.type"),
    ("CreateTag", {"tag": a_tag(scope=17)}, "tag.scope"),
)


async def test_bad_input_is_named_and_not_stored(server: Served) -> None:
    ada = Shelves(server, await server.student())
    for method, fields, field in REFUSED:
        await assert_refused(ada.call(method, **fields), ErrorCode.FIELD_INVALID, field)
    assert await ada.pieces() == []
    assert await ada.tags() == []


async def test_what_is_not_there_is_not_found(server: Served) -> None:
    ada = Shelves(server, await server.student())
    nowhere = str(uuid.uuid4())
    for method, field in (
        ("GetTag", "tag_id"),
        ("GetPiece", "piece_id"),
        ("GetSegment", "segment_id"),
        ("ListSegments", "piece_id"),
        ("DeletePiece", "piece_id"),
        ("UndeleteTag", "tag_id"),
    ):
        await assert_refused(ada.call(method, **{field: nowhere}), ErrorCode.NOT_FOUND)
    await assert_refused(ada.call("ListPieces", owner_id=nowhere), ErrorCode.NOT_FOUND)
