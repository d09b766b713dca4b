"""Audio files that the command and media tests read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import soundfile

from tests.cli.audio_samples import SAMPLE_RATE_HZ, tone, write_m4a

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def audio_path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A 1.5 s mono file in the format that the test is parametrized with."""
    suffix = str(request.param)
    path = tmp_path / f"tone.{suffix}"
    if suffix == "m4a":
        write_m4a(path, tone(1.5))
    else:
        soundfile.write(path, tone(1.5), SAMPLE_RATE_HZ)
    return path
