"""Tags, pieces and segments over gRPC: the way of a row through its life, on both databases."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from practice.identifiers import uuid7
from practice.library.v1 import library_pb2 as pb
from practice.rpc.errors import ErrorCode
from tests.accounts.serving import assert_refused
from tests.library.shelves import Shelves, a_piece, a_segment, a_tag

if TYPE_CHECKING:
    from tests.accounts.serving import Clock, Served


async def test_a_piece_comes_back_as_it_was_put_in(server: Served) -> None:
    ada = Shelves(server, await server.student())
    tag = await ada.add_tag()
    piece = await ada.add_piece(tag_ids=[tag.tag_id])
    assert piece.owner_id == ada.user_id
    assert (piece.title, piece.composer) == ("Für Elise", "Ludwig van Beethoven")
    assert (piece.difficulty_level, piece.performance_bpm) == (4, 72.5)
    assert piece.typical_duration == Duration(seconds=185, nanos=250_000_000)
    assert list(piece.tag_ids) == [tag.tag_id]
    assert piece.create_time.seconds > 0
    assert not piece.HasField("delete_time")
    read = (await ada.call("GetPiece", piece_id=piece.piece_id)).piece
    assert read == piece
    bare = (await ada.call("CreatePiece", piece=pb.Piece(title="Etude"))).piece
    for field in ("difficulty_level", "typical_duration", "performance_bpm"):
        assert not bare.HasField(field), field
    assert await ada.pieces() == [bare.piece_id, piece.piece_id]


async def test_creating_again_is_the_same_and_other_content_is_not(server: Served) -> None:
    ada, bob = Shelves(server, await server.student()), Shelves(server, await server.student())
    chosen = a_piece(piece_id=str(uuid7()))
    answers = await asyncio.gather(*(ada.call("CreatePiece", piece=chosen) for _ in range(4)))
    assert len({answer.SerializeToString() for answer in answers}) == 1
    assert answers[0].piece.piece_id == chosen.piece_id
    other = a_piece(piece_id=chosen.piece_id, title="Another")
    for person, content in ((ada, other), (bob, chosen)):
        call = person.call("CreatePiece", piece=content)
        await assert_refused(call, ErrorCode.ALREADY_EXISTS, "piece.piece_id")
    tag, segment = a_tag(tag_id=str(uuid7())), a_segment(segment_id=str(uuid7()))
    tags = [(await ada.call("CreateTag", tag=tag)).tag for _ in range(2)]
    assert tags[0] == tags[1]
    made = [
        (await ada.call("CreateSegment", piece_id=chosen.piece_id, segment=segment)).segment
        for _ in range(2)
    ]
    assert made[0] == made[1]


async def test_a_repeated_request_does_nothing_twice(server: Served) -> None:
    ada = Shelves(server, await server.student())
    request_id = str(uuid.uuid4())
    pieces = [
        (await ada.call("CreatePiece", piece=a_piece(), request_id=request_id)).piece
        for _ in range(2)
    ]
    assert pieces[0] == pieces[1]
    assert await ada.pieces() == [pieces[0].piece_id]


async def test_the_mask_says_what_changes(server: Served) -> None:
    ada = Shelves(server, await server.student())
    tag = await ada.add_tag()
    piece = await ada.add_piece()
    mask = ["title", "performance_bpm", "tag_ids"]
    changed = (
        await ada.update_piece(
            piece, mask, piece.etag, title="Etude", composer="X", tag_ids=[tag.tag_id]
        )
    ).piece
    assert (changed.title, changed.composer) == ("Etude", piece.composer)
    assert not changed.HasField("performance_bpm"), "named and absent: cleared"
    assert changed.typical_duration == piece.typical_duration
    assert list(changed.tag_ids) == [tag.tag_id]
    assert changed.etag != piece.etag
    only_tags = (await ada.update_piece(changed, ["tag_ids"], changed.etag)).piece
    assert (list(only_tags.tag_ids), only_tags.etag != changed.etag) == ([], True)
    for stale in (piece.etag, changed.etag, "nonsense"):
        call = ada.update_piece(piece, ["title"], stale, title="Y")
        await assert_refused(call, ErrorCode.ETAG_STALE, "etag")
    for wrong in (["owner_id"], ["title", "x"], []):
        call = ada.update_piece(piece, wrong, title="Y")
        await assert_refused(call, ErrorCode.FIELD_INVALID, "update_mask")
    nameless = ada.call("UpdatePiece", piece=pb.Piece(title="Y"), update_mask=FieldMask(paths=mask))
    await assert_refused(nameless, ErrorCode.FIELD_INVALID, "piece.piece_id")


async def test_changes_at_once_never_overwrite_each_other(server: Served) -> None:
    ada = Shelves(server, await server.student())
    piece = await ada.add_piece()
    calls = [ada.update_piece(piece, ["title"], piece.etag, title=f"T{n}") for n in range(5)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, pb.UpdatePieceResponse) for answer in answers) == 1


async def test_what_is_deleted_can_be_had_back_for_thirty_days(
    server: Served, clock: Clock
) -> None:
    person = await server.student()
    ada = Shelves(server, person)
    piece, other = await ada.add_piece(), await ada.add_piece()
    segment = await ada.add_segment(piece)
    call = ada.call("DeletePiece", piece_id=piece.piece_id, etag="old")
    await assert_refused(call, ErrorCode.ETAG_STALE, "etag")
    gone = [
        (await ada.call("DeletePiece", piece_id=piece.piece_id, etag=piece.etag)).piece
        for _ in range(2)
    ]
    assert gone[0] == gone[1]
    assert gone[0].expire_time.seconds - gone[0].delete_time.seconds == 30 * 86_400
    for method, fields in (
        ("GetPiece", {"piece_id": piece.piece_id}),
        ("ListSegments", {"piece_id": piece.piece_id}),
        ("GetSegment", {"segment_id": segment.segment_id}),
        ("DeleteSegment", {"segment_id": segment.segment_id}),
    ):
        await assert_refused(ada.call(method, **fields), ErrorCode.NOT_FOUND)
    await assert_refused(ada.update_piece(piece, ["title"], title="Y"), ErrorCode.NOT_FOUND)
    again = ada.call("CreatePiece", piece=a_piece(piece_id=piece.piece_id))
    await assert_refused(again, ErrorCode.ALREADY_EXISTS, "piece.piece_id")
    assert await ada.pieces() == [other.piece_id]
    assert await ada.pieces(show_deleted=True) == [piece.piece_id]
    back = (await ada.call("UndeletePiece", piece_id=piece.piece_id)).piece
    assert not back.HasField("delete_time")
    assert (await ada.call("GetSegment", segment_id=segment.segment_id)).segment == segment
    await ada.call("DeletePiece", piece_id=piece.piece_id)
    clock.advance(timedelta(days=30, seconds=1))
    ada = Shelves(server, await server.log_in(person.user.email))
    late = ada.call("UndeletePiece", piece_id=piece.piece_id)
    await assert_refused(late, ErrorCode.NOT_FOUND)
    assert await ada.pieces(show_deleted=True) == []


async def test_segments_are_in_the_order_of_their_bars(server: Served) -> None:
    ada = Shelves(server, await server.student())
    piece = await ada.add_piece()
    bars = [(9, 12), (1, 8), (1, 4), (40, 40), (13, 16)]
    for start, end in bars:
        await ada.add_segment(piece, start_bar=start, end_bar=end)
    found: list[tuple[int, int]] = []
    token = ""
    while True:
        answer = await ada.call(
            "ListSegments", piece_id=piece.piece_id, page_size=2, page_token=token
        )
        found += [(segment.start_bar, segment.end_bar) for segment in answer.segments]
        if not (token := answer.next_page_token):
            break
    assert found == sorted(bars)


async def test_a_segment_never_ends_before_it_starts(server: Served) -> None:
    ada = Shelves(server, await server.student())
    piece = await ada.add_piece()
    for wrong, field in (
        ({"start_bar": 5, "end_bar": 4}, "segment.end_bar"),
        ({"start_bar": None}, "segment.start_bar"),
        ({"end_bar": None}, "segment.end_bar"),
        ({"start_bar": 0}, "segment.start_bar"),
        ({"end_bar": 10_001}, "segment.end_bar"),
        ({"name": " "}, "segment.name"),
    ):
        call = ada.call("CreateSegment", piece_id=piece.piece_id, segment=a_segment(**wrong))
        await assert_refused(call, ErrorCode.FIELD_INVALID, field)
    segment = await ada.add_segment(piece, start_bar=5, end_bar=8)

    def move(mask: list[str], **bars: Any) -> Any:
        change = pb.Segment(segment_id=segment.segment_id, **bars)
        return ada.call("UpdateSegment", segment=change, update_mask=FieldMask(paths=mask))

    await assert_refused(move(["end_bar"], end_bar=4), ErrorCode.FIELD_INVALID, "segment.end_bar")
    moved = (await move(["start_bar", "end_bar"], start_bar=1, end_bar=4)).segment
    assert (moved.start_bar, moved.end_bar, moved.name) == (1, 4, segment.name)


async def test_a_tags_name_is_its_owners_once(server: Served) -> None:
    ada = Shelves(server, await server.student())
    bob = Shelves(server, await server.student())
    tag = await ada.add_tag(name="Scales")
    assert (tag.color, tag.scope) == ("#9E9E9E", pb.TAG_SCOPE_PERSONAL)
    twin = ada.call("CreateTag", tag=a_tag(name="ＳＣＡＬＥＳ"))  # noqa: RUF001 - looks alike
    await assert_refused(twin, ErrorCode.ALREADY_EXISTS, "tag.name")
    await bob.add_tag(name="Scales")
    other = await ada.add_tag(name="Chords", type=pb.TAG_TYPE_UNSPECIFIED, color="#ff0000")
    assert (other.type, other.color) == (pb.TAG_TYPE_GENERAL, "#ff0000")
    rename = pb.Tag(tag_id=other.tag_id, name="scales")
    call = ada.call("UpdateTag", tag=rename, update_mask=FieldMask(paths=["name"]))
    await assert_refused(call, ErrorCode.ALREADY_EXISTS, "tag.name")
    await ada.call("DeleteTag", tag_id=tag.tag_id)
    await ada.add_tag(name="scales")
    back = ada.call("UndeleteTag", tag_id=tag.tag_id)
    await assert_refused(back, ErrorCode.ALREADY_EXISTS, "tag.name")
    assert await ada.tags() == ["scales", "Chords"]
    assert await ada.tags(type=pb.TAG_TYPE_GENERAL) == ["Chords"]
    assert await ada.tags(show_deleted=True) == ["Scales"]


async def test_a_deleted_tag_leaves_the_pieces_and_comes_back_to_them(server: Served) -> None:
    ada = Shelves(server, await server.student())
    tag = await ada.add_tag()
    piece = await ada.add_piece(tag_ids=[tag.tag_id])
    await ada.add_piece()
    assert await ada.pieces(tag_id=tag.tag_id) == [piece.piece_id]
    await ada.call("DeleteTag", tag_id=tag.tag_id)
    without = (await ada.call("GetPiece", piece_id=piece.piece_id)).piece
    assert (list(without.tag_ids), without.etag != piece.etag) == ([], True)
    assert await ada.pieces(tag_id=tag.tag_id) == []
    gone = ada.call("CreatePiece", piece=a_piece(tag_ids=[tag.tag_id]))
    await assert_refused(gone, ErrorCode.NOT_FOUND, "piece.tag_ids")
    await ada.call("UndeleteTag", tag_id=tag.tag_id)
    assert (await ada.call("GetPiece", piece_id=piece.piece_id)).piece.tag_ids == [tag.tag_id]


async def test_global_tags_are_read_by_all_and_changed_by_admins(server: Served) -> None:
    admin, ada = Shelves(server, await server.admin()), Shelves(server, await server.student())
    common = a_tag(name="Exam", scope=pb.TAG_SCOPE_GLOBAL)
    await assert_refused(ada.call("CreateTag", tag=common), ErrorCode.PERMISSION_DENIED)
    tag = (await admin.call("CreateTag", tag=common)).tag
    assert not tag.HasField("owner_id")
    await assert_refused(admin.call("CreateTag", tag=common), ErrorCode.ALREADY_EXISTS, "tag.name")
    await ada.add_tag(name="Exam")
    assert (await ada.call("GetTag", tag_id=tag.tag_id)).tag == tag
    assert await ada.tags(scope=pb.TAG_SCOPE_GLOBAL) == ["Exam"]
    assert await ada.tags() == ["Exam", "Exam"]
    await ada.add_piece(tag_ids=[tag.tag_id])
    rename = pb.Tag(tag_id=tag.tag_id, name="Test")
    mask = FieldMask(paths=["name"])
    for call in (
        ada.call("UpdateTag", tag=rename, update_mask=mask),
        ada.call("DeleteTag", tag_id=tag.tag_id),
    ):
        await assert_refused(call, ErrorCode.PERMISSION_DENIED)
    renamed = (await admin.call("UpdateTag", tag=rename, update_mask=mask)).tag
    assert renamed.name == "Test"
    await admin.call("DeleteTag", tag_id=tag.tag_id)
    assert await admin.tags(show_deleted=True) == ["Test"]
    assert await ada.tags(show_deleted=True) == []


async def test_a_teacher_reads_a_students_library_and_strangers_do_not(server: Served) -> None:
    teacher, student = await server.linked()
    ada, clara = Shelves(server, student), Shelves(server, teacher)
    tag = await ada.add_tag()
    piece = await ada.add_piece(tag_ids=[tag.tag_id])
    segment = await ada.add_segment(piece)
    ids: dict[str, Any] = {"piece_id": piece.piece_id}
    assert (await clara.call("GetPiece", **ids)).piece == piece
    assert (await clara.call("ListSegments", **ids)).segments == [segment]
    assert await clara.pieces(owner_id=ada.user_id) == [piece.piece_id]
    assert await clara.tags(owner_id=ada.user_id) == [tag.name]
    assert await clara.pieces() == []
    title = FieldMask(paths=["title"])
    changes: list[tuple[str, dict[str, Any]]] = [
        ("UpdatePiece", {"piece": pb.Piece(title="Y", **ids), "update_mask": title}),
        ("DeletePiece", ids),
        ("UndeletePiece", ids),
        ("CreateSegment", {**ids, "segment": a_segment()}),
        ("DeleteSegment", {"segment_id": segment.segment_id}),
        ("DeleteTag", {"tag_id": tag.tag_id}),
        ("ListPieces", {"owner_id": ada.user_id, "show_deleted": True}),
    ]
    for method, fields in changes:
        await assert_refused(clara.call(method, **fields), ErrorCode.PERMISSION_DENIED)
    reads: list[tuple[str, dict[str, Any]]] = [
        ("GetPiece", ids),
        ("ListSegments", ids),
        ("GetSegment", {"segment_id": segment.segment_id}),
        ("GetTag", {"tag_id": tag.tag_id}),
        ("ListPieces", {"owner_id": ada.user_id}),
        ("ListTags", {"owner_id": ada.user_id}),
    ]
    for stranger in (await server.student(), await server.teacher(), await server.admin()):
        bob = Shelves(server, stranger)
        for method, fields in [*changes, *reads]:
            await assert_refused(bob.call(method, **fields), ErrorCode.NOT_FOUND)
    stolen = clara.call("CreatePiece", piece=a_piece(tag_ids=[tag.tag_id]))
    await assert_refused(stolen, ErrorCode.NOT_FOUND, "piece.tag_ids")
    back = await clara.add_piece()
    await assert_refused(ada.call("GetPiece", piece_id=back.piece_id), ErrorCode.NOT_FOUND)


async def test_pieces_come_in_pages_and_by_difficulty(server: Served) -> None:
    ada = Shelves(server, await server.student())
    made = [await ada.add_piece(difficulty_level=level) for level in (1, 2, 3, 4, 5)]
    found: list[str] = []
    token = ""
    while True:
        answer = await ada.call("ListPieces", page_size=2, page_token=token)
        found += [piece.piece_id for piece in answer.pieces]
        if not (token := answer.next_page_token):
            break
    assert found == [piece.piece_id for piece in reversed(made)]
    middle = await ada.pieces(min_difficulty_level=2, max_difficulty_level=3)
    assert middle == [made[2].piece_id, made[1].piece_id]
    nothing = ada.call("ListPieces", min_difficulty_level=3, max_difficulty_level=2)
    await assert_refused(nothing, ErrorCode.FIELD_INVALID, "max_difficulty_level")
    first = await ada.call("ListPieces", page_size=2)
    other = ada.call("ListPieces", page_token=first.next_page_token, min_difficulty_level=2)
    await assert_refused(other, ErrorCode.FIELD_INVALID, "page_token")
