"""One history of the schema, up and down, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from session_service.db import history
from session_service.db.engine import make_engine
from session_service.schema import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from session_service.db.config import DatabaseConfig


def connected(config: DatabaseConfig) -> Connection:
    return make_engine(config).connect()


def differences(config: DatabaseConfig) -> list[Any]:
    with connected(config) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[Any] = compare_metadata(context, METADATA)
    connection.engine.dispose()
    return found


def names_of_rules(config: DatabaseConfig) -> set[str]:
    with connected(config) as connection:
        inspector = inspect(connection)
        found = {
            str(check["name"])
            for table in METADATA.tables
            for check in inspector.get_check_constraints(table)
        }
    connection.engine.dispose()
    return found


def test_the_history_ends_at_the_model(empty_store: DatabaseConfig) -> None:
    assert history.upgrade(empty_store)
    assert differences(empty_store) == []
    promised = {
        str(rule.name)
        for table in METADATA.tables.values()
        for rule in table.constraints
        if str(rule.name).startswith("ck_")
    }
    assert names_of_rules(empty_store) == promised
    assert not history.upgrade(empty_store), "there is nothing left to do"


def test_a_difference_would_be_noticed(empty_store: DatabaseConfig) -> None:
    history.upgrade(empty_store)
    with make_engine(empty_store).begin() as connection:
        connection.execute(text("DROP INDEX ix_users_role_id"))
    connection.engine.dispose()
    assert differences(empty_store) != []


def test_down_and_up_again(empty_store: DatabaseConfig) -> None:
    history.upgrade(empty_store)
    assert history.downgrade(empty_store)
    with connected(empty_store) as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        assert history.current_revision(connection) is None
        assert not history.is_current(connection)
    connection.engine.dispose()
    assert history.upgrade(empty_store)
    assert differences(empty_store) == []


def test_programs_that_start_at_once_migrate_once(empty_store: DatabaseConfig) -> None:
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda _: history.upgrade(empty_store), range(3)))
    assert sorted(done) == [False, False, True]


def test_a_database_of_a_newer_version_is_left_alone(empty_store: DatabaseConfig) -> None:
    history.upgrade(empty_store)
    with make_engine(empty_store).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    connection.engine.dispose()
    with pytest.raises(history.SchemaTooNewError, match="9999"):
        history.upgrade(empty_store)
