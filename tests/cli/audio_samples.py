"""Audio for the tests: written here, by the real encoders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_RATE_HZ = 16_000


def tone(duration_s: float, channel_count: int = 1) -> npt.NDArray[np.float32]:
    """A quiet tone; shape (frames, channel_count), every channel of another frequency."""
    seconds = np.arange(int(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    channels = [0.2 * np.sin(2 * np.pi * 440 * (k + 1) * seconds) for k in range(channel_count)]
    return np.stack(channels, axis=1).astype(np.float32)


def write_m4a(path: Path, samples: npt.NDArray[np.float32]) -> None:
    """Write mono samples of shape (frames, 1) as AAC in an MP4 container."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T), format="fltp", layout="mono"
        )
        frame.sample_rate = SAMPLE_RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
