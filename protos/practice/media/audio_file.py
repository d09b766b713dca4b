"""One way to read any audio file: its rate, its length, and blocks of float samples.

libsndfile (soundfile) reads WAV, FLAC and OGG; FFmpeg (PyAV) reads what it cannot (M4A, MP4,
WEBM, ...) and MP3, because libsndfile's MP3 decoder turns frames that strain the bit reservoir to
silence (LAME writes them for pure tones) and complains on stderr. The content decides, never the
name. Decoders are imported when a file is opened.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import numpy as np
    import numpy.typing as npt

    Block = npt.NDArray[np.float32]

MIN_SAMPLE_RATE_HZ: Final = 8_000
MAX_SAMPLE_RATE_HZ: Final = 96_000


class MediaError(Exception):
    """A file cannot be read as audio; the text is a sentence that names the file."""


class AudioFile(ABC):
    """An open audio file; a context manager.

    Attributes
    ----------
    path
        Where it was read from.
    sample_rate_hz
        Rate of the samples that `blocks` yields: the file's own where the engine takes it
        (8000..96000), else 48000.
    channel_count
        1 or 2; files with more channels are mixed to mono.
    frame_count
        Declared length in frames, or None when unknown.
    """

    path: Path
    sample_rate_hz: int
    channel_count: int
    frame_count: int | None
    duration_s: float | None

    @abstractmethod
    def blocks(self, frames: int) -> Iterator[Block]:
        """Yield float32 arrays of shape (n, channel_count), n = `frames` but for the last.

        Raises
        ------
        MediaError
            When the file is damaged or ends before its declared length.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the file; a second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_audio(path: str | Path) -> AudioFile:
    """Open an audio file of any usual format.

    Raises
    ------
    MediaError
        When it is missing, no regular file, empty, or holds no audio that can be decoded.
    """
    path = Path(path)
    _check_regular_file(path)
    # Decoders are heavy and are wanted only here.
    from practice.media.ffmpeg_reader import FfmpegFile  # noqa: PLC0415
    from practice.media.sndfile_reader import (  # noqa: PLC0415
        SndFile,
        UnknownFormatError,
    )

    try:
        file = SndFile(path)
    except UnknownFormatError:
        return FfmpegFile(path)
    takes_rate = MIN_SAMPLE_RATE_HZ <= file.sample_rate_hz <= MAX_SAMPLE_RATE_HZ
    if takes_rate and not file.is_mp3:
        return file
    file.close()
    return FfmpegFile(path)


def _check_regular_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise MediaError(f"{path}: is a directory, not an audio file")
        if not path.exists():
            raise MediaError(f"{path}: there is no such file")
        if not path.is_file():
            raise MediaError(f"{path}: is not a regular file")
        with path.open("rb") as file:
            if not file.read(1):
                raise MediaError(f"{path}: the file is empty")
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror or error}") from error
