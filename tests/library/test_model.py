"""What the database itself promises of the library, on both kinds."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from practice.identifiers import uuid7
from session_service.accounts.model import Role, User
from session_service.db.constraints import constraint_of
from session_service.library.model import Piece, Segment, Tag, TagType
from session_service.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from session_service.db.database import Database

OWNER, PIECE = uuid7(), uuid7()


def someone() -> User:
    return User(
        id=OWNER,
        email="ada@example.org",
        email_key="ada@example.org",
        display_name="Ada",
        role=Role.STUDENT,
        password_hash="$argon2id$…",  # noqa: S106 - of nothing
    )


def tag(**changes: Any) -> Tag:
    values = {"owner_id": OWNER, "name": "Scales", "name_key": "scales", "color": "#000000"}
    return Tag(**{**values, "type": TagType.GENERAL, **changes})


def piece(**changes: Any) -> Piece:
    return Piece(**{"owner_id": OWNER, "title": "Etude", "composer": "", **changes})


def segment(**changes: Any) -> Segment:
    return Segment(**{"piece_id": PIECE, "name": "A", "start_bar": 1, "end_bar": 1, **changes})


def adding(rows: list[Any]) -> Callable[[Session], None]:
    return lambda session: session.add_all(rows)


BROKEN: tuple[tuple[Callable[[], list[Any]], str], ...] = (
    (lambda: [tag(), tag()], "uq_tags_personal_name"),
    (lambda: [tag(owner_id=None), tag(owner_id=None)], "uq_tags_global_name"),
    (lambda: [tag(name="")], "ck_tags_name"),
    (lambda: [tag(color="000000#")], "ck_tags_color"),
    (lambda: [piece(title="")], "ck_pieces_title"),
    (lambda: [piece(difficulty_level=11)], "ck_pieces_difficulty_level"),
    (lambda: [piece(typical_duration_ms=999)], "ck_pieces_typical_duration_ms"),
    (lambda: [piece(performance_bpm=19.9)], "ck_pieces_performance_bpm"),
    (lambda: [segment(name="")], "ck_segments_name"),
    (lambda: [segment(start_bar=2)], "ck_segments_bars"),
    (lambda: [segment(start_bar=0)], "ck_segments_bars"),
    (lambda: [segment(end_bar=10_001)], "ck_segments_bars"),
)


async def test_every_promise_is_held_by_the_database(database: Database) -> None:
    await database.write(lambda session: session.add(someone()))
    await database.write(lambda session: session.add(piece(id=PIECE)))
    for make, name in BROKEN:
        with pytest.raises(IntegrityError) as broken:
            await database.write(adding(make()))
        assert constraint_of(broken.value, METADATA) == name


async def test_nothing_refers_to_nothing(database: Database) -> None:
    for orphan in (tag(owner_id=uuid.uuid4()), piece(owner_id=uuid.uuid4()), segment()):
        with pytest.raises(IntegrityError):
            await database.write(adding([orphan]))
