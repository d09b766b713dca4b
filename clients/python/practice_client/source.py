"""Where live audio comes from, behind one small Protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from practice.analysis.v1 import analysis_pb2 as pb


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """A piece of sound.

    Attributes
    ----------
    data
        Whole frames in the source's encoding.
    missing_samples
        Frames that were lost just before it (an overrun); they become a gap on the sample clock
        and never a silent shift.
    """

    data: bytes
    missing_samples: int = 0


class AudioSource(Protocol):
    """Something that gives PCM: a file, a microphone.

    Attributes
    ----------
    encoding, sample_rate_hz, channel_count
        How the bytes are to be read.
    is_live
        Whether it goes on whether or not anyone listens (a microphone). A file waits.
    duration_s
        Known length, or None.
    name
        What a person calls it.
    """

    @property
    def encoding(self) -> pb.AudioEncoding:
        """Sample format of the bytes."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """Rate of the samples."""
        ...

    @property
    def channel_count(self) -> int:
        """Interleaved channels, 1 or 2."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether it goes on by itself."""
        ...

    @property
    def duration_s(self) -> float | None:
        """Known length, or None."""
        ...

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def blocks(self) -> AsyncGenerator[AudioBlock, None]:
        """Yield the audio; ends where the sound ends."""
        ...

    async def close(self) -> None:
        """Stop; `blocks` then ends. A second call does nothing."""
        ...
