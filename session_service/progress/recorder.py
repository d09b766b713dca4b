"""What live streams give their results to: onto the disk at once, into the database when it can.

It has the shape of the engine's MetricsSink, and a composition root hands it to the engine.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Final

import structlog

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.progress.batches import Batch
from session_service.progress.drain import Drain, DrainLimits
from session_service.progress.ingest import Ingest, SessionOwners
from session_service.progress.spool import Spool, SpoolLimits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prometheus_client import CollectorRegistry
    from sqlalchemy.orm import Session

    from practice.progress.v1 import progress_pb2
    from session_service.db.database import Database

#: A database that does not answer by then is as good as away.
_CHECK_TIMEOUT_S: Final = 1.0
_UNKNOWN: Final = frozenset({ErrorCode.STORE_UNAVAILABLE, ErrorCode.SERVER_FULL})


class Recorder:
    """Keeps live results; `open` it before the first stream, `close` it after the last.

    Parameters
    ----------
    folder
        The spool's, shared by the processes of one machine.
    database
        Where results end up.
    owners
        The practice sessions.
    registry
        Where numbers are collected.
    spool_limits, drain_limits
        Bounds and pace.
    """

    def __init__(
        self,
        folder: Path,
        database: Database,
        owners: SessionOwners,
        registry: CollectorRegistry,
        *,
        spool_limits: SpoolLimits | None = None,
        drain_limits: DrainLimits | None = None,
    ) -> None:
        self.spool = Spool(folder, spool_limits)
        self._database = database
        self._owners = owners
        self._drain = Drain(self.spool, database, Ingest(owners), registry, limits=drain_limits)
        self._draining: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Recover what an earlier program left, and begin to move it.

        Raises
        ------
        OSError
            When the folder can't be used.
        """
        await self.spool.open()
        self._draining = asyncio.create_task(self._drain.run())

    async def check_session(self, session_id: str, subject: str) -> None:
        """Refuse somebody else's session, and one that is over.

        While the database is away nobody can tell, and the music goes on: whose it is is looked at
        again before anything is stored.

        Raises
        ------
        PracticeError
            NOT_FOUND, PRECONDITION_FAILED.
        """
        sought = uuid.UUID(session_id)
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT_S):
                owner_id = await self._database.read(lambda session: self._look_up(session, sought))
        except (TimeoutError, PracticeError) as error:
            if isinstance(error, PracticeError) and error.code not in _UNKNOWN:
                raise
            structlog.get_logger().warning("session_unchecked", session_id=session_id)
            return
        if str(owner_id) != subject:
            raise PracticeError(
                ErrorCode.NOT_FOUND,
                "There is no such session, or not for you.",
                field="config.session_id",
            )

    def _look_up(self, session: Session, session_id: uuid.UUID) -> uuid.UUID | None:
        owner_id = self._owners.owners(session, [session_id]).get(session_id)
        if owner_id is not None:
            self._owners.check_streamable(session, session_id)
        return owner_id

    def offer(
        self,
        subject: str,
        batch: progress_pb2.WriteMetricsRequest,
        on_durable: Callable[[], None],
    ) -> bool:
        """Take a batch, if the spool has room."""
        return self.spool.offer(Batch(uuid.UUID(subject), batch).to_bytes(), on_durable)

    async def close(self) -> None:
        """Write down what was taken; what the database lacks waits for the next start."""
        if self._draining is not None:
            self._draining.cancel()
            await asyncio.gather(self._draining, return_exceptions=True)
        await self.spool.close()
