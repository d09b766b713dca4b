"""Finishing and listing sessions, and what logins do to others, on SQLite and PostgreSQL.

Run as ``python -m benchmarks.services.calls [--calls N] [--json FILE]``. The server is a process
of its own, each caller has a connection and makes one call after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.services.callers import Stopwatch, Timing, students
from benchmarks.services.server import running
from session_service.db import history
from session_service.db.config import DatabaseConfig
from tests.persistence import postgresql

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psutil

    from benchmarks.services.callers import Student

OUT: Final = Path(__file__).parents[1] / "out" / "services.json"
CALLER_COUNTS: Final = (1, 16)
LOGINS_AT_ONCE: Final = 4
READING_S: Final = 6.0


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, and write JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.services.calls")
    parser.add_argument("--calls", type=int, default=480, help="of each kind, over all callers")
    parser.add_argument("--json", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    print("store       call            callers  calls  per s   p50 ms   p99 ms  server CPU ms")
    rows = _on_sqlite(options.calls) + _on_postgresql(options.calls)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report = {"calls": [asdict(row) for row in rows]}
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"JSON: {options.json}")


def _told(row: Timing) -> Timing:
    print(
        f"{row.store:<11} {row.call:<16} {row.caller_count:6d} {row.call_count:6d} "
        f"{row.per_s:6.0f} {row.p50_ms:8.1f} {row.p99_ms:8.1f} {row.server_cpu_ms:14.1f}",
        flush=True,
    )
    return row


def _on_sqlite(call_count: int) -> list[Timing]:
    with tempfile.TemporaryDirectory() as folder:
        return _measure("sqlite", "", Path(folder), call_count)


def _on_postgresql(call_count: int) -> list[Timing]:
    with tempfile.TemporaryDirectory() as folder, postgresql.running() as server:
        address = server.new_database("benchmark")
        return _measure("postgresql", address, Path(folder), call_count)


def _measure(store: str, database_url: str, folder: Path, call_count: int) -> list[Timing]:
    history.upgrade(DatabaseConfig.from_setting(database_url, folder))
    return asyncio.run(_call(store, database_url, folder, call_count))


async def _call(store: str, database_url: str, folder: Path, call_count: int) -> list[Timing]:
    rows: list[Timing] = []
    async with running(database_url, folder) as (address, server):
        for caller_count in CALLER_COUNTS:
            async with students(address, caller_count) as people:
                rows += await _sessions(store, server, people, call_count // caller_count)
        async with students(address, 1 + LOGINS_AT_ONCE) as (reader, *others):
            rows.append(await _reading(store, "GetMe", server, reader, []))
            rows.append(await _reading(store, "GetMe, logins", server, reader, others))
    return rows


async def _sessions(
    store: str, server: psutil.Process, people: Sequence[Student], each: int
) -> list[Timing]:
    started = [[await person.start_session() for _ in range(each)] for person in people]
    finishing = [
        [partial(person.finish_session, session_id) for session_id in session_ids]
        for person, session_ids in zip(people, started, strict=True)
    ]
    listing = [[person.list_sessions] * each for person in people]
    rows = []
    for call, queues in (("FinishSession", finishing), ("ListSessions", listing)):
        watch = Stopwatch(server)
        await watch.work_off(queues)
        rows.append(_told(watch.read(store, call, len(people))))
    return rows


async def _reading(
    store: str,
    call: str,
    server: psutil.Process,
    reader: Student,
    others: Sequence[Student],
) -> Timing:
    """Call GetMe for some seconds, while others log in again and again."""
    is_over = asyncio.Event()

    async def log_in_on_end(person: Student) -> None:
        while not is_over.is_set():
            await person.log_in()

    busy = [asyncio.create_task(log_in_on_end(person)) for person in others]
    watch, over_s = Stopwatch(server), time.perf_counter() + READING_S
    while time.perf_counter() < over_s:
        await watch.time(reader.get_me)
    row = _told(watch.read(store, call, 1))
    is_over.set()
    await asyncio.gather(*busy)
    return row


if __name__ == "__main__":
    main()
