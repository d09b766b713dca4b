"""`practice stream` and `practice listen` as a person or a program runs them."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import pty
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from practice.cli import main
from practice_client import FileSource, ReconnectPolicy
from practice_client.live_view import ViewOptions, run_stream_view
from tests.client.playing import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from pathlib import Path

PRACTICE = (sys.executable, "-m", "practice.cli.main")


async def practice(*arguments: str | Path) -> tuple[int, str, str]:
    """Run the command; exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        *PRACTICE,
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, stdout.decode(), stderr.decode()


async def test_json_lines_and_files(server_address: str, clicks_wav: Path, tmp_path: Path) -> None:
    plot, table, picture = tmp_path / "p.svg", tmp_path / "w.csv", tmp_path / "view.svg"
    code, stdout, stderr = await practice(
        "stream", clicks_wav, "--server", server_address, "--fast", "--json", "--beats",
        "--target", "120", "--plot", plot, "--csv", table, "--snapshot", picture,
    )  # fmt: skip
    assert (code, stderr) == (0, "")
    lines = [json.loads(line) for line in stdout.splitlines()]
    assert all(len(line) == 1 for line in lines)
    windows = [line["window"] for line in lines if "window" in line]
    assert [window["end_seconds"] for window in windows[:3]] == [0.5, 1.0, 1.5]
    assert any("beat" in line for line in lines)
    assert lines[-1]["summary"]["audio_seconds"] == pytest.approx(10.0, abs=0.05)
    with table.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(windows)
    assert plot.read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert picture.exists()


async def test_without_a_terminal_there_is_one_plain_line_per_window(
    server_address: str, clicks_wav: Path
) -> None:
    code, stdout, _ = await practice("stream", clicks_wav, "--server", server_address, "--fast")
    assert code == 0
    assert "\x1b[" not in stdout
    assert sum(line.startswith("0:0") for line in stdout.splitlines()) >= 15
    assert "clicks.wav" in stdout


async def test_several_files_go_on_after_a_bad_one(
    server_address: str, clicks_wav: Path, tmp_path: Path
) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("practise slowly\n" * 40, encoding="utf-8")
    code, stdout, stderr = await practice(
        "stream", text, clicks_wav, "--server", server_address, "--fast", "--json"
    )
    assert code == 1
    assert len(stderr.strip().splitlines()) == 1
    assert "notes.wav" in stderr
    lines = [json.loads(line) for line in stdout.splitlines()]
    assert all(line["file"] == str(clicks_wav) for line in lines)
    assert "summary" in lines[-1]


async def test_no_server_is_one_line_and_exit_code_1(
    clicks_wav: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ViewOptions(policy=ReconnectPolicy(first_delay_s=0.01, connect_within_s=0.05))
    assert await run_stream_view("127.0.0.1:1", FileSource(clicks_wav), options) == 1
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert len(stderr.strip().splitlines()) == 1
    assert "practice serve" in stderr


async def test_a_refusal_names_the_field(server_address: str, clicks_wav: Path) -> None:
    session = "01900000-0000-7000-8000-000000000000"
    code, _, stderr = await practice(
        "stream", clicks_wav, "--server", server_address, "--fast", "--session", session
    )
    assert code == 1
    assert "config.session_id" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize(
    "wrong",
    [("--server", "nonsense"), ("--target", "5"), ("--plot", "p.gif"), ("--session", "mine")],
)
def test_wrong_usage_exits_with_2(
    clicks_wav: Path, wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["stream", str(clicks_wav), *wrong]) == 2
    assert wrong[1] in capsys.readouterr().err


async def _run_in_terminal(*arguments: str | Path) -> tuple[int, str]:
    """Run in a pseudo-terminal of 80 by 24; Ctrl-C when the first frame with a clock is there."""
    leader, follower = pty.openpty()
    environment = os.environ | {"COLUMNS": "80", "LINES": "24", "TERM": "xterm-256color"}
    process = await asyncio.create_subprocess_exec(
        *PRACTICE, *map(str, arguments), stdout=follower, stderr=follower, env=environment
    )
    os.close(follower)
    seen = bytearray()
    arrived = asyncio.Event()

    def read() -> None:
        try:
            seen.extend(os.read(leader, 65_536))
        except OSError:  # the other end is closed: how Linux ends a terminal
            loop.remove_reader(leader)
        arrived.set()

    loop = asyncio.get_running_loop()
    loop.add_reader(leader, read)
    try:
        while b"0:01." not in seen:
            arrived.clear()
            await arrived.wait()
        process.send_signal(signal.SIGINT)
        code = await process.wait()
    finally:
        loop.remove_reader(leader)
        if process.returncode is None:
            process.kill()
            await process.wait()
    read()
    os.close(leader)
    return code, seen.decode(errors="replace")


async def test_ctrl_c_finishes_politely_with_the_summary(
    server_address: str, clicks_wav: Path
) -> None:
    code, screen = await _run_in_terminal("stream", clicks_wav, "--server", server_address)
    assert code == 0
    assert "steadiness" in screen
    assert "length" in screen[screen.rindex("steadiness") :]
    assert "Traceback" not in screen


async def test_a_file_in_real_time_is_sent_in_real_time(
    server_address: str, clicks_wav: Path
) -> None:
    source = FileSource(clicks_wav)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    sent_samples = 0
    async for block in source.blocks():
        sent_samples += len(block.data) // 2
        # Never ahead of the clock: only what was already played.
        assert sent_samples / SAMPLE_RATE_HZ <= loop.time() - began_s + 0.005
        if sent_samples >= SAMPLE_RATE_HZ:
            await source.close()
    assert sent_samples == SAMPLE_RATE_HZ
