"""Recorded audio: reading files of any usual format, and the bundled performances."""

from practice.media.audio_file import AudioFile, MediaError, open_audio
from practice.media.bundled import bundled_performance, bundled_performances, bundled_truth
from practice.media.linear16 import to_linear16

__all__ = [
    "AudioFile",
    "MediaError",
    "bundled_performance",
    "bundled_performances",
    "bundled_truth",
    "open_audio",
    "to_linear16",
]
