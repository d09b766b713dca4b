"""What the streams play: the steady bundled performance as ready messages, encoded once."""

from __future__ import annotations

from functools import cached_property
from math import gcd
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile
from scipy import signal

from practice.analysis.v1 import analysis_pb2 as pb
from practice.media.bundled import bundled_performance

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ: Final = 16_000
FRAME_S: Final = 0.1
HOP_S: Final = 0.5
FRAMES_PER_HOP: Final = round(HOP_S / FRAME_S)
CLIP_S: Final = 3.0
STREAM_S: Final = 5.0


class Material:
    """Mono 16-bit audio at `RATE_HZ`, as the requests that carry it.

    Parameters
    ----------
    samples
        int16, shape (n,).
    """

    def __init__(self, samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
        self._data = samples.astype("<i2").tobytes()

    @classmethod
    def music(cls) -> Material:
        """Return the bundled piece that a pianist plays steadily, half a minute long."""
        sound, rate_hz = soundfile.read(bundled_performance("steady"), dtype="float32")
        common = gcd(RATE_HZ, rate_hz)
        sound = signal.resample_poly(sound, RATE_HZ // common, rate_hz // common)
        return cls(np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16))

    @property
    def config(self) -> pb.StreamConfig:
        """The config of every stream: the contract's defaults."""
        return pb.StreamConfig(encoding=pb.AUDIO_ENCODING_LINEAR16, sample_rate_hz=RATE_HZ)

    @cached_property
    def first_message(self) -> bytes:
        """The request that opens a stream."""
        return pb.StreamingAnalyzeRequest(config=self.config).SerializeToString()

    @cached_property
    def frames(self) -> tuple[bytes, ...]:
        """The requests that carry one frame of `FRAME_S` each; whoever needs more begins again."""
        size = 2 * round(FRAME_S * RATE_HZ)
        return tuple(
            pb.StreamingAnalyzeRequest(
                audio=pb.AudioChunk(data=self._data[start : start + size])
            ).SerializeToString()
            for start in range(0, len(self._data) - size + 1, size)
        )

    def write_ghz_payloads(self, folder: Path) -> None:
        """Write what the ghz configurations name as their ``binary-file``."""
        folder.mkdir(parents=True, exist_ok=True)
        clip = pb.AnalyzeClipRequest(
            config=self.config, audio=self._data[: 2 * round(CLIP_S * RATE_HZ)]
        )
        messages = (self.first_message, *self.frames[: round(STREAM_S / FRAME_S)])
        # ghz takes a single message for delimited ones, too, if it can be read as such.
        (folder / "analyze_clip.bin").write_bytes(_delimited(clip.SerializeToString()))
        (folder / "streaming_analyze.bin").write_bytes(b"".join(map(_delimited, messages)))


def _delimited(message: bytes) -> bytes:
    """Put a message's length before it, as a varint (protobuf's delimited format)."""
    prefix, rest = bytearray(), len(message)
    while rest > 127:
        prefix.append(rest & 127 | 128)
        rest >>= 7
    prefix.append(rest)
    return bytes(prefix) + message
