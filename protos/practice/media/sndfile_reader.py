"""Audio files through libsndfile: WAV, FLAC, OGG (Vorbis, Opus), MP3, AIFF, ..."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile

from practice.media.audio_file import AudioFile, MediaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from practice.media.audio_file import Block

# A compressed file's declared length may be off by its last codec frame (1152 in MP3, 4096 in
# FLAC, 5760 in Opus); anything beyond it is a file that was cut off.
_LENGTH_TOLERANCE_FRAMES: Final = 6_144


class UnknownFormatError(Exception):
    """libsndfile does not know the format; another reader may."""


class SndFile(AudioFile):
    """An audio file read by libsndfile.

    Raises
    ------
    UnknownFormatError
        When libsndfile does not know the format.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = soundfile.SoundFile(path)
        except soundfile.LibsndfileError as error:
            raise UnknownFormatError(str(error)) from error
        self.path = path
        self.sample_rate_hz = int(self._file.samplerate)
        self.channel_count = self._file.channels if self._file.channels <= 2 else 1
        known = 0 < self._file.frames < np.iinfo(np.int64).max
        self.frame_count = int(self._file.frames) if known else None
        self.duration_s = (
            None if self.frame_count is None else self.frame_count / self.sample_rate_hz
        )

    def blocks(self, frames: int) -> Iterator[Block]:
        """Yield float32 blocks of shape (n, channel_count)."""
        read_frames = 0
        while (block := self._read(frames)).shape[0]:
            read_frames += block.shape[0]
            yield (
                block
                if block.shape[1] <= 2
                else block.mean(axis=1, dtype=np.float32, keepdims=True)
            )
        self._check_complete(read_frames)

    @property
    def is_mp3(self) -> bool:
        """Whether the content is MPEG audio."""
        return bool(self._file.format == "MP3")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, frames: int) -> Block:
        try:
            block: Block = self._file.read(frames, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise MediaError(f"{self.path}: the file is damaged: {error}") from error
        return block

    def _check_complete(self, read_frames: int) -> None:
        if read_frames == 0:
            raise MediaError(f"{self.path}: the file holds no audio samples")
        if (
            self.frame_count is not None
            and read_frames < self.frame_count - _LENGTH_TOLERANCE_FRAMES
        ):
            raise MediaError(
                f"{self.path}: the file is cut off after {read_frames / self.sample_rate_hz:.1f} s "
                f"of {self.frame_count / self.sample_rate_hz:.1f} s"
            )
