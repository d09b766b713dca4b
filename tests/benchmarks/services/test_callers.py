"""The services benchmark: what it counts, and that a server of its own takes its calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil

from benchmarks.services.callers import Stopwatch, students
from benchmarks.services.server import running
from session_service.db import history
from session_service.db.config import DatabaseConfig

if TYPE_CHECKING:
    from pathlib import Path


async def test_every_call_of_every_caller_counts() -> None:
    under_way = most = 0

    async def call() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    watch = Stopwatch(psutil.Process())
    await watch.work_off([[call] * 5] * 3)
    row = watch.read("nowhere", "Nothing", 3)
    assert (row.call_count, row.caller_count, most) == (15, 3, 3)
    assert 0 <= row.p50_ms <= row.p99_ms
    assert row.per_s > 0


async def test_a_student_practises_on_a_server_of_its_own(tmp_path: Path) -> None:
    history.upgrade(DatabaseConfig.from_setting("", tmp_path))
    async with running("", tmp_path) as (address, server), students(address, 1) as (ada,):
        watch = Stopwatch(server)
        session_id = await ada.start_session()
        await watch.work_off([[lambda: ada.finish_session(session_id), ada.list_sessions] * 2])
        assert watch.read("sqlite", "both", 1).call_count == 4
        assert watch.read("sqlite", "both", 1).server_cpu_ms >= 0
