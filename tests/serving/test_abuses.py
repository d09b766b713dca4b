"""Every abuse that there is a client for, beside fifty streams that do nothing wrong."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest

from benchmarks.load.abuses import ABUSES, Abuse
from benchmarks.load.generator import Harvest
from benchmarks.load.programs import Server, running, started

if TYPE_CHECKING:
    from pathlib import Path

HONEST_COUNT = 50
HONEST_S = 12.0
#: Long for a server that has to share its machine; each but the suffered ones ends far sooner.
PATIENCE_S = 60.0
SUFFERED_S = 1.0
AT_ONCE = 3


async def ends_of_all(address: str) -> dict[str, str]:
    """Play every abuse, a few at once; returns how each ended."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def end_of(abuse: Abuse) -> str:
        async with gate:
            until_s = time.monotonic() + (SUFFERED_S if abuse.is_suffered else PATIENCE_S)
            return await asyncio.to_thread(abuse.attempt, address, until_s)

    return dict(
        zip(
            (abuse.name for abuse in ABUSES),
            await asyncio.gather(*map(end_of, ABUSES)),
            strict=True,
        )
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_abusers_are_cut_and_honest_streams_lose_nothing(tmp_path: Path) -> None:
    server = Server("impatient", ("tests/serving/impatient_server.py", str(tmp_path)), {})
    generator = ("-m", "benchmarks.load.generator")
    load = ("--streams", str(HONEST_COUNT), "--seconds", str(HONEST_S))
    async with (
        started(server) as (address, _),
        running(*generator, address, *load, settings={}) as honest,
    ):
        assert honest.stdin is not None
        assert honest.stdout is not None
        assert await honest.stdout.readline() == b"opened\n"
        honest.stdin.write(f"{time.monotonic()}\n".encode())
        ends = await ends_of_all(address)
        harvest = Harvest(**json.loads(await honest.stdout.readline()))
    wrong = {abuse.name: ends[abuse.name] for abuse in ABUSES if ends[abuse.name] not in abuse.ends}
    assert wrong == {}
    assert harvest.statuses == {"OK": HONEST_COUNT}
    assert harvest.window_count == harvest.expected_window_count
    assert harvest.dropped_count == 0
