"""The schema's history: one Alembic line of revisions for SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from session_service.db.engine import WRITES, make_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from session_service.db.config import DatabaseConfig

# Any number will do, as long as every program that migrates takes the same.
_POSTGRESQL_LOCK: Final = 0x7072_6163
_LATEST: Final = "head"
_EMPTY: Final = "base"


class SchemaTooNewError(Exception):
    """The database was made by a newer version of the program; the text says so."""


def upgrade(config: DatabaseConfig, revision: str = _LATEST) -> bool:
    """Bring a database to a revision, all or nothing; safe when several programs start at once.

    Returns
    -------
    bool
        Whether anything had to be done.

    Raises
    ------
    SchemaTooNewError
        When it has a revision that this version does not know.
    sqlalchemy.exc.OperationalError
        When it can't be reached.
    """
    return _migrate(config, revision, command.upgrade)


def downgrade(config: DatabaseConfig, revision: str = _EMPTY) -> bool:
    """Take a database back; its younger tables go with everything in them."""
    return _migrate(config, revision, command.downgrade)


def current_revision(connection: Connection) -> str | None:
    """Return a database's revision; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def latest_revision() -> str | None:
    """Return the newest revision that this version knows."""
    return _scripts().get_current_head()


def is_current(connection: Connection) -> bool:
    """Whether a database has the revision that this version works with."""
    return current_revision(connection) == latest_revision()


def _migrate(config: DatabaseConfig, revision: str, step: Callable[[Config, str], None]) -> bool:
    engine = make_engine(config).execution_options(**{WRITES: True})
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                lock = text("SELECT pg_advisory_xact_lock(:number)")
                connection.execute(lock, {"number": _POSTGRESQL_LOCK})
            before = current_revision(connection)
            _check_known(before, config)
            alembic_config = _alembic_config()
            alembic_config.attributes["connection"] = connection
            step(alembic_config, revision)
            return current_revision(connection) != before
    finally:
        engine.dispose()


def _check_known(revision: str | None, config: DatabaseConfig) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaTooNewError(
            f"{config.shown} has revision {revision}, which this version does not know; "
            "it was made by a newer one"
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic_config())


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", "session_service.db:migrations")
    config.set_main_option("path_separator", "os")
    return config
