"""MetricsService behind a real server, on both databases."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from practice.progress.v1 import progress_pb2 as pb
from practice.rpc.errors import ErrorCode
from practice.studio.v1 import studio_pb2
from session_service.library.model import Piece
from tests.accounts.serving import assert_refused
from tests.progress.material import RATE_HZ, START, beat, begin, window

if TYPE_CHECKING:
    from collections.abc import Collection

    from practice.analysis.v1 import analysis_pb2
    from tests.accounts.serving import Person, Served

DAY_BEFORE = START - timedelta(days=1)
DAY_AFTER = START + timedelta(days=1)


def written(
    session_id: uuid.UUID,
    windows: Collection[analysis_pb2.WindowResult] = (),
    **values: Any,
) -> pb.WriteMetricsRequest:
    return pb.WriteMetricsRequest(
        session_id=str(session_id),
        windows=windows,
        **{
            "stream_id": str(session_id),
            "sample_rate_hz": RATE_HZ,
            "stream_start_time": START,
            **values,
        },
    )


def series(**values: Any) -> pb.QueryTimeSeriesRequest:
    return pb.QueryTimeSeriesRequest(
        **{
            "metric": pb.METRIC_BPM,
            "start_time": DAY_BEFORE,
            "end_time": DAY_AFTER,
            **values,
        }
    )


def user_id(person: Person) -> uuid.UUID:
    return uuid.UUID(person.user.user_id)


async def linked_teacher(server: Served, student: Person) -> Person:
    teacher = await server.teacher()
    invited = await server.studio.CreateInvitation(
        studio_pb2.CreateInvitationRequest(), metadata=teacher.metadata
    )
    accepted = studio_pb2.AcceptInvitationRequest(code=invited.code, consent=True)
    await server.studio.AcceptInvitation(accepted, metadata=student.metadata)
    return teacher


async def test_what_is_written_once_or_twice_is_there_once(server: Served) -> None:
    ada = await server.student()
    practice = await begin(server.services.database, user_id(ada))
    request = written(practice, [window(n) for n in range(1, 11)], beats=[beat(1), beat(2)])
    first = await server.metrics.WriteMetrics(request, metadata=ada.metadata)
    again = await server.metrics.WriteMetrics(request, metadata=ada.metadata)
    assert (first.new_windows, first.new_beats) == (10, 2)
    assert (again.new_windows, again.new_beats) == (0, 0)
    answer = await server.metrics.QueryTimeSeries(series(), metadata=ada.metadata)
    (day,) = answer.points
    assert day.statistics == answer.total
    assert (answer.total.n, answer.total.mean) == (10, 92.0)
    assert (answer.total.min, answer.total.max) == (90.0, 94.0)
    assert answer.total.standard_deviation == pytest.approx(1.4907, abs=1e-4)
    assert day.start_time.ToDatetime() == datetime(2026, 10, 31)  # noqa: DTZ001 - UTC


async def test_buckets_follow_the_calendar_of_the_zone(server: Served) -> None:
    ada = await server.student()
    practice = await begin(server.services.database, user_id(ada))
    told = [window(1, accuracy=70.0), window(3700, accuracy=90.0)]  # before and after 0:00 UTC
    await server.metrics.WriteMetrics(written(practice, told), metadata=ada.metadata)

    async def starts(bucket: pb.Bucket, zone: str = "", **values: Any) -> list[datetime]:
        asked = series(metric=pb.METRIC_ACCURACY, bucket=bucket, time_zone=zone, **values)
        answer = await server.metrics.QueryTimeSeries(asked, metadata=ada.metadata)
        assert answer.total.n == 2
        return [point.start_time.ToDatetime(UTC) for point in answer.points]

    def utc(*when: int) -> datetime:
        return datetime(*when, tzinfo=UTC)  # type: ignore[misc, arg-type]

    assert await starts(pb.BUCKET_DAY) == [utc(2026, 10, 31), utc(2026, 11, 1)]
    assert await starts(pb.BUCKET_UNSPECIFIED) == await starts(pb.BUCKET_DAY)
    assert await starts(pb.BUCKET_DAY, "Europe/Berlin") == [utc(2026, 10, 31, 23)]
    assert await starts(pb.BUCKET_HOUR) == [utc(2026, 10, 31, 23), utc(2026, 11, 1)]
    assert await starts(pb.BUCKET_WEEK) == [utc(2026, 10, 26)]
    assert await starts(pb.BUCKET_MONTH) == [utc(2026, 10, 1), utc(2026, 11, 1)]
    minutes = await starts(pb.BUCKET_MINUTE, session_id=str(practice))
    assert minutes == [utc(2026, 10, 31, 23, 30), utc(2026, 11, 1, 0, 0)]


async def test_offsets_of_beats_are_a_metric_too(server: Served) -> None:
    ada = await server.student()
    practice = await begin(server.services.database, user_id(ada))
    request = written(practice, beats=[beat(n) for n in range(1, 9)])
    await server.metrics.WriteMetrics(request, metadata=ada.metadata)
    for values in ({}, {"bucket": pb.BUCKET_MINUTE, "session_id": str(practice)}):
        asked = series(metric=pb.METRIC_OFFSET_MS, **values)
        answer = await server.metrics.QueryTimeSeries(asked, metadata=ada.metadata)
        assert (answer.total.n, answer.total.mean, answer.total.max) == (8, 0.0, 3.0)


async def test_a_piece_shows_its_days(server: Served) -> None:
    ada = await server.student()
    database = server.services.database
    piece = Piece(owner_id=user_id(ada), title="Sarabande", composer="")
    await database.write(lambda session: session.add(piece))
    practice = await begin(database, user_id(ada), piece_id=piece.id)
    other = await begin(database, user_id(ada))
    summary = {"audio_seconds": 9.0, "held_bpm": 72.0}
    told = [window(n, accuracy=80.0 + n, steadiness=90.0) for n in (1, 2, 3)]
    for request in (
        written(practice, told, summary=summary),
        written(practice, [], stream_id=str(uuid.uuid4()), summary={"held_bpm": 75.0}),
        written(other, told, summary={"held_bpm": 150.0}),
    ):
        await server.metrics.WriteMetrics(request, metadata=ada.metadata)
    asked = pb.GetPieceProgressRequest(piece_id=str(piece.id), end_time=DAY_AFTER)
    (day,) = (await server.metrics.GetPieceProgress(asked, metadata=ada.metadata)).days
    assert (day.date, day.held_bpm, day.stream_count) == ("2026-10-31", 75.0, 2)
    assert (day.accuracy.n, day.accuracy.mean) == (3, 82.0)
    assert (day.steadiness.n, day.steadiness.standard_deviation) == (3, 0.0)
    earlier = pb.GetPieceProgressRequest(piece_id=str(piece.id), end_time=DAY_BEFORE)
    assert not (await server.metrics.GetPieceProgress(earlier, metadata=ada.metadata)).days


async def test_only_who_may_sees_it(server: Served) -> None:
    ada, eve, admin = await server.student(), await server.student(), await server.admin()
    teacher, stranger = await linked_teacher(server, ada), await server.teacher()
    practice = await begin(server.services.database, user_id(ada))
    request = written(practice, [window(1)])
    await server.metrics.WriteMetrics(request, metadata=ada.metadata)
    for values in ({"user_id": ada.user.user_id}, {"session_id": str(practice)}):
        for person in (ada, teacher, admin):
            answer = await server.metrics.QueryTimeSeries(
                series(**values), metadata=person.metadata
            )
            assert answer.total.n == 1
        for person in (eve, stranger):
            call = server.metrics.QueryTimeSeries(series(**values), metadata=person.metadata)
            await assert_refused(call, ErrorCode.NOT_FOUND)
    mixed = series(user_id=eve.user.user_id, session_id=str(practice))
    await assert_refused(
        server.metrics.QueryTimeSeries(mixed, metadata=admin.metadata), ErrorCode.NOT_FOUND
    )
    for person in (eve, teacher):
        await assert_refused(
            server.metrics.WriteMetrics(request, metadata=person.metadata), ErrorCode.NOT_FOUND
        )


async def test_what_can_not_be_is_refused_and_stores_nothing(server: Served) -> None:
    ada = await server.student()
    practice = await begin(server.services.database, user_id(ada))
    soon = datetime.now(UTC) + timedelta(hours=1)
    backwards = window(2, start_sample=2 * RATE_HZ)
    for field, request in (
        ("stream_start_time", written(practice, stream_start_time=soon)),
        ("sample_rate_hz", written(practice, sample_rate_hz=7)),
        ("windows", written(practice, [backwards])),
        ("windows.bpm", written(practice, [window(1, bpm=float("nan"))])),
        ("windows", written(practice, [window(1)] * 1001)),
        ("stream_id", written(practice, stream_id="x")),
    ):
        call = server.metrics.WriteMetrics(request, metadata=ada.metadata)
        await assert_refused(call, ErrorCode.FIELD_INVALID, field)
    ahead = written(practice, [window(3 * 3600)], stream_start_time=datetime.now(UTC))
    await assert_refused(
        server.metrics.WriteMetrics(ahead, metadata=ada.metadata),
        ErrorCode.FIELD_INVALID,
        "stream_start_time",
    )
    answer = await server.metrics.QueryTimeSeries(
        series(end_time=datetime.now(UTC)), metadata=ada.metadata
    )
    assert not answer.points


async def test_questions_have_bounds(server: Served) -> None:
    ada = await server.student()
    for field, request in {
        "end_time": series(end_time=DAY_BEFORE),
        "bucket": series(bucket=pb.BUCKET_HOUR, start_time=START - timedelta(days=60)),
        "session_id": series(bucket=pb.BUCKET_MINUTE),
        "time_zone": series(time_zone="Mars/Olympus"),
        "metric": series(metric=pb.METRIC_UNSPECIFIED),
    }.items():
        call = server.metrics.QueryTimeSeries(request, metadata=ada.metadata)
        await assert_refused(call, ErrorCode.FIELD_INVALID, field)
