"""The Python shown in the READMEs runs as it stands, against a real server."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from gateway.settings import Settings
from gateway.standalone import EmbeddedServer
from tests.house.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SHOWN_ADDRESS = "localhost:50051"
SHOWN_FILE = "my.flac"
PYTHON = re.compile(r"^```python\n(.+?)^```", re.DOTALL | re.MULTILINE)
SHOWN = [
    (name, number, code)
    for name in ("README.md", "clients/python/README.md")
    for number, code in enumerate(PYTHON.findall((ROOT / name).read_text("utf-8")))
]
SAMPLE_RATE_HZ = 16_000


@pytest.fixture
async def server_address(tmp_path: Path) -> AsyncIterator[str]:
    settings = Settings(
        grpc_port=0, http_port=0, metrics_port=0, data_dir=tmp_path / "data", drain_seconds=1
    )
    async with EmbeddedServer(settings) as server:
        yield server.address


def write_clicks(path: Path) -> None:
    """Write 6 s of tones at 96 bpm; of one pitch they would be a metronome."""
    samples = np.zeros(6 * SAMPLE_RATE_HZ, np.float32)
    times_s = np.arange(SAMPLE_RATE_HZ // 8) / SAMPLE_RATE_HZ
    for number, at_s in enumerate(np.arange(0.25, 5.8, 60 / 96)):
        pitch_hz = (880, 660, 990, 740, 1100)[number % 5]
        first = int(at_s * SAMPLE_RATE_HZ)
        tone = 0.6 * np.exp(-times_s * 40) * np.sin(2 * np.pi * pitch_hz * times_s)
        samples[first : first + tone.size] += tone[: samples.size - first]
    soundfile.write(path, samples, SAMPLE_RATE_HZ)


@pytest.mark.parametrize(
    ("name", "number", "code"), SHOWN, ids=[f"{name}-{number}" for name, number, _ in SHOWN]
)
async def test_shown_python_runs(
    name: str, number: int, code: str, server_address: str, tmp_path: Path
) -> None:
    assert SHOWN_ADDRESS in code, (name, number)
    assert SHOWN_FILE in code, (name, number)
    write_clicks(tmp_path / SHOWN_FILE)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code.replace(SHOWN_ADDRESS, server_address),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert any(word in out.decode() for word in ("bpm", "beat at", "beat_count"))


def test_both_ways_are_shown() -> None:
    code = "".join(code for name, _, code in SHOWN if name == "README.md")
    assert "SyncLiveStream(" in code
    assert " LiveStream(" in code
