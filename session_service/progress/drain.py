"""From the spool into the database: in order, patiently, and so that nothing counts twice."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
from google.protobuf.message import DecodeError
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import SQLAlchemyError

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.progress.batches import Batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prometheus_client import CollectorRegistry

    from session_service.db.database import Database
    from session_service.progress.ingest import Ingest, Outcome
    from session_service.progress.spool import Spool

_AWAY: Final = frozenset({ErrorCode.STORE_UNAVAILABLE, ErrorCode.SERVER_FULL})
_LOG: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DrainLimits:
    """How much at once, and how patiently.

    Parameters
    ----------
    max_bytes
        Of the spool, in one unit of work.
    pause_s
        Between two units of work, so that many streams share one.
    first_retry_s, longest_retry_s
        Wait after the database was away; it doubles from the one to the other.
    """

    max_bytes: int = 512 << 10
    pause_s: float = 0.2
    first_retry_s: float = 0.5
    longest_retry_s: float = 15.0


class Drain:
    """Moves what the spool has.

    Parameters
    ----------
    spool
        Where batches wait.
    database
        Where they go.
    ingest
        How.
    registry
        Where the numbers are collected.
    limits
        Pace.
    """

    def __init__(
        self,
        spool: Spool,
        database: Database,
        ingest: Ingest,
        registry: CollectorRegistry,
        *,
        limits: DrainLimits | None = None,
    ) -> None:
        self._spool = spool
        self._database = database
        self._ingest = ingest
        self._limits = limits or DrainLimits()
        self._stored = Counter(
            "practice_metrics_stored", "New points in the database.", ["kind"], registry=registry
        )
        self._refused = Counter(
            "practice_metrics_refused", "Batches that the database never takes.", registry=registry
        )
        self._is_away = Gauge(
            "practice_metrics_database_away",
            "Whether points wait for the database to come back.",
            registry=registry,
        )
        Gauge(
            "practice_metrics_spool_bytes", "On the disk, not yet stored.", registry=registry
        ).set_function(lambda: spool.unread_bytes)

    async def run(self) -> None:
        """Move what comes, until cancelled."""
        while True:
            await self._spool.arrived.wait()
            self._spool.arrived.clear()
            while await self.move_some():
                await self._pause()

    async def _pause(self) -> None:
        await asyncio.sleep(self._limits.pause_s)

    async def move_some(self) -> bool:
        """Move the oldest batches; returns whether there were any."""
        payloads, position = await asyncio.to_thread(self._spool.read, self._limits.max_bytes)
        if position is None:
            return False
        await self._store([batch for batch in map(self._decoded, payloads) if batch is not None])
        await asyncio.to_thread(self._spool.forget, position)
        return True

    def _decoded(self, payload: bytes) -> Batch | None:
        try:
            return Batch.from_bytes(payload)
        except (DecodeError, ValueError) as error:
            self._set_aside(payload, str(error))
            return None

    async def _store(self, batches: Sequence[Batch]) -> None:
        """Store batches; where they can't be together, one by one."""
        if not batches:
            return
        try:
            outcome = await self._store_patiently(batches)
        except (SQLAlchemyError, PracticeError) as error:
            if len(batches) == 1:
                self._set_aside(batches[0].to_bytes(), str(error))
                return
            for batch in batches:
                await self._store([batch])
        else:
            self._note(outcome)

    async def _store_patiently(self, batches: Sequence[Batch]) -> Outcome:
        wait_s = self._limits.first_retry_s
        is_away = False
        while True:
            try:
                outcome = await self._database.write(
                    lambda session: self._ingest.store(session, batches)
                )
            except PracticeError as error:
                if error.code not in _AWAY:
                    raise
            else:
                if is_away:
                    _LOG.info("metrics_database_back", unread_bytes=self._spool.unread_bytes)
                self._is_away.set(0)
                return outcome
            if not is_away:
                is_away = True
                self._is_away.set(1)
                _LOG.warning("metrics_wait_for_database", unread_bytes=self._spool.unread_bytes)
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries
            wait_s = min(2 * wait_s, self._limits.longest_retry_s)

    def _note(self, outcome: Outcome) -> None:
        self._stored.labels("window").inc(outcome.new_windows)
        self._stored.labels("beat").inc(outcome.new_beats)
        for batch in outcome.foreign:
            self._refused.inc()
            _LOG.error(
                "metrics_of_foreign_session",
                session_id=batch.request.session_id,
                stream_id=batch.request.stream_id,
                owner_id=str(batch.owner_id),
            )

    def _set_aside(self, payload: bytes, reason: str) -> None:
        self._refused.inc()
        name = self._spool.set_aside(payload)
        _LOG.error("metrics_set_aside", file=name, reason=reason[:300])
