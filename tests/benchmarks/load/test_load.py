from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.load import command
from benchmarks.load.measurement import Load, Measurement, measure
from benchmarks.load.programs import ECHO, PRACTICE, Server
from benchmarks.load.table import load_table, ratio_lines

if TYPE_CHECKING:
    from pathlib import Path

#: Other tests run beside this one: nobody is sent away because the machine is busy.
PATIENT = dataclasses.replace(
    PRACTICE, settings={**PRACTICE.settings, "PRACTICE_MAX_LAG_SECONDS": "60"}
)
#: Speaks gRPC and has no methods.
EMPTY_SERVER = """
import grpc
from concurrent.futures import ThreadPoolExecutor
server = grpc.server(ThreadPoolExecutor(1))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"serves gRPC on 127.0.0.1:{port}", flush=True)
server.wait_for_termination()
"""
ROW = Measurement(
    server="practice",
    stream_count=100,
    messages_per_s=1000.0,
    cpu_us_per_message=260.0,
    cpu_us_per_audio_s=2600.0,
    p50_ms=3.0,
    p99_ms=9.0,
    max_ms=12.0,
    window_count=600,
    expected_window_count=600,
    refused_count=0,
    failures={},
    resident_kib_per_stream=300.0,
    send_delay_p99_ms=1.0,
    generator_cpu_us_per_message=150.0,
)
ECHO_ROW = dataclasses.replace(
    ROW, server="echo", cpu_us_per_message=100.0, resident_kib_per_stream=180.0
)


@pytest.mark.parametrize("server", [PATIENT, ECHO], ids=lambda server: server.name)
async def test_every_window_of_every_stream_comes(server: Server) -> None:
    load = Load(stream_count=3, seconds=2.0, warm_up_s=0.5, generator_count=2)
    row = await measure(server, load)
    assert row.failures == {}
    assert (row.window_count, row.expected_window_count) == (12, 12)
    assert row.is_sound
    assert row.messages_per_s == 30.0
    assert row.cpu_us_per_message > 0
    assert 0 < row.p50_ms <= row.p99_ms <= row.max_ms


async def test_calls_that_fail_are_counted_by_status() -> None:
    empty = Server("empty", ("-c", EMPTY_SERVER), {})
    row = await measure(empty, Load(stream_count=2, seconds=0.5, warm_up_s=0.0))
    # grpc tells a call that was reset while it still wrote as INTERNAL, the others by their status.
    assert set(row.failures) <= {"UNIMPLEMENTED", "INTERNAL"}
    assert row.failure_count == 2
    assert row.window_count == 0
    assert not row.is_sound
    assert "nan" in load_table([row])


async def test_a_server_that_ends_before_it_serves_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="the gone server ended before it served"):
        await measure(Server("gone", ("-c", ""), {}), Load(1, 1.0, 0.0))


def test_the_table_has_a_line_for_each_row_and_the_ratio_to_the_echo() -> None:
    assert len(load_table([ROW, ECHO_ROW]).splitlines()) == 2 + 2
    assert ratio_lines([ROW, ECHO_ROW]) == [
        "100 streams: practice / echo = 2.60 x processor time per message, +120 KiB per stream"
    ]
    assert ratio_lines([ROW]) == []


@pytest.mark.parametrize(
    ("changes", "exit_code"),
    [({}, 0), ({"window_count": 599}, 1), ({"failures": {"UNAVAILABLE": 1}}, 1)],
)
def test_the_exit_code_tells_of_a_failed_call_or_a_missing_window(
    changes: dict[str, object],
    exit_code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def measured(server: Server, load: Load) -> Measurement:
        row = ECHO_ROW if server is ECHO else dataclasses.replace(ROW, **changes)  # type: ignore[arg-type]
        return dataclasses.replace(row, stream_count=load.stream_count)

    monkeypatch.setattr(command, "measure", measured)
    with pytest.raises(SystemExit) as ended:
        command.main(["--streams", "5,10", "--json", str(tmp_path / "load.json")])
    assert ended.value.code == exit_code
    assert "10 streams: practice / echo = 2.60 x" in capsys.readouterr().out
    report = json.loads((tmp_path / "load.json").read_text(encoding="utf-8"))
    assert [row["stream_count"] for row in report["load"]] == [5, 5, 10, 10]
