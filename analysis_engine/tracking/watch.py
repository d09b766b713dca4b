"""Things worth telling beyond windows and beats: level, clipping, a new tempo, meditation."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from analysis_engine.results import EventKind, StreamEvent

#: Sounding, but quieter than this for a while, is TOO_QUIET.
TOO_QUIET_DBFS: Final = -50.0
_TOO_QUIET_S: Final = 3.0
_QUIET_REARM_DB: Final = 5.0
_CLIPPED_SAMPLES: Final = 3
_CLIPPING_EVERY_S: Final = 5.0
_TEMPO_STEP: Final = 0.06
_TEMPO_HELD_S: Final = 2.0
#: Meditation: target and median raw tempo below this.
MEDITATION_BPM: Final = 60.0
_MEDITATION_MEMORY_S: Final = 10.0
_MAX_READINGS: Final = 128


class LevelWatch:
    """TOO_QUIET and CLIPPING."""

    def __init__(self) -> None:
        self._quiet_s = 0.0
        self._told_quiet = False
        self._since_clipping_s = _CLIPPING_EVERY_S

    def update(
        self, sample: int, level_dbfs: float, clipped: int, sounding_s: float, hop_s: float
    ) -> list[StreamEvent]:
        """Take the level of one hop, its clipped samples and how much of it sounded."""
        events = []
        self._since_clipping_s += hop_s
        if clipped >= _CLIPPED_SAMPLES and self._since_clipping_s >= _CLIPPING_EVERY_S:
            self._since_clipping_s = 0.0
            detail = "The recording is overloaded: turn the microphone down or move away from it."
            events.append(StreamEvent(sample, EventKind.CLIPPING, detail))
        if level_dbfs > TOO_QUIET_DBFS + _QUIET_REARM_DB:
            self._told_quiet = False
        quiet = sounding_s > 0.0 and level_dbfs < TOO_QUIET_DBFS
        self._quiet_s = self._quiet_s + hop_s if quiet else 0.0
        if self._quiet_s >= _TOO_QUIET_S and not self._told_quiet:
            self._told_quiet = True
            detail = "The sound is very quiet: turn the microphone up or move closer to it."
            events.append(StreamEvent(sample, EventKind.TOO_QUIET, detail))
        return events


class TempoWatch:
    """TEMPO_CHANGED: a locked tempo that stays more than 6 % away from the last one told."""

    def __init__(self) -> None:
        self._settled_bpm: float | None = None
        self._away_s = 0.0

    def update(self, sample: int, bpm: float | None, hop_s: float) -> list[StreamEvent]:
        """Take the tempo of a window, None unless it is locked."""
        if bpm is None:
            self._away_s = 0.0
            return []
        if self._settled_bpm is None:
            self._settled_bpm = bpm
        step = bpm / self._settled_bpm - 1.0
        if abs(step) <= _TEMPO_STEP:
            # Follow a slow drift: only a step is an event.
            self._settled_bpm += 0.2 * (bpm - self._settled_bpm)
            self._away_s = 0.0
            return []
        self._away_s += hop_s
        if self._away_s < _TEMPO_HELD_S:
            return []
        before, self._settled_bpm, self._away_s = self._settled_bpm, bpm, 0.0
        return [
            StreamEvent(sample, EventKind.TEMPO_CHANGED, f"From {before:.0f} to {bpm:.0f} bpm.")
        ]


class MeditationWatch:
    """MEDITATION_STARTED and ENDED: target and median raw tempo below 60 bpm."""

    def __init__(self, hop_s: float) -> None:
        readings = max(3, min(_MAX_READINGS, round(_MEDITATION_MEMORY_S / hop_s)))
        self._raw_bpm: deque[float] = deque(maxlen=readings)
        self._meditating = False

    @property
    def meditating(self) -> bool:
        """Whether the player is in meditation now."""
        return self._meditating

    def update(
        self, sample: int, raw_bpm: float | None, target_bpm: float | None
    ) -> list[StreamEvent]:
        """Take the raw tempo of a window, None unless it is locked."""
        if raw_bpm is not None:
            self._raw_bpm.append(raw_bpm)
        slow_target = target_bpm is not None and target_bpm < MEDITATION_BPM
        heard = len(self._raw_bpm) >= 3
        now = slow_target and heard and median(self._raw_bpm) < MEDITATION_BPM
        if now == self._meditating:
            return []
        self._meditating = now
        kind = EventKind.MEDITATION_STARTED if now else EventKind.MEDITATION_ENDED
        return [StreamEvent(sample, kind)]
