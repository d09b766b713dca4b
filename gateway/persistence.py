"""The composition root of everything that is kept: which store, which keys, for whom.

Beside `gateway.engine` and `gateway.listening` the only module of the gateway that imports another
package's parts.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from practice.rpc.principals import Access, AnonymousOnLoopback
from session_service import policy
from session_service.accounts.access_tokens import AccessTokens, TokenAuthenticator
from session_service.accounts.signing_keys import SigningKeys
from session_service.app import SERVICE_NAMES, PersistenceConfig, PersistenceServices
from session_service.db import history
from session_service.db.config import DatabaseConfig
from session_service.db.database import Database
from session_service.own_sessions import OwnSessions
from session_service.progress.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from prometheus_client import CollectorRegistry

    from gateway.settings import Settings
    from practice.rpc.principals import Authenticator
    from practice.rpc.token_buckets import TokenBuckets

__all__ = [
    "ACCESS",
    "SERVICE_NAMES",
    "LiveMetrics",
    "PersistenceServices",
    "UnusableStoreError",
    "create_admin",
    "migrate",
    "open_services",
    "prepare",
    "shown_store",
    "token_authenticator",
]

#: Who may call what; a server without the persistence services has nobody to let in by it.
ACCESS: Final = Access(policy.OPEN_METHODS, policy.check_role)


class UnusableStoreError(Exception):
    """The store can't be used as it is; the text says why, without any password."""


def open_services(settings: Settings, buckets: TokenBuckets | None = None) -> PersistenceServices:
    """Return the persistence services of these settings; `migrate` them before they are used.

    Parameters
    ----------
    settings
        Where things are.
    buckets
        Where attempts to get in are counted; in this process when None.

    Raises
    ------
    UnusableStoreError
        When the database setting is none.
    OSError
        When the keys can't be read or made.
    """
    config = PersistenceConfig(_database(settings), _keys_dir(settings))
    return PersistenceServices(config, buckets=buckets)


class LiveMetrics:
    """Keeps the results of live streams: in a spool in the data folder, and in the database.

    Parameters
    ----------
    settings
        Where they are.
    services
        Whose database it is; without them a connection of its own.
    registry
        Where numbers are collected.

    Raises
    ------
    UnusableStoreError
        When the database setting is none.
    """

    def __init__(
        self,
        settings: Settings,
        services: PersistenceServices | None,
        registry: CollectorRegistry,
    ) -> None:
        self._own: Database | None = None
        if services is not None:
            database = services.database
        else:
            database = self._own = Database(_database(settings))
        folder = settings.data_dir / "spool"
        self.recorder = Recorder(folder, database, OwnSessions(), registry)

    async def close(self) -> None:
        """Write down what was taken; what the database lacks waits for the next start."""
        await self.recorder.close()
        if self._own is not None:
            await self._own.close()


async def prepare(services: PersistenceServices) -> None:
    """Bring an embedded database to this version.

    Raises
    ------
    UnusableStoreError
        When it can't be opened, or a newer version made it.
    """
    try:
        await services.migrate()
    except (history.SchemaTooNewError, SQLAlchemyError) as error:
        raise UnusableStoreError(_reason(error)) from error


def token_authenticator(settings: Settings, services: PersistenceServices | None) -> Authenticator:
    """Return who checks tokens; without services of its own a process reads the keys' folder."""
    without_token = AnonymousOnLoopback(settings.host)
    if services is not None:
        return TokenAuthenticator(services.access_tokens, without_token)
    keys = SigningKeys(_keys_dir(settings), _now)
    keys.read()
    return TokenAuthenticator(AccessTokens(keys, _now), without_token)


async def create_admin(settings: Settings, email: str, display_name: str, password: str) -> str:
    """Make an admin and return its id.

    Raises
    ------
    PracticeError
        ALREADY_EXISTS, FIELD_INVALID, STORE_UNAVAILABLE.
    UnusableStoreError, OSError
        As `open_services`.
    """
    async with _prepared(settings) as services:
        return str(await services.add_admin(email, display_name, password))


async def migrate(settings: Settings) -> bool:
    """Bring the database to this version; returns whether anything had to be done.

    Raises
    ------
    UnusableStoreError
        When it can't be reached, or a newer version made it.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        return await asyncio.to_thread(history.upgrade, _database(settings))
    except (history.SchemaTooNewError, SQLAlchemyError) as error:
        raise UnusableStoreError(_reason(error)) from error


def shown_store(settings: Settings) -> str:
    """Return where the database is, without its password."""
    return _database(settings).shown


@asynccontextmanager
async def _prepared(settings: Settings) -> AsyncIterator[PersistenceServices]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    services = open_services(settings)
    try:
        await prepare(services)
        yield services
    finally:
        await services.close()


def _database(settings: Settings) -> DatabaseConfig:
    try:
        return DatabaseConfig.from_setting(settings.database_url, settings.data_dir)
    except ValueError as error:
        raise UnusableStoreError(f"PRACTICE_DATABASE_URL: {error}") from error


def _keys_dir(settings: Settings) -> Path:
    return settings.keys_dir or settings.data_dir / "keys"


def _now() -> datetime:
    return datetime.now(UTC)


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return f"the database can't be used: {' '.join(str(cause).split())}"
