"""From what the pipeline saw to what the student is told."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.results import (
    EventKind,
    Expression,
    Mood,
    Output,
    StreamEvent,
    StreamSummary,
    WindowResult,
    WindowState,
)
from analysis_engine.scoring import mood, tempo
from analysis_engine.tracking import pipeline, pulse
from analysis_engine.tracking.attack import AttackEar
from analysis_engine.tracking.beats import BeatBook, Onset
from analysis_engine.tracking.lock import (
    LockState,
    PulseReading,
    pulse_probability,
    tempo_probability,
)
from analysis_engine.tracking.metrical_level import MetricalLevel
from analysis_engine.tracking.performance import IntervalBook, LevelInterval
from analysis_engine.tracking.summary import SummaryBook
from analysis_engine.tracking.swing_watch import SwingWatch
from analysis_engine.tracking.timing import PlacedOnset, PlayersGrid
from analysis_engine.tracking.watch import LevelWatch, MeditationWatch, TempoWatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis_engine.config import StreamConfig
    from analysis_engine.tracking.clock import SampleClock

#: A beat is told when a pulse is at least this probable.
TELL_PROBABILITY: Final = 0.01
_DRIFT_MEMORY_S: Final = 30.0
# Four beats a second over the longest window, and room.
_BEATS_KEPT: Final = 96
_END_OF_TIME: Final = 1 << 62


class HopMeter:
    """What was measured over one hop: level, clipped samples, sounding time.

    ``only_clicks``: all that was heard lately is equal and even, as if from a metronome.
    """

    __slots__ = ("clipped", "level_dbfs", "only_clicks", "silent", "sounding_s")

    def __init__(
        self,
        level_dbfs: float,
        clipped: int,
        sounding_s: float,
        *,
        silent: bool,
        only_clicks: bool = False,
    ) -> None:
        self.level_dbfs = level_dbfs
        self.clipped = clipped
        self.sounding_s = sounding_s
        self.silent = silent
        self.only_clicks = only_clicks


class Interpreter:
    """Beats, windows, events and the summary of one stream.

    Parameters
    ----------
    config
        The stream's configuration.
    clock
        Frames to samples.
    """

    def __init__(self, config: StreamConfig, clock: SampleClock) -> None:
        self._config = config
        self._clock = clock
        self._beats = BeatBook(clock, config.beats_per_bar)
        self._beat_samples: deque[int] = deque(maxlen=_BEATS_KEPT)
        self._level = MetricalLevel(dotted=config.allow_dotted_levels)
        self._lock = LockState()
        self._ear = AttackEar()
        self._grid = PlayersGrid()
        self._swing = SwingWatch()
        self._intervals = IntervalBook(config)
        self._summary = SummaryBook(config)
        self._level_watch = LevelWatch()
        self._tempo_watch = TempoWatch()
        self._meditation = MeditationWatch(config.hop_s)
        self._expression: Expression | None = None
        self._tempi: deque[tuple[float, float]] = deque()
        self._trend = tempo.TempoTrend()
        self._silent = True
        self._telling = False
        self._only_clicks = False
        self._state = WindowState.SILENT
        self._anchor_bpm: float | None = None

    def retarget(self, target_bpm: float | None) -> None:
        """Follow a changed target: the level is chosen anew."""
        self._config = replace(self._config, target_bpm=target_bpm)
        self._level.forget()

    @property
    def anchor_bpm(self) -> float | None:
        """The decoder's tempo over the last locked windows, None before the first."""
        return self._anchor_bpm

    def break_off(self) -> None:
        """Leave out whatever spans this moment."""
        self._beats.break_off()
        self._grid.break_off()
        self._summary.add_tempo(None)

    def reading(self, bpm: float, mass: float, evidence: float) -> PulseReading:
        """Return the decoder's answer together with how well onsets keep to it."""
        return PulseReading(
            bpm=bpm,
            mass=mass,
            evidence=evidence,
            hit_quality=self._beats.hit_quality,
            regularity=self._beats.regularity,
            targeted=self._config.target_bpm is not None,
        )

    def take_rows(self, rows: Sequence[list[float]], now_frame: int) -> list[Output]:
        """Take event rows of the pipeline, and everything due by ``now_frame``."""
        outputs: list[Output] = []
        for row in rows:
            frame = int(row[0])
            self._close_beats(frame - 1, outputs)
            self._take_row(frame, int(row[1]), row, outputs)
        self._close_beats(now_frame, outputs)
        return outputs

    def _take_row(self, frame: int, kind: int, row: list[float], outputs: list[Output]) -> None:
        at_frame = row[2]
        if kind == pulse.ONSET:
            self._take_onset(at_frame, row)
        elif kind == pulse.BEAT:
            reading = self.reading(row[4], row[3], row[5])
            heard = not self._silent and not self._only_clicks
            emit = heard and pulse_probability(reading) >= TELL_PROBABILITY
            period_frames = 60.0 / reading.bpm / HOP_S
            confidence = tempo_probability(reading)
            beat = self._beats.add_beat(frame, at_frame, period_frames, confidence, emit=emit)
            self._telling = emit
            if self._state is WindowState.LOST:
                self._beats.expect_nothing()
                beat = replace(beat, next_beat_sample=None)
            if emit:
                self._beat_samples.append(beat.sample)
                outputs.append(beat)
        else:
            self._silent = kind == pipeline.SILENCE_STARTED
            if self._silent:
                self.break_off()
            silence = EventKind.SILENCE_STARTED if self._silent else EventKind.SILENCE_ENDED
            outputs.append(StreamEvent(self._clock.heard(at_frame), silence))

    def _take_onset(self, frame: float, row: list[float]) -> None:
        strength, downbeat, softness = row[3], row[4], row[6]
        timing = self._ear.hear(softness)
        played_frame = frame - timing.delay_s / HOP_S
        period_s = self._beats.period_s
        placed = None if period_s is None else self._grid.place(played_frame * HOP_S, period_s)
        late_s = None if placed is None else placed.late_s
        self._beats.add_onset(Onset(frame, strength, played_frame, late_s, downbeat))
        # Onsets near beats that nobody plays say nothing about the player.
        if placed is not None and self._telling and self._state is not WindowState.LOST:
            self._take_placed(placed, played_frame, timing.noise_s)

    def _take_placed(self, placed: PlacedOnset, played_frame: float, noise_s: float) -> None:
        if placed.late_s is not None:
            self._summary.add_onset(placed.late_s, noise_s)
        divided = self._swing.add(
            played_frame * HOP_S, placed, self._beats.since_beat_s(played_frame)
        )
        if divided is not None:
            self._summary.add_divided_beat(divided)
        if placed.beat_s is None:
            return
        ratio = self._level.ratio
        end_s = self._clock.heard(played_frame) / self._config.sample_rate_hz
        interval = LevelInterval(
            end_s, placed.beat_s * ratio, placed.period_s * ratio, noise_s * ratio
        )
        self._intervals.add(interval)
        target_bpm = self._config.target_bpm
        self._summary.add_interval(interval, None if target_bpm is None else 60.0 / target_bpm)

    def _close_beats(self, now_frame: int, outputs: list[Output]) -> None:
        for beat, period_s in self._beats.finals(now_frame):
            if period_s is not None and self._state is not WindowState.LOST:
                self._summary.add_tempo(60.0 / period_s / self._level.ratio)
            outputs.append(beat)

    def window(
        self, start_sample: int, end_sample: int, reading: PulseReading, meter: HopMeter
    ) -> list[Output]:
        """Return the window that ends now, and the events that it brings."""
        hop_s = self._config.hop_s
        end_s = end_sample / self._config.sample_rate_hz
        # Who was followed until now is no metronome; what only begins may be one.
        self._only_clicks = meter.only_clicks and self._state is not WindowState.LOCKED
        silent = meter.silent or self._only_clicks
        sounding_s = 0.0 if self._only_clicks else meter.sounding_s
        state = self._lock.update(reading, silent=silent, elapsed_s=hop_s)
        self._state = state
        if state is WindowState.LOST:
            self._beats.expect_nothing()
        if state is WindowState.LOCKED:
            window = self._locked_window(start_sample, end_sample, reading, meter.level_dbfs)
        else:
            beat_count = self._beats_since(start_sample, end_sample)
            window = WindowResult(start_sample, end_sample, state, meter.level_dbfs, beat_count)
        self._summary.add_window(window, end_s, sounding_s, hop_s)
        events = self._level_watch.update(
            end_sample, meter.level_dbfs, meter.clipped, meter.sounding_s, hop_s
        )
        events += self._tempo_watch.update(end_sample, window.bpm, hop_s)
        target_bpm = self._config.target_bpm
        events += self._meditation.update(end_sample, window.raw_bpm, target_bpm)
        if self._meditation.meditating:
            self._summary.add_meditation(meter.sounding_s)
        return [*events, window]

    def _beats_since(self, start_sample: int, end_sample: int) -> int:
        """Beats told from ``start_sample`` on and before ``end_sample``; older ones go."""
        samples = self._beat_samples
        while samples and samples[0] < start_sample:
            samples.popleft()
        return sum(start_sample <= sample < end_sample for sample in samples)

    def _locked_window(
        self, start_sample: int, end_sample: int, reading: PulseReading, level_dbfs: float
    ) -> WindowResult:
        target_bpm, strictness = self._config.target_bpm, self._config.strictness
        end_s = end_sample / self._config.sample_rate_hz
        # Halfway on a log scale in about 2 s.
        before = self._anchor_bpm or reading.bpm
        self._anchor_bpm = before * (reading.bpm / before) ** min(1.0, 0.35 * self._config.hop_s)
        raw_bpm = reading.bpm / self._beats.divisor
        ratio = self._level.update(raw_bpm, target_bpm)
        bpm = raw_bpm / ratio
        scores = self._intervals.scores(end_s, target_bpm)
        accuracy = deviation = None
        if target_bpm is not None:
            accuracy = tempo.tempo_accuracy(bpm, target_bpm, strictness)
            deviation = tempo.deviation_percent(bpm, target_bpm)
        return WindowResult(
            start_sample=start_sample,
            end_sample=end_sample,
            state=WindowState.LOCKED,
            level_dbfs=level_dbfs,
            beat_count=self._beats_since(start_sample, end_sample),
            bpm=bpm,
            raw_bpm=raw_bpm,
            metrical_ratio=ratio,
            confidence=tempo_probability(reading),
            accuracy=scores.accuracy,
            tempo_accuracy=accuracy,
            steadiness=scores.steadiness,
            deviation_percent=deviation,
            drift_bpm_per_minute=self._drift(end_s, bpm),
            mood=self._mood(scores.accuracy),
        )

    def _mood(self, accuracy: float | None) -> Mood | None:
        if accuracy is None:
            return None
        self._expression = mood.next_expression(self._expression, accuracy)
        return mood.MOODS[self._expression]

    def _drift(self, end_s: float, bpm: float) -> float | None:
        tempi = self._tempi
        tempi.append((end_s, bpm))
        self._trend.add(end_s, bpm)
        while tempi[0][0] <= end_s - _DRIFT_MEMORY_S:
            self._trend.remove(*tempi.popleft())
        return self._trend.bpm_per_minute(end_s - tempi[0][0])

    def finish(self, audio_s: float) -> list[Output]:
        """Close every open beat and add everything up."""
        outputs: list[Output] = []
        self._close_beats(_END_OF_TIME, outputs)
        summary: StreamSummary = self._summary.summarise(audio_s, self._beats.count)
        return [*outputs, summary]
