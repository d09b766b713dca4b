"""Metrics of live streams on their way into PostgreSQL: rows per second, and what a window costs.

Run as ``python -m benchmarks.services.metrics_ingest [--windows N]``. Program and database share
one core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

import session_service.schema  # noqa: F401 - every table, for the foreign keys between them
from analysis_engine.serving.limits import RecordingLimits
from analysis_engine.serving.recording import Recording
from practice.analysis.v1 import analysis_pb2
from practice.identifiers import uuid7
from practice.progress.v1 import progress_pb2
from session_service.accounts.model import Role, User
from session_service.db import history
from session_service.db.config import DatabaseConfig
from session_service.db.database import Database
from session_service.own_sessions import OwnSessions
from session_service.progress.batches import Batch
from session_service.progress.ingest import Ingest
from session_service.progress.spool import Spool
from session_service.sessions.model import PracticeMode, PracticeSession, SessionState
from tests.persistence import postgresql

if TYPE_CHECKING:
    from collections.abc import Callable

OUT: Final = Path(__file__).parents[1] / "out" / "metrics_ingest.json"
START: Final = datetime(2026, 11, 3, tzinfo=UTC)
RATE_HZ: Final = 16_000
HOP: Final = RATE_HZ // 2
STREAM_COUNT: Final = 500
WINDOWS_PER_BATCH: Final = 2
BEATS_PER_BATCH: Final = 2


def window(number: int) -> analysis_pb2.WindowResult:
    """Return a window of somebody who plays: everything told."""
    return analysis_pb2.WindowResult(
        start_sample=max(0, (number - 8) * HOP),
        end_sample=number * HOP,
        state=analysis_pb2.WINDOW_STATE_LOCKED,
        bpm=96.0 + number % 7,
        raw_bpm=96.0 + number % 7,
        metrical_ratio=1.0,
        confidence=0.93,
        accuracy=88.5,
        tempo_accuracy=91.0,
        steadiness=84.25,
        deviation_percent=1.5,
        drift_bpm_per_minute=-0.25,
        level_dbfs=-21.5,
        beat_count=6,
    )


def beat(index: int) -> analysis_pb2.Beat:
    """Return a beat's final record."""
    return analysis_pb2.Beat(
        beat_index=index,
        sample=index * HOP,
        onset_sample=index * HOP + 12,
        beat_in_bar=index % 4 + 1,
        confidence=0.9,
        strength=0.6,
        offset_ms=4.5,
        final=True,
    )


def batches_of(streams: list[uuid.UUID], second: int, owner_id: uuid.UUID) -> list[bytes]:
    """Return what one second of all streams leaves in the spool."""
    kept = []
    for stream in streams:
        request = progress_pb2.WriteMetricsRequest(
            session_id=str(stream), stream_id=str(stream), sample_rate_hz=RATE_HZ
        )
        request.stream_start_time.FromDatetime(START)
        first = second * WINDOWS_PER_BATCH + 1
        request.windows.extend(window(first + step) for step in range(WINDOWS_PER_BATCH))
        request.beats.extend(beat(first + step) for step in range(BEATS_PER_BATCH))
        kept.append(Batch(owner_id, request).to_bytes())
    return kept


async def ingest_rates(address: str, window_count: int) -> dict[str, float]:
    """Return rows per second, with decoding, both kinds of points, and the sums.

    ``rows_per_cpu_second`` is what one core that does nothing else would do.
    """
    config = DatabaseConfig.from_setting(address, Path())
    history.upgrade(config)
    database = Database(config)
    owner_id = uuid7()
    streams = [uuid7() for _ in range(STREAM_COUNT)]
    await database.write(lambda session: session.add(_person(owner_id)))
    await database.write(lambda session: session.add_all(_sessions(owner_id, streams)))
    ingest = Ingest(OwnSessions())
    seconds = max(2, window_count // (STREAM_COUNT * WINDOWS_PER_BATCH))
    material = [batches_of(streams, second, owner_id) for second in range(seconds + 1)]
    await _store(database, ingest, material[0])  # streams and partitions are made here
    started_s, started_cpu_s = time.perf_counter(), _cpu_s()
    stored = [await _store(database, ingest, kept) for kept in material[1:]]
    wall_s, cpu_s = time.perf_counter() - started_s, _cpu_s() - started_cpu_s
    windows, beats = (sum(counts) for counts in zip(*stored, strict=True))
    await database.close()
    return {
        "windows": windows,
        "beats": beats,
        "seconds": wall_s,
        "windows_per_second": windows / wall_s,
        "rows_per_second": (windows + beats) / wall_s,
        "cpu_seconds": cpu_s,
        "rows_per_cpu_second": (windows + beats) / cpu_s,
    }


def _cpu_s() -> float:
    """Return the processor time of this program and of the database that it started."""
    me = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in (me, *me.children(recursive=True)))


async def _store(database: Database, ingest: Ingest, kept: list[bytes]) -> tuple[int, int]:
    batches = [Batch.from_bytes(one) for one in kept]
    outcome = await database.write(lambda session: ingest.store(session, batches))
    return outcome.new_windows, outcome.new_beats


def _person(owner_id: uuid.UUID) -> User:
    return User(
        id=owner_id,
        email="ada@example.org",
        email_key="ada@example.org",
        display_name="Ada",
        role=Role.STUDENT,
        birth_year=1990,
        password_hash="",
    )


def _sessions(owner_id: uuid.UUID, ids: list[uuid.UUID]) -> list[PracticeSession]:
    return [
        PracticeSession(
            id=one,
            student_id=owner_id,
            state=SessionState.ACTIVE,
            mode=PracticeMode.NORMAL,
            focus="",
            note="",
            started_at=START,
        )
        for one in ids
    ]


async def sink_costs(folder: Path, count: int = 4000) -> dict[str, float]:
    """Return microseconds of the event loop's processor time per window.

    ``gather``: keeping a copy of the window for its batch; ``hand_over``: encoding the batch and
    queueing it for the disk, by two windows a batch.
    """
    told = [analysis_pb2.StreamingAnalyzeResponse(window=window(n + 1)) for n in range(count)]
    spool = Spool(folder)
    await spool.open()
    owner_id = uuid7()

    class Sink:
        async def check_session(self, session_id: str, subject: str) -> None: ...

        def offer(
            self,
            subject: str,
            batch: progress_pb2.WriteMetricsRequest,
            on_durable: Callable[[], None],
        ) -> bool:
            return spool.offer(Batch(uuid.UUID(subject), batch).to_bytes(), on_durable)

    recording = Recording(
        Sink(),
        owner=str(owner_id),
        session_id=str(uuid7()),
        stream_id=str(uuid7()),
        sample_rate_hz=RATE_HZ,
        limits=RecordingLimits(),
    )
    gather_s = hand_over_s = 0.0
    for first in range(0, count, WINDOWS_PER_BATCH):
        started_s = time.thread_time()
        for response in told[first : first + WINDOWS_PER_BATCH]:
            recording.add(response)
        gathered_s = time.thread_time()
        recording.keep(first, lambda _: None)
        hand_over_s += time.thread_time() - gathered_s
        gather_s += gathered_s - started_s
    await recording.settle(count)
    await spool.close()
    return {"gather": 1e6 * gather_s / count, "hand_over": 1e6 * hand_over_s / count}


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=60_000, help="windows to store")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # what the database starts inherits it
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        costs = asyncio.run(sink_costs(Path(folder)))
    with postgresql.running() as server:
        rates = asyncio.run(ingest_rates(server.new_database("metrics"), arguments.windows))
    _show(rates, costs)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"ingest": rates, "sink_us_per_window": costs}, indent=2))


def _show(rates: dict[str, float], costs: dict[str, float]) -> None:
    rows: list[tuple[str, Any]] = [
        ("windows stored", f"{rates['windows']:,.0f}, with {rates['beats']:,.0f} beats"),
        ("windows per second", f"{rates['windows_per_second']:,.0f}"),
        ("rows per second, both kinds", f"{rates['rows_per_second']:,.0f}"),
        ("rows per second of processor", f"{rates['rows_per_cpu_second']:,.0f}"),
        ("sink, gathering, per window", f"{costs['gather']:.1f} µs"),
        ("sink, handing over, per window", f"{costs['hand_over']:.1f} µs"),
    ]
    for name, value in rows:
        print(f"{name:<32} {value}")


if __name__ == "__main__":
    main()
