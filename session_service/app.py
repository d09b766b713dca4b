"""The composition root of the persistence services: what they are made of, and their life."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog

from practice.accounts.v1 import auth_pb2_grpc, users_pb2_grpc
from practice.library.v1 import library_pb2_grpc
from practice.progress.v1 import progress_pb2_grpc
from practice.rpc.errors import PracticeError
from practice.rpc.token_buckets import MemoryBuckets
from practice.sessions.v1 import sessions_pb2_grpc
from practice.studio.v1 import studio_pb2_grpc
from session_service.accounts.access_tokens import AccessTokens
from session_service.accounts.auth import Authentications
from session_service.accounts.logins import Logins
from session_service.accounts.passwords import PasswordCost, Passwords
from session_service.accounts.registration import Registrations
from session_service.accounts.servicer import (
    AUTH_SERVICE,
    USER_SERVICE,
    AuthServicer,
    UserServicer,
)
from session_service.accounts.signing_keys import SigningKeys
from session_service.accounts.throttle import Throttle, ThrottleLimits
from session_service.accounts.users import Users
from session_service.db import history
from session_service.db.database import Database
from session_service.heard import HeardWindows
from session_service.library.pieces import Pieces
from session_service.library.segments import Segments
from session_service.library.servicer import LIBRARY_SERVICE, LibraryServicer
from session_service.library.tags import Tags
from session_service.own_sessions import OwnSessions
from session_service.progress.service import Metrics
from session_service.progress.servicer import METRICS_SERVICE, MetricsServicer
from session_service.repeats.service import Repeats
from session_service.repertoire import LibraryRepertoire
from session_service.secrets_by_id import SecretsById
from session_service.sessions.heatmap import Heatmaps
from session_service.sessions.service import PracticeSessions
from session_service.sessions.servicer import PRACTICE_SERVICE, PracticeServicer
from session_service.studio import repository as links
from session_service.studio.service import Studio
from session_service.studio.servicer import STUDIO_SERVICE, StudioServicer

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from pathlib import Path

    import grpc
    from sqlalchemy.orm import Session

    from practice.rpc.services import Services
    from practice.rpc.token_buckets import TokenBuckets
    from session_service.db.config import DatabaseConfig

SERVICE_NAMES: Final = (
    AUTH_SERVICE,
    USER_SERVICE,
    STUDIO_SERVICE,
    LIBRARY_SERVICE,
    PRACTICE_SERVICE,
    METRICS_SERVICE,
)


@dataclass(frozen=True, slots=True)
class PersistenceConfig:
    """What the persistence services need to know.

    Parameters
    ----------
    database
        Where everything is kept.
    keys_dir
        Where the keys of access tokens lie.
    password_cost
        What a password hash costs.
    throttle
        How often somebody may try to get in.
    health_interval_s
        How often the database is asked whether it answers.
    upkeep_interval_s
        How often keys are looked after and old answers dropped.
    """

    database: DatabaseConfig
    keys_dir: Path
    password_cost: PasswordCost = field(default_factory=PasswordCost)
    throttle: ThrottleLimits = field(default_factory=ThrottleLimits)
    health_interval_s: float = 2.0
    upkeep_interval_s: float = 600.0


class PersistenceServices:
    """Accounts, links between people and the library, ready to be added to a server.

    Parameters
    ----------
    config
        Where things are, and how patiently.
    now
        The clock.
    buckets
        Where attempts to get in are counted; in this process when None.
    """

    def __init__(
        self,
        config: PersistenceConfig,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        buckets: TokenBuckets | None = None,
    ) -> None:
        self._config = config
        self._keys = SigningKeys(config.keys_dir, now)
        self._keys.tend()
        secrets = SecretsById(self._keys.refresh_secret())
        self.access_tokens = AccessTokens(self._keys, now)
        self.database = Database(config.database)
        self._passwords = Passwords(config.password_cost)
        self._registrations = Registrations(now)
        self._repeats = Repeats(self.database, now)
        throttle = Throttle(config.throttle, buckets or MemoryBuckets(_monotonic_s))
        logins = Logins(self.access_tokens, secrets, now)
        self._authentications = Authentications(
            self.database, self._passwords, logins, throttle, now
        )
        self._users = Users(self._authentications, StudioLinks(), now)
        self._studio = Studio(self._users, secrets, now)
        repertoire = LibraryRepertoire()
        self._practice = PracticeServicer(
            self.database,
            PracticeSessions(self._users, repertoire, now),
            Heatmaps(self._users, repertoire, now, HeardWindows()),
            self._repeats,
        )
        self._library = LibraryServicer(
            self.database,
            self._repeats,
            Tags(self._users, now),
            Pieces(self._users, now),
            Segments(self._users, now),
        )
        self._metrics = MetricsServicer(
            self.database, Metrics(self._users, OwnSessions(), now), self._repeats, now
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def migrate(self) -> None:
        """Bring an embedded database to this version; a server's is its keeper's business.

        Raises
        ------
        session_service.db.history.SchemaTooNewError
            When a newer version made it.
        """
        if self._config.database.is_embedded:
            await asyncio.to_thread(history.upgrade, self._config.database)

    def add_to(self, server: grpc.aio.Server) -> None:
        """Register the servicers on a server that is not started yet."""
        auth_pb2_grpc.add_AuthServiceServicer_to_server(
            AuthServicer(self._authentications, self._registrations, self._repeats, self._keys),
            server,
        )
        users_pb2_grpc.add_UserServiceServicer_to_server(
            UserServicer(self.database, self._users, self._repeats), server
        )
        studio_pb2_grpc.add_StudioServiceServicer_to_server(
            StudioServicer(self.database, self._studio, self._repeats), server
        )
        library_pb2_grpc.add_LibraryServiceServicer_to_server(self._library, server)
        sessions_pb2_grpc.add_PracticeServiceServicer_to_server(self._practice, server)
        progress_pb2_grpc.add_MetricsServiceServicer_to_server(self._metrics, server)

    async def watch(self, services: Services) -> None:
        """Look at the database once, then keep the health entries true and things tidy."""
        await self._tell_health(services)
        self._tasks = [
            asyncio.create_task(self._keep_watching(services)),
            asyncio.create_task(self._keep_tidy()),
        ]

    async def add_admin(self, email: str, display_name: str, password: str) -> uuid.UUID:
        """Make an admin and return its id; for the machine's keeper.

        Raises
        ------
        PracticeError
            ALREADY_EXISTS when the address has an account.
        """
        password_hash = await self._passwords.hash(password)

        def add(session: Session) -> uuid.UUID:
            return self._registrations.add_admin(session, email, display_name, password_hash).id

        return await self.database.write(add)

    async def close(self) -> None:
        """Let what is under way end, and close everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._passwords.close()
        await self.database.close()

    async def _tell_health(self, services: Services) -> None:
        is_there = False
        try:
            is_there = await self.database.read(lambda s: history.is_current(s.connection()))
        except PracticeError:
            is_there = False
        for name in SERVICE_NAMES:
            await services.set_serving(name, serving=is_there)

    async def _keep_watching(self, services: Services) -> None:
        while True:
            await asyncio.sleep(self._config.health_interval_s)
            await self._tell_health(services)

    async def _keep_tidy(self) -> None:
        while True:
            await asyncio.sleep(self._config.upkeep_interval_s)
            try:
                await asyncio.to_thread(self._keys.tend)
                await self._repeats.forget_old()
            except (OSError, PracticeError) as error:
                structlog.get_logger().warning("upkeep_failed", reason=str(error))


class StudioLinks:
    """What users need to know of the studio."""

    def are_linked(self, session: Any, one: uuid.UUID, other: uuid.UUID) -> bool:
        """Whether there is an ACTIVE link between two people."""
        return links.are_linked(session, one, other)


def _monotonic_s() -> float:
    return asyncio.get_running_loop().time()
