"""The queue on disk: what it took is there after any end of the program."""

from __future__ import annotations

import asyncio
import itertools
import sys
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from session_service.progress import segments
from session_service.progress.spool import Spool, SpoolLimits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest

QUICK = SpoolLimits(gather_s=0.0, retry_s=0.01)


async def opened(folder: Path, limits: SpoolLimits = QUICK) -> Spool:
    spool = Spool(folder, limits)
    await spool.open()
    return spool


async def keep(spool: Spool, payloads: Iterable[bytes]) -> None:
    """Offer records and wait until they are durable."""
    durable: asyncio.Queue[None] = asyncio.Queue()
    offered = [spool.offer(payload, lambda: durable.put_nowait(None)) for payload in payloads]
    assert all(offered)
    for _ in offered:
        await durable.get()


def read_all(spool: Spool, max_bytes: int = 100) -> list[bytes]:
    """Read and forget everything."""
    found: list[bytes] = []
    while True:
        payloads, position = spool.read(max_bytes)
        if position is None:
            return found
        found += payloads
        spool.forget(position)


def numbered(count: int) -> list[bytes]:
    return [f"record {number}".encode() for number in range(count)]


def files(folder: Path, suffix: str = segments.SUFFIX) -> list[Path]:
    return sorted(folder.rglob(f"*{suffix}"))


async def test_records_come_back_in_order_and_once(tmp_path: Path) -> None:
    spool = await opened(tmp_path, SpoolLimits(gather_s=0.0, segment_bytes=200))
    await keep(spool, numbered(50))
    assert read_all(spool) == numbered(50)
    assert spool.read(100) == ([], None)
    await spool.close()
    assert files(tmp_path) == [], "what has arrived takes no place"


async def test_what_was_not_forgotten_is_there_after_a_restart(tmp_path: Path) -> None:
    spool = await opened(tmp_path)
    await keep(spool, numbered(9))
    _, position = spool.read(50)
    assert position is not None
    await spool.close()
    again = await opened(tmp_path)
    assert again.arrived.is_set()
    assert read_all(again) == numbered(9), "what was only read has not arrived"
    await again.close()


async def test_a_full_spool_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    spool = await opened(tmp_path, SpoolLimits(gather_s=0.0, max_bytes=300))
    taken = list(
        itertools.takewhile(lambda one: spool.offer(one, lambda: None), numbered(100)[:10] * 10)
    )
    assert len(taken) == 300 // 16, "each takes 8 bytes for itself and 8 for its header"
    await spool.close()
    again = await opened(tmp_path)
    assert read_all(again) == taken
    await again.close()


async def test_a_queue_that_is_full_refuses(tmp_path: Path) -> None:
    spool = await opened(tmp_path, SpoolLimits(max_queued=3))
    answers = [spool.offer(b"x", lambda: None) for _ in range(5)]
    assert answers == [True] * 3 + [False] * 2
    await spool.close()


async def test_processes_do_not_share_a_lane_and_inherit_what_is_left(tmp_path: Path) -> None:
    first, second = await opened(tmp_path), await opened(tmp_path)
    await keep(first, [b"one"])
    await keep(second, [b"two"])
    assert read_all(first) == [b"one"]
    await first.close()
    await second.close()
    heir = await opened(tmp_path)
    assert read_all(heir) == [b"two"]
    await heir.close()


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=20), st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_cut_anywhere_keeps_every_whole_record(
    tmp_path: Path, payloads: list[bytes], data: st.DataObject
) -> None:
    whole = segments.MAGIC + b"".join(map(segments.encoded, payloads))
    cut = data.draw(st.integers(0, len(whole)))
    path = tmp_path / f"cut{segments.SUFFIX}"
    path.write_bytes(whole[:cut])
    recovery = segments.recover(path)
    ends = list(itertools.accumulate(map(len, map(segments.encoded, payloads)), initial=0))
    whole_count = sum(len(segments.MAGIC) + end <= cut for end in ends[1:])
    kept = [payload for payload, _ in segments.records(path.read_bytes()[len(segments.MAGIC) :])]
    assert kept == payloads[:whole_count]
    assert recovery.damaged_bytes == 0


async def test_a_record_that_changed_is_set_aside_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = await opened(tmp_path)
    await keep(spool, numbered(3))
    await spool.close()
    (path,) = files(tmp_path)
    spoiled = path.read_bytes().replace(b"record 1", b"record X")
    path.write_bytes(spoiled)
    again = await opened(tmp_path)
    assert read_all(again) == numbered(1)
    await again.close()
    assert "spool_damaged" in "".join(capsys.readouterr())
    (damaged,) = files(tmp_path, segments.DAMAGED_SUFFIX)
    assert damaged.read_bytes().endswith(segments.encoded(b"record 2"))


async def test_a_disk_that_refuses_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = await opened(tmp_path)
    write, refusals = spool._append, iter(range(3))

    def refusing(data: bytes) -> None:
        if next(refusals, None) is not None:
            raise OSError(28, "No space left on device")
        write(data)

    monkeypatch.setattr(spool, "_append", refusing)
    await keep(spool, numbered(2))
    assert read_all(spool) == numbered(2)
    await spool.close()
    assert "No space left" in "".join(capsys.readouterr())


WRITER = """
import asyncio, sys
from pathlib import Path
from session_service.progress.spool import Spool, SpoolLimits

async def main():
    spool = Spool(Path(sys.argv[1]), SpoolLimits(gather_s=0.0, segment_bytes=400))
    await spool.open()
    number = int(sys.argv[2])
    while True:
        text = str(number)
        if spool.offer(text.encode() * 9, lambda text=text: print(text, flush=True)):
            number += 1
        await asyncio.sleep(0)

asyncio.run(main())
"""


async def test_a_killed_program_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    for _ in range(4):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(tmp_path), str(len(acknowledged) * 10),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        acknowledged += [int(await process.stdout.readline()) for _ in range(40)]
        process.kill()
        rest = await process.stdout.read()
        acknowledged += [int(line) for line in rest.split(b"\n")[:-1]]
        await process.wait()
    spool = await opened(tmp_path)
    found = read_all(spool, 10_000)
    assert {str(number).encode() * 9 for number in acknowledged} <= set(found)
    await spool.close()
