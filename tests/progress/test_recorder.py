"""Live results on their way: the database goes and comes back, and each arrives once."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import func, select

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.db import history
from session_service.db.config import DatabaseConfig
from session_service.db.database import Database
from session_service.own_sessions import OwnSessions
from session_service.progress.drain import DrainLimits
from session_service.progress.model import BeatMetric, HourlyMetric, Metric, WindowMetric
from session_service.progress.recorder import Recorder
from session_service.progress.spool import SpoolLimits
from session_service.sessions.model import SessionState
from tests.persistence.stores import patient
from tests.progress.material import START, add_user, batch, beat, begin, window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from session_service.progress.batches import Batch
    from tests.persistence.postgresql import PostgreSQL

QUICK = SpoolLimits(gather_s=0.0)
EAGER = DrainLimits(pause_s=0.0, first_retry_s=0.02, longest_retry_s=0.05)


@contextlib.asynccontextmanager
async def recording(
    folder: Path, database: Database
) -> AsyncIterator[tuple[Recorder, CollectorRegistry]]:
    registry = CollectorRegistry()
    recorder = Recorder(
        folder, database, OwnSessions(), registry, spool_limits=QUICK, drain_limits=EAGER
    )
    await recorder.open()
    try:
        yield recorder, registry
    finally:
        await recorder.close()


async def offer(recorder: Recorder, one: Batch) -> None:
    """Offer a batch and wait until it is acknowledged."""
    durable = asyncio.Event()
    assert recorder.offer(str(one.owner_id), one.request, durable.set)
    await durable.wait()


async def drained(recorder: Recorder) -> None:
    async with asyncio.timeout(60):
        while recorder.spool.unread_bytes:  # noqa: ASYNC110 - the spool tells nobody
            await asyncio.sleep(0.01)


async def counted(database: Database, table: Any) -> int:
    query = select(func.count()).select_from(table)
    return await database.read(lambda session: int(session.scalar(query) or 0))


def value_of(registry: CollectorRegistry, name: str, **labels: str) -> float:
    value = registry.get_sample_value(name, labels)
    assert value is not None
    return value


async def test_what_is_offered_arrives(database: Database, tmp_path: Path) -> None:
    ada = await add_user(database)
    practice = await begin(database, ada)
    async with recording(tmp_path / "spool", database) as (recorder, registry):
        for number in range(1, 21):
            await offer(recorder, batch(ada, practice, [window(number)], [beat(number)]))
        await drained(recorder)
        assert value_of(registry, "practice_metrics_stored_total", kind="window") == 20
        assert value_of(registry, "practice_metrics_database_away") == 0
    assert await counted(database, WindowMetric) == 20
    assert await counted(database, BeatMetric) == 20


def set_aside(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*.damaged"))


async def noticed(registry: CollectorRegistry) -> None:
    """Wait until a try to store has failed."""
    async with asyncio.timeout(60):
        while not value_of(registry, "practice_metrics_database_away"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def hourly_count(database: Database) -> int:
    query = select(HourlyMetric.n).where(HourlyMetric.metric == Metric.BPM)
    return await database.read(lambda session: session.scalars(query).one())


async def test_a_database_that_is_away_delays_and_loses_nothing(
    postgresql_server: PostgreSQL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = postgresql_server.new_database(uuid.uuid4().hex)
    config = patient(DatabaseConfig.from_setting(address, tmp_path))
    history.upgrade(config)
    database = Database(config)
    ada = await add_user(database)
    practice = await begin(database, ada)
    numbers = iter(range(1, 1000))

    async def play(recorder: Recorder, batch_count: int) -> None:
        for _ in range(batch_count):
            told = [window(next(numbers)), window(next(numbers))]
            await offer(recorder, batch(ada, practice, told))

    async with recording(tmp_path / "spool", database) as (recorder, registry):
        await play(recorder, 20)
        await asyncio.to_thread(postgresql_server.stop)
        try:
            await recorder.check_session(str(practice), str(ada))  # nobody can tell: come in
            await play(recorder, 20)
            await noticed(registry)
            assert value_of(registry, "practice_metrics_spool_bytes") > 0
        finally:
            await asyncio.to_thread(postgresql_server.start)
        await play(recorder, 20)
        await drained(recorder)
        assert value_of(registry, "practice_metrics_stored_total", kind="window") == 120
    assert await counted(database, WindowMetric) == 120
    assert await hourly_count(database) == 120
    told = "".join(capsys.readouterr())
    assert told.count("metrics_wait_for_database") == 1, "said once, not at every try"
    assert "metrics_database_back" in told
    await database.close()


async def test_a_restart_goes_on_where_the_program_ended(
    database: Database, tmp_path: Path
) -> None:
    ada = await add_user(database)
    practice = await begin(database, ada)
    recorder = Recorder(tmp_path, database, OwnSessions(), CollectorRegistry(), spool_limits=QUICK)
    await recorder.spool.open()  # nothing drains it
    for number in range(1, 11):
        await offer(recorder, batch(ada, practice, [window(number)]))
    await recorder.close()
    assert await counted(database, WindowMetric) == 0
    async with recording(tmp_path, database) as (again, _):
        await drained(again)
    assert await counted(database, WindowMetric) == 10


async def test_one_batch_that_can_not_be_stored_holds_up_no_other(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, eve = await add_user(database), await add_user(database)
    practice = await begin(database, ada)
    impossible = window(2)
    impossible.start_sample = impossible.end_sample
    async with recording(tmp_path, database) as (recorder, registry):
        for one in (
            batch(ada, practice, [window(1)]),
            batch(ada, practice, [impossible]),
            batch(eve, practice, [window(3)]),
            batch(ada, practice, [window(4)]),
        ):
            await offer(recorder, one)
        await drained(recorder)
        assert value_of(registry, "practice_metrics_refused_total") == 2
    assert await counted(database, WindowMetric) == 2
    told = "".join(capsys.readouterr())
    assert "metrics_set_aside" in told
    assert "metrics_of_foreign_session" in told
    assert set_aside(tmp_path) == 1, "a foreign one is not kept, the other is"


async def test_a_session_is_checked(database: Database, tmp_path: Path) -> None:
    ada, eve = await add_user(database), await add_user(database)
    practice = await begin(database, ada)
    async with recording(tmp_path, database) as (recorder, _):
        await recorder.check_session(str(practice), str(ada))
        for session_id, subject in ((practice, eve), (uuid.uuid4(), ada)):
            with pytest.raises(PracticeError) as refused:
                await recorder.check_session(str(session_id), str(subject))
            assert refused.value.code is ErrorCode.NOT_FOUND
            assert refused.value.field == "config.session_id"
        over = await begin(database, ada, state=SessionState.FINISHED, finished_at=START)
        with pytest.raises(PracticeError) as refused:
            await recorder.check_session(str(over), str(ada))
        assert refused.value.code is ErrorCode.PRECONDITION_FAILED
