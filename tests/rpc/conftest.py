"""Fixtures around the running server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from practice.analysis.v1 import analysis_pb2
from tests.rpc.harness import Running, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def live() -> AsyncIterator[Running]:
    async with running() as server:
        yield server


@pytest.fixture
def clip() -> Any:
    config = analysis_pb2.StreamConfig(
        encoding=analysis_pb2.AUDIO_ENCODING_LINEAR16, sample_rate_hz=16_000
    )
    return analysis_pb2.AnalyzeClipRequest(config=config, audio=b"\0\0")
