"""Audio files through FFmpeg: M4A, MP4, WEBM, and rates that the engine does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import av
import numpy as np
from av.audio.resampler import AudioResampler

from practice.media.audio_file import (
    MAX_SAMPLE_RATE_HZ,
    MIN_SAMPLE_RATE_HZ,
    AudioFile,
    MediaError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

    from practice.media.audio_file import Block

_FALLBACK_SAMPLE_RATE_HZ: Final = 48_000
# A playlist inside a file must not make the decoder open anything from the network.
_OPEN_OPTIONS: Final = {"protocol_whitelist": "file"}


class FfmpegFile(AudioFile):
    """An audio file, or the first audio track of a video, read by FFmpeg.

    Raises
    ------
    MediaError
        When it is of no known format or has no audio track.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._container = _open_container(path)
        try:
            self._stream = _first_audio_stream(self._container, path)
        except MediaError:
            self._container.close()
            raise
        own_rate_hz = int(self._stream.rate)
        takes_own = MIN_SAMPLE_RATE_HZ <= own_rate_hz <= MAX_SAMPLE_RATE_HZ
        self.sample_rate_hz = own_rate_hz if takes_own else _FALLBACK_SAMPLE_RATE_HZ
        self.channel_count = self._stream.channels if self._stream.channels <= 2 else 1
        self.frame_count = None
        self.duration_s = self._declared_duration_s()

    def blocks(self, frames: int) -> Iterator[Block]:
        """Yield float32 blocks of shape (n, channel_count)."""
        pending: list[Block] = []
        pending_frames = 0
        any_audio = False
        for piece in self._pieces():
            pending.append(piece)
            pending_frames += piece.shape[0]
            if pending_frames < frames:
                continue
            any_audio = True
            joined = np.concatenate(pending)
            whole_frames = pending_frames - pending_frames % frames
            yield from np.split(joined[:whole_frames], whole_frames // frames)
            pending = [joined[whole_frames:]]
            pending_frames -= whole_frames
        if pending_frames:
            yield np.concatenate(pending)
        elif not any_audio:
            raise MediaError(f"{self.path}: the file holds no audio samples")

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _pieces(self) -> Iterator[Block]:
        resampler = AudioResampler(format="fltp", rate=self.sample_rate_hz)
        try:
            for frame in self._container.decode(self._stream):
                yield from map(self._to_block, resampler.resample(frame))
            yield from map(self._to_block, resampler.resample(None))
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(f"{self.path}: the file is damaged: {error}") from error

    def _to_block(self, frame: AudioFrame) -> Block:
        block = np.ascontiguousarray(frame.to_ndarray().T, dtype=np.float32)
        return block if block.shape[1] <= 2 else block.mean(axis=1, dtype=np.float32, keepdims=True)

    def _declared_duration_s(self) -> float | None:
        if self._stream.duration is not None and self._stream.time_base is not None:
            return float(self._stream.duration * self._stream.time_base)
        if self._container.duration is not None:
            return self._container.duration / av.time_base
        return None


def _open_container(path: Path) -> InputContainer:
    try:
        return av.open(f"file:{path}", mode="r", options=dict(_OPEN_OPTIONS))
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(
            f"{path}: is not an audio file of a known format, or is damaged"
        ) from error


def _first_audio_stream(container: InputContainer, path: Path) -> AudioStream:
    if not container.streams.audio:
        raise MediaError(f"{path}: holds no audio")
    stream = container.streams.audio[0]
    if not stream.rate or not stream.channels:
        raise MediaError(f"{path}: does not say its sample rate and channels")
    return stream
