"""The project's own instruments: played notes in, mono sound out."""

from analysis_engine.training.voices.band import INSTRUMENTS, draw_voice
from analysis_engine.training.voices.base import Audio, Voice

__all__ = ["INSTRUMENTS", "Audio", "Voice", "draw_voice"]
