"""The hot queries on PostgreSQL with large tables: all of them go by an index.

A domain adds what makes its tables large to `FILLING`, and its queries to `HOT_QUERIES`.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, Table, UniqueConstraint, text

from session_service.db import history
from session_service.db.config import DatabaseConfig
from session_service.db.engine import make_engine
from session_service.library import repository as library
from session_service.library.model import Piece, Segment, Tag
from session_service.library.repository import PieceFilter, TagFilter
from session_service.paging import Page
from session_service.schema import METADATA
from session_service.studio import repository as studio
from tests.persistence.plans import plans_of, scanned_tables
from tests.persistence.stores import patient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from tests.persistence.postgresql import PostgreSQL

#: The kinds of generated rows; the same kind and number give the same id, here and in SQL.
USER, LINK, TAG, PIECE, SEGMENT = range(1, 6)
KEY_FUNCTION = """CREATE FUNCTION key(kind bigint, number bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid
$$"""


def key(kind: int, number: int) -> uuid.UUID:
    return uuid.UUID(f"{kind:08x}-0000-7000-8000-{number:012x}")


#: Statements that fill the tables, each after those that it refers to.
FILLING: tuple[str, ...] = (
    """INSERT INTO users (id, email, email_key, display_name, role, password_hash, revision)
    SELECT key(1, n), n || '@example.org', n || '@example.org', 'Someone',
        CASE WHEN n <= 200 THEN 'teacher' ELSE 'student' END, '', 1
    FROM generate_series(1, 2000) n""",
    """INSERT INTO links (id, teacher_id, student_id, state, note, code_sha256, expires_at,
        consented_at)
    SELECT key(2, n), key(1, 1 + n % 200), key(1, 201 + n % 1800), 'active', '',
        sha256(n::text::bytea), now(), now()
    FROM generate_series(1, 1800) n""",
    """INSERT INTO tags (id, owner_id, name, name_key, type, color, revision)
    SELECT key(3, n), CASE WHEN n > 20 THEN key(1, 1 + n % 2000) END,
        'Tag ' || n, 'tag ' || n, 'general', '#000000', 1
    FROM generate_series(1, 20000) n""",
    """INSERT INTO pieces (id, owner_id, title, composer, difficulty_level, revision)
    SELECT key(4, n), key(1, 1 + n % 2000), 'Piece', '', 1 + n % 10, 1
    FROM generate_series(1, 20000) n""",
    """INSERT INTO piece_tags (piece_id, tag_id)
    SELECT key(4, n), key(3, 1 + n % 20000) FROM generate_series(1, 20000) n""",
    """INSERT INTO segments (id, piece_id, name, start_bar, end_bar, revision)
    SELECT key(5, n), key(4, 1 + n % 20000), 'Segment', 1 + n % 90, 100, 1
    FROM generate_series(1, 60000) n""",
)

FIRST = Page(50, None, b"")
ME = key(USER, 600)


def after(kind: int, number: int) -> Page:
    return Page(50, key(kind, number), b"")


#: What is asked all day, by a name for the report.
HOT_QUERIES: dict[str, Callable[[Session], object]] = {
    "own and global tags": lambda s: library.tags(s, FIRST, TagFilter(ME), None),
    "global tags": lambda s: library.tags(s, FIRST, TagFilter(ME, with_personal=False), None),
    "tags of a piece": lambda s: library.usable_tags(s, ME, [key(TAG, 599), key(TAG, 3)]),
    "pieces": lambda s: library.pieces(s, FIRST, PieceFilter(ME), None),
    "pieces, next page": lambda s: library.pieces(s, after(PIECE, 599), PieceFilter(ME), None),
    "pieces with a tag": lambda s: library.pieces(s, FIRST, PieceFilter(ME, key(TAG, 100)), None),
    "pieces by level": lambda s: library.pieces(
        s, FIRST, PieceFilter(ME, lowest_level=3, highest_level=7), None
    ),
    "a piece": lambda s: s.get(Piece, key(PIECE, 99)),
    "segments": lambda s: library.segments(s, FIRST, key(PIECE, 99), None),
    "segments, next page": lambda s: library.segments(s, after(SEGMENT, 98), key(PIECE, 99), None),
    "a segment": lambda s: s.get(Segment, key(SEGMENT, 98)),
    "whether two are linked": lambda s: studio.are_linked(s, key(USER, 1), ME),
    "a tag": lambda s: s.get(Tag, key(TAG, 100)),
}


@pytest.fixture(scope="module")
def filled(
    postgresql_server: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    address = postgresql_server.new_database(uuid.uuid4().hex)
    config = patient(DatabaseConfig.from_setting(address, tmp_path_factory.mktemp("plans")))
    history.upgrade(config)
    engine = make_engine(config)
    with engine.begin() as connection:
        for statement in (KEY_FUNCTION, *FILLING):
            connection.execute(text(statement))
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", HOT_QUERIES)
def test_a_hot_query_goes_by_an_index(filled: Engine, name: str) -> None:
    explained = plans_of(filled, HOT_QUERIES[name])
    assert explained
    for statement, plan in explained:
        assert not scanned_tables(plan), (statement, plan)


def test_a_scan_would_be_noticed(filled: Engine) -> None:
    def by_title(session: Session) -> None:
        session.execute(text("SELECT id FROM pieces WHERE title = 'Etude'"))

    ((_statement, plan),) = plans_of(filled, by_title)
    assert scanned_tables(plan) == {"pieces"}


def leading_columns(table: Table) -> set[str]:
    unique = [rule.columns for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    indexed = [table.primary_key.columns, *unique, *(index.columns for index in table.indexes)]
    return {next(iter(columns)).name for columns in indexed}


def test_every_foreign_key_has_an_index() -> None:
    for table in METADATA.tables.values():
        for reference in table.foreign_key_constraints:
            column = next(iter(reference.columns)).name
            assert column in leading_columns(table), f"{table.name}.{column}"
