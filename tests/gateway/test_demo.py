"""`practice demo`: ends by itself without a terminal, and stays up in one."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from tests.gateway.processes import environment, run
from tests.serving.live import RATE_HZ, clicks

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Five seconds of clicks at 120 bpm."""
    path = tmp_path / "clicks.wav"
    soundfile.write(path, np.frombuffer(clicks(5.0), np.int16), RATE_HZ)
    return path


async def test_without_a_terminal_it_shows_the_summary_and_ends(
    tmp_path: Path, recording: Path
) -> None:
    code, out, err = await run("demo", str(recording), "--json", env=environment(tmp_path))
    assert code == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[-1]["summary"]["audio_seconds"] == pytest.approx(5.0, abs=0.1)
    assert any("window" in line for line in lines)


@pytest.mark.parametrize("name", ["no such file.wav", "stedy"])
async def test_an_unknown_recording_is_one_clear_line(tmp_path: Path, name: str) -> None:
    code, out, err = await run("demo", name, env=environment(tmp_path))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert name in err
    assert "student" in err


async def test_a_file_that_is_no_audio_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "noise.wav"
    path.write_text("not a sound")
    code, _, err = await run("demo", str(path), env=environment(tmp_path))
    assert code == 1
    assert "Traceback" not in err
    assert "noise.wav" in err


async def test_in_a_terminal_the_server_stays_up_until_ctrl_c(
    tmp_path: Path, recording: Path
) -> None:
    master, slave = pty.openpty()
    env = environment(tmp_path, TERM="xterm", LINES="40")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "practice.cli.main", "demo", str(recording), env=env,
        stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    try:
        shown = b""
        async with asyncio.timeout(100):
            while b"end it with Ctrl-C" not in shown:
                shown += await asyncio.to_thread(os.read, master, 65_536)
        assert b"practice listen --server 127.0.0.1:" in shown
        assert process.returncode is None
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
        os.close(master)
