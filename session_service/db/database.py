"""Units of work: one transaction each, in a bounded pool of threads beside the event loop.

Threads with blocking drivers were measured to be faster than asynchronous ones, for SQLite as for
PostgreSQL, and let a unit of work read like ordinary code.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.db.engine import WRITES, make_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from session_service.db.config import DatabaseConfig

Result = TypeVar("Result")

_RETRY_AFTER_S: Final = 1.0
_BUSY_RETRY_AFTER_S: Final = 0.2


class Database:
    """Runs units of work.

    Parameters
    ----------
    config
        Which database, and the limits.
    """

    def __init__(self, config: DatabaseConfig) -> None:
        self._config = config
        self._engine = make_engine(config)
        self._writing = self._engine.execution_options(**{WRITES: True})
        if config.is_embedded:
            # SQLite has one writer at a time: waiting in line is fair, waiting for its lock is not.
            self._writers = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
            self._readers = ThreadPoolExecutor(
                config.connections - 1, thread_name_prefix="database-reader"
            )
        else:
            self._writers = self._readers = ThreadPoolExecutor(
                config.connections, thread_name_prefix="database"
            )
        self._under_way = 0

    @property
    def config(self) -> DatabaseConfig:
        """Which database it is."""
        return self._config

    async def read(self, work: Callable[[Session], Result]) -> Result:
        """Run a unit of work that changes nothing.

        Parameters
        ----------
        work
            Called in another thread with a session; what it returns must not need the session.

        Raises
        ------
        PracticeError
            STORE_UNAVAILABLE when the database is away; SERVER_FULL when too many wait; ETAG_STALE
            when somebody else changed a row at the same time; and what `work` raises.
        """
        return await self._run(self._readers, self._engine, work)

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """Run a unit of work and commit it; when this returns, it is on the disk.

        It rolls back when `work` raises. A caller who goes away meanwhile does not stop it.

        Raises
        ------
        PracticeError
            As `read`.
        """
        return await self._run(self._writers, self._writing, work)

    async def ping(self) -> None:
        """Ask whether the database answers; raises like `read`."""
        await self.read(lambda session: session.execute(text("SELECT 1")))

    async def _run(
        self, threads: ThreadPoolExecutor, engine: Engine, work: Callable[[Session], Result]
    ) -> Result:
        if self._under_way >= self._config.connections + self._config.max_waiting:
            raise PracticeError(
                ErrorCode.SERVER_FULL,
                "Too many calls wait for the database; try again in a moment.",
                retry_after_s=_BUSY_RETRY_AFTER_S,
            )
        self._under_way += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(threads, _unit_of_work, engine, work)
        finally:
            self._under_way -= 1

    async def close(self) -> None:
        """Wait for what is under way, and close every connection."""
        for threads in {self._writers, self._readers}:
            await asyncio.to_thread(threads.shutdown)
        self._engine.dispose()


def _unit_of_work(engine: Engine, work: Callable[[Session], Result]) -> Result:
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            return work(session)
    except StaleDataError as error:
        raise PracticeError(
            ErrorCode.ETAG_STALE, "It was changed meanwhile; read it again and repeat."
        ) from error
    except (OperationalError, InterfaceError, ProgrammingError, PoolTimeoutError) as error:
        if not is_store_away(error):
            raise
        structlog.get_logger().warning("store_unavailable", reason=_reason(error))
        raise PracticeError(
            ErrorCode.STORE_UNAVAILABLE,
            "The database is away; try again in a moment, with the same request_id.",
            retry_after_s=_RETRY_AFTER_S,
        ) from error


def is_store_away(error: Exception) -> bool:
    """Whether an error says that the database can't be used now, rather than that we are wrong."""
    if isinstance(error, (PoolTimeoutError, InterfaceError)):
        return True
    if isinstance(error, ProgrammingError):  # without its tables: nobody has migrated it yet
        return getattr(error.orig, "sqlstate", None) in {"42P01", "3F000"}
    return isinstance(error, OperationalError)


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(cause).split())[:300]
