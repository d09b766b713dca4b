"""Points into the database, each once, and the hours' sums with them; on both databases."""

from __future__ import annotations

import asyncio
import statistics
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from session_service.own_sessions import OwnSessions
from session_service.progress.ingest import Ingest, Outcome
from session_service.progress.model import (
    BeatMetric,
    HourlyMetric,
    Metric,
    MetricStream,
    WindowMetric,
)
from tests.progress.material import START, add_user, batch, beat, begin, window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from session_service.db.database import Database
    from session_service.progress.batches import Batch

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)


async def store(database: Database, *batches: Batch) -> Outcome:
    return await database.write(lambda session: Ingest(OwnSessions()).store(session, batches))


async def rows(database: Database, table: Any, *order: Any) -> Sequence[Any]:
    query = select(table).order_by(*order)
    return await database.read(lambda session: session.scalars(query).all())


async def count(database: Database, table: Any) -> int:
    return await database.read(
        lambda session: int(session.scalar(select(func.count()).select_from(table)) or 0)
    )


async def test_points_are_kept_with_their_time(database: Database) -> None:
    ada = await add_user(database)
    practice = await begin(database, ada)
    told = [window(1), window(2, bpm=None, accuracy=None, beat_count=3)]
    outcome = await store(database, batch(ada, practice, told, [beat(4), beat(5)]))
    assert (outcome.new_windows, outcome.new_beats, outcome.foreign) == (2, 2, [])
    first, second = await rows(database, WindowMetric, WindowMetric.end_sample)
    assert (first.session_id, first.end_sample, first.bpm) == (practice, 8_000, 91.0)
    assert first.recorded_at == START + timedelta(seconds=0.5)
    assert (second.bpm, second.accuracy, second.beat_count) == (None, None, 3)
    beats = await rows(database, BeatMetric, BeatMetric.beat_index)
    assert [one.offset_ms for one in beats] == [3.0, -3.0]
    assert beats[0].recorded_at == START + timedelta(seconds=2)


async def test_a_point_counts_once_however_often_it_comes(database: Database) -> None:
    ada = await add_user(database)
    practice = await begin(database, ada)
    first = batch(ada, practice, [window(1), window(2)], [beat(1)])
    more = batch(ada, practice, [window(2, bpm=200.0), window(3)], [beat(1), beat(2)])
    later_start = batch(ada, practice, [window(3)])
    later_start.request.stream_start_time.FromDatetime(START + timedelta(seconds=7))
    assert (await store(database, first)).new_windows == 2
    outcome = await store(database, first, more, later_start)
    assert (outcome.new_windows, outcome.new_beats) == (1, 1)
    assert [one.bpm for one in await rows(database, WindowMetric, WindowMetric.end_sample)] == [
        91.0,
        92.0,
        93.0,
    ]
    (bpm,) = [one for one in await rows(database, HourlyMetric) if one.metric == Metric.BPM]
    assert (bpm.n, bpm.total) == (3, 276.0)


async def test_hourly_sums_are_those_of_the_points(database: Database) -> None:
    ada = await add_user(database)
    practice = await begin(database, ada)
    values = [60.0 + number % 37 for number in range(800)]
    told = [window(number, bpm=bpm) for number, bpm in enumerate(values, 3200)]  # over midnight
    for start in range(0, len(told), 300):
        await store(database, batch(ada, practice, told[start : start + 300]))
    sums = await rows(database, HourlyMetric, HourlyMetric.hour)
    before, after = [one for one in sums if one.metric == Metric.BPM]
    assert (before.hour, after.hour) == (NOVEMBER - timedelta(hours=1), NOVEMBER)
    assert before.n + after.n == len(values)
    n, total = before.n + after.n, before.total + after.total
    squares = before.total_squares + after.total_squares
    deviation = ((squares - total * total / n) / (n - 1)) ** 0.5
    assert total / n == pytest.approx(statistics.fmean(values))
    assert deviation == pytest.approx(statistics.stdev(values))
    assert (min(before.lowest, after.lowest), max(before.highest, after.highest)) == (60.0, 96.0)


async def test_writers_at_once_count_each_point_once(database: Database) -> None:
    people = [await add_user(database) for _ in range(2)]
    practices = [await begin(database, one) for one in people]
    told = [
        batch(owner, practice, [window(number) for number in range(first, first + 30)])
        for owner, practice in zip(people, practices, strict=True)
        for first in (1, 11, 21)
    ]
    outcomes = await asyncio.gather(
        *(store(database, *told[shift:], *told[:shift]) for shift in range(6))
    )
    assert sum(outcome.new_windows for outcome in outcomes) == 100
    assert await count(database, WindowMetric) == 100
    sums = [one.n for one in await rows(database, HourlyMetric) if one.metric == Metric.BPM]
    assert sums == [50, 50]


async def test_nothing_goes_into_somebody_elses_session(database: Database) -> None:
    ada, eve = await add_user(database), await add_user(database)
    practice = await begin(database, ada)
    forged = batch(eve, practice, [window(1)])
    nowhere = batch(eve, uuid.uuid4(), [window(1)])
    good = batch(ada, practice, [window(2)])
    outcome = await store(database, forged, nowhere, good)
    assert outcome.foreign == [forged, nowhere]
    assert outcome.new_windows == 1
    assert await count(database, MetricStream) == 1


async def test_a_stream_keeps_its_sample_rate(database: Database) -> None:
    ada = await add_user(database)
    practice = await begin(database, ada)
    await store(database, batch(ada, practice, [window(1)]))
    other = batch(ada, practice, [window(2)], sample_rate_hz=44_100)
    assert (await store(database, other)).foreign == [other]


async def test_beats_that_are_counted_anew_are_kept_too(database: Database) -> None:
    ada = await add_user(database)
    practice = await begin(database, ada)
    await store(database, batch(ada, practice, beats=[beat(0), beat(1)]))
    again = [beat(0, sample=500_000), beat(1, sample=508_000), beat(2, final=False)]
    outcome = await store(database, batch(ada, practice, beats=again))
    assert outcome.new_beats == 2


async def test_a_summary_is_kept_with_its_stream(database: Database) -> None:
    ada = await add_user(database)
    practice = await begin(database, ada)
    summary = {"audio_seconds": 60.0, "active_seconds": 50.0, "held_bpm": 96.0}
    await store(database, batch(ada, practice, [window(1)], summary=summary))
    (stream,) = await rows(database, MetricStream)
    assert (stream.active_s, stream.held_bpm, stream.steadiness) == (50.0, 96.0, None)
    assert stream.user_id == ada


@pytest.mark.parametrize("empty_store", ["postgresql"], indirect=True)
async def test_postgresql_has_a_partition_for_every_month(database: Database) -> None:
    ada = await add_user(database)
    told = [window(1), window(3600)]  # before and after midnight
    await store(database, batch(ada, await begin(database, ada), told))
    names = text(
        "SELECT relid::text FROM pg_partition_tree('window_metrics') WHERE isleaf ORDER BY 1"
    )
    found = await database.read(lambda session: session.scalars(names).all())
    assert found == ["window_metrics_2026_10", "window_metrics_2026_11"]
