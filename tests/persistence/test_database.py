"""Units of work, and what the database itself keeps, on both databases."""

from __future__ import annotations

import asyncio
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.accounts.model import Consent, ConsentKind, Role, User
from session_service.db import history
from session_service.db.config import DatabaseConfig
from session_service.db.constraints import constraint_of
from session_service.db.database import Database
from session_service.schema import METADATA
from tests.persistence.stores import patient

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from tests.persistence.postgresql import PostgreSQL

LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)


def ada(**changes: Any) -> User:
    values: dict[str, Any] = {
        "email": "Ada@example.org",
        "email_key": "ada@example.org",
        "display_name": "Ada",
        "role": Role.STUDENT,
        "birth_year": 1990,
        "password_hash": "$argon2id$…",
    }
    return User(**{**values, **changes})


def adding(user: User) -> Callable[[Session], None]:
    return lambda session: session.add(user)


def value_of(statement: str) -> Callable[[Session], object]:
    return lambda session: session.execute(text(statement)).scalar_one()


def user_count(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM users")).scalar_one())


async def test_a_unit_of_work_is_committed_as_a_whole(database: Database) -> None:
    await database.write(lambda session: session.add(ada()))
    assert await database.read(user_count) == 1

    def fails(session: Session) -> None:
        session.add(ada(email_key="bob@example.org"))
        session.flush()
        raise PracticeError(ErrorCode.NOT_FOUND, "Nothing here.")

    with pytest.raises(PracticeError, match="Nothing here"):
        await database.write(fails)
    assert await database.read(user_count) == 1


async def test_the_database_keeps_the_stamps(database: Database) -> None:
    user = ada(created_at=LONG_AGO)
    await database.write(lambda session: session.add(user))

    def forge(session: Session) -> None:
        session.execute(
            text("UPDATE users SET created_at = :when, updated_at = :when"),
            {"when": "1999-01-01 00:00:00.000000"},
        )

    before = datetime.now(UTC) - timedelta(seconds=60)
    await database.write(forge)
    stored = await database.read(lambda session: session.get_one(User, user.id))
    assert stored.created_at == LONG_AGO
    assert before < stored.updated_at < datetime.now(UTC) + timedelta(seconds=60)


async def test_an_instant_needs_a_time_zone(database: Database) -> None:
    naive = LONG_AGO.replace(tzinfo=None)
    with pytest.raises(Exception, match="no time zone"):
        await database.write(lambda session: session.add(ada(created_at=naive)))


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([ada(), ada()], "uq_users_email_key"),
        ([ada(birth_year=1492)], "ck_users_birth_year"),
        ([ada(display_name="")], "ck_users_display_name"),
    ],
)
async def test_a_broken_promise_is_named(database: Database, rows: list[User], name: str) -> None:
    copies = [ada(birth_year=row.birth_year, display_name=row.display_name) for row in rows]
    with pytest.raises(IntegrityError) as broken:
        await database.write(lambda session: session.add_all(copies))
    assert constraint_of(broken.value, METADATA) == name


async def test_foreign_keys_are_held(database: Database) -> None:
    orphan = Consent(
        user_id=uuid.uuid4(), kind=ConsentKind.TERMS, granted=True, document_version="1"
    )
    with pytest.raises(IntegrityError):
        await database.write(lambda session: session.add(orphan))


async def test_writers_at_once_lose_nothing(database: Database) -> None:
    names = [f"user{number}@example.org" for number in range(40)]
    await asyncio.gather(*(database.write(adding(ada(email_key=name))) for name in names))
    assert await database.read(user_count) == len(names)


async def test_sqlite_is_safe_against_power_failures(tmp_path: Path) -> None:
    database = Database(DatabaseConfig.from_setting("", tmp_path))
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    for name, value in pragmas.items():
        assert await database.read(value_of(f"PRAGMA {name}")) == value, name
    await database.close()


async def test_too_many_waiting_calls_are_refused(tmp_path: Path) -> None:
    sqlite = DatabaseConfig.from_setting("", tmp_path)
    database = Database(DatabaseConfig(sqlite.url, connections=2, max_waiting=1))
    go_on = threading.Event()
    calls = [asyncio.create_task(database.read(lambda _: go_on.wait())) for _ in range(3)]
    await asyncio.sleep(0)  # lets the tasks begin, which is all that counts
    with pytest.raises(PracticeError) as refused:
        await database.ping()
    assert refused.value.code is ErrorCode.SERVER_FULL
    assert refused.value.retry_after_s
    go_on.set()
    await asyncio.gather(*calls)
    await database.close()


async def test_a_database_without_tables_is_not_ready_yet(empty_store: DatabaseConfig) -> None:
    database = Database(empty_store)
    with pytest.raises(PracticeError) as refused:
        await database.read(user_count)
    assert refused.value.code is ErrorCode.STORE_UNAVAILABLE
    await database.close()


async def test_a_server_that_is_away_is_told_and_comes_back(
    postgresql_server: PostgreSQL, tmp_path: Path
) -> None:
    address = postgresql_server.new_database(uuid.uuid4().hex)
    config = patient(DatabaseConfig.from_setting(address, tmp_path))
    history.upgrade(config)
    database = Database(config)
    await database.write(lambda session: session.add(ada()))
    await asyncio.to_thread(postgresql_server.stop)
    try:
        for work in (database.ping(), database.write(lambda session: session.add(ada()))):
            with pytest.raises(PracticeError) as refused:
                await work
            assert refused.value.code is ErrorCode.STORE_UNAVAILABLE
            assert refused.value.retry_after_s == 1.0
    finally:
        await asyncio.to_thread(postgresql_server.start)
    assert await database.read(user_count) == 1
    await database.close()


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("mysql://root:hunter2@db/practice", "neither postgresql nor sqlite"),
        ("hunter2", "not of the form"),
        ("sqlite://", "needs a file"),
    ],
)
def test_a_wrong_address_is_explained_without_its_password(setting: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        DatabaseConfig.from_setting(setting, Path())
    assert "hunter2" not in str(refused.value)


def test_a_shown_address_has_no_password() -> None:
    config = DatabaseConfig.from_setting("postgres://ada:hunter2@db/practice", Path())
    assert "hunter2" not in config.shown
    assert not config.is_embedded
