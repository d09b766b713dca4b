"""A real server for the client tests, in this process or in one that can be killed."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from gateway.settings import Settings
from gateway.standalone import EmbeddedServer
from practice.analysis.v1 import analysis_pb2 as pb
from tests.client.playing import SAMPLE_RATE_HZ, clicks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from analysis_engine.serving.limits import ServingConfig


@pytest.fixture
async def server_address(tmp_path: Path) -> AsyncIterator[str]:
    """Address of a real embedded server on this loop."""
    settings = Settings(
        grpc_port=0, http_port=0, metrics_port=0, data_dir=tmp_path / "data", drain_seconds=1
    )
    async with EmbeddedServer(settings) as server:
        yield server.address


@pytest.fixture
def start_server(
    tmp_path: Path,
) -> Callable[[ServingConfig], AbstractAsyncContextManager[EmbeddedServer]]:
    """Start a real embedded server on this loop with limits of the test's own."""

    def start(limits: ServingConfig) -> EmbeddedServer:
        settings = Settings(
            grpc_port=0, http_port=0, metrics_port=0, data_dir=tmp_path, drain_seconds=1
        )
        return EmbeddedServer(settings, serving=limits)

    return start


@asynccontextmanager
async def _server_process(data_dir: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    program = Path(__file__).with_name("server_program.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), str(data_dir), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().strip()
        assert address, "the server did not start"
        yield address, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
def start_server_process(
    tmp_path: Path,
) -> Callable[[], AbstractAsyncContextManager[tuple[str, asyncio.subprocess.Process]]]:
    """Start a server in a process of its own; gives (address, process)."""
    return lambda: _server_process(tmp_path / "data")


@pytest.fixture
def config() -> pb.StreamConfig:
    """Mono 16-bit, as fast as possible, with beats, on the default windows."""
    return pb.StreamConfig(
        encoding=pb.AUDIO_ENCODING_LINEAR16,
        sample_rate_hz=SAMPLE_RATE_HZ,
        pace=pb.PACE_AS_FAST_AS_POSSIBLE,
        target_bpm=120.0,
        emit_beats=True,
    )


@pytest.fixture
def clicks_wav(tmp_path: Path) -> Path:
    """Ten seconds of clicks at 120 bpm."""
    path = tmp_path / "clicks.wav"
    soundfile.write(path, np.frombuffer(clicks(10.0), "<i2"), SAMPLE_RATE_HZ)
    return path
