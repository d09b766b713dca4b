"""Engine frames to sample indices of the stream."""

from __future__ import annotations

from typing import Final

from analysis_engine.dsp.front_end import FRAMES_PER_S


class SampleClock:
    """Maps 10 ms frames to samples at the stream's rate; whole seconds can be jumped over.

    Parameters
    ----------
    sample_rate_hz
        The stream's rate.
    input_latency_s
        Taken off every musical time (never off how much was heard).
    """

    def __init__(self, sample_rate_hz: int, input_latency_s: float) -> None:
        self.sample_rate_hz: Final = sample_rate_hz
        self._latency_samples = round(input_latency_s * sample_rate_hz)
        self._jumped_samples = 0

    def jump(self, seconds: int) -> None:
        """Move all later frames on by whole seconds; frames stay aligned with samples."""
        self._jumped_samples += seconds * self.sample_rate_hz

    def heard(self, frame: float) -> int:
        """Return how many samples had been heard when ``frame`` was complete."""
        return self._jumped_samples + round((frame + 1.0) / FRAMES_PER_S * self.sample_rate_hz)

    def musical(self, frame: float) -> int:
        """Return when something at ``frame`` happened at the player's end, at least 0."""
        return max(0, self.heard(frame) - self._latency_samples)
