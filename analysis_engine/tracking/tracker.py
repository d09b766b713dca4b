"""One student's stream: bytes in, results out."""

from __future__ import annotations

from analysis_engine.config import StreamConfig
from analysis_engine.results import Output


class Tracker:
    """Causal tracker of one stream. Results do not depend on how the bytes are cut.

    Parameters
    ----------
    config
        The stream's frozen configuration.
    """

    def __init__(self, config: StreamConfig) -> None:
        self._config = config
        self._next_sample = 0

    @property
    def config(self) -> StreamConfig:
        """The configuration, with the newest target."""
        return self._config

    @property
    def next_sample(self) -> int:
        """Samples received so far; the index of the next one."""
        return self._next_sample

    @property
    def paused(self) -> bool:
        """Whether audio is being ignored."""
        return False

    def process(self, data: bytes | memoryview) -> list[Output]:
        """Track whole samples; ignored while paused.

        Cost is linear in the length; callers that share a thread cut it into slices of 100 ms.

        Raises
        ------
        ValueError
            When ``data`` is not a whole number of samples.
        """
        self._next_sample += len(data) // self._config.bytes_per_frame
        return []

    def skip(self, sample_count: int) -> list[Output]:
        """Move the clock over missing samples: a GAP event, and silence that is not scored.

        Costs at most a few seconds' worth of audio, however long the gap.
        """
        self._next_sample += sample_count
        return []

    def set_target_bpm(self, target_bpm: float | None) -> None:
        """Change or clear the target; takes effect with the next sample."""

    def pause(self) -> None:
        """Ignore audio until `resume`; the sample clock stands still."""

    def resume(self) -> None:
        """Go on after `pause`; the interval over the pause is left out of every score."""

    def finish(self) -> list[Output]:
        """Answer what is pending; the last item is the `StreamSummary`. Call once."""
        return []


def warm_up() -> None:
    """Compile (or load from cache) every kernel that a stream can reach."""
