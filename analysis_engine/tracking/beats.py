"""The book of beats: told once at once, and once more when their onset is known."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.results import Beat
from analysis_engine.scoring.intervals import LONGEST_PERIODS
from analysis_engine.tracking.bar import BarPosition
from analysis_engine.tracking.metrical_level import PlayedDivisor
from analysis_engine.tracking.regularity import PhaseMemory, Regularity

if TYPE_CHECKING:
    from analysis_engine.tracking.clock import SampleClock

# An onset belongs to a beat within this share of the period, and this many frames.
_SNAP_SHARE: Final = 0.22
_SNAP_FRAMES: Final = 12.0
# An onset at the edge of that is told this many frames later (latency, and one frame to see the
# peak pass), so that a final record is out 170 ms after its beat at the latest.
_SEEN_FRAMES: Final = 5
_ONSETS_KEPT: Final = 64
# A beat that is told this near to an onset is told with its strength.
_AT_ONCE_FRAMES: Final = 3.0
# A hit is worth 1 on the beat and 0 this share of the period away; averaged over about six beats.
_HIT_SHARE: Final = 0.10
_HIT_KEEP: Final = 0.85
# The player's phase, for the next beat: so far from where the decoder put the beat to where its
# onset was. Measured: the decoder smooths, the onset is news; a line through the last onsets is
# worse than either (docs/accuracy.md).
_ONSET_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Onset:
    """One onset.

    Parameters
    ----------
    frame
        Where it was heard, fractional.
    strength
        0..1.
    played_frame
        When it was played: the delay of its kind of attack taken off.
    late_s
        Against the player's own grid, None where that is not known.
    downbeat
        Probability that a bar begins here, 0..1.
    """

    frame: float
    strength: float
    played_frame: float
    late_s: float | None = None
    downbeat: float = 0.0


@dataclass(slots=True)
class _Pending:
    beat: Beat
    emitted: bool
    frame: float
    period_frames: float
    position: int
    snap_frames: float
    due_frame: int


class BeatBook:
    """Numbers the beats, gives them their onsets, and keeps what the scores need.

    Parameters
    ----------
    clock
        Frames to samples.
    beats_per_bar
        0 when unknown.
    """

    def __init__(self, clock: SampleClock, beats_per_bar: int) -> None:
        self._clock = clock
        self._bar = BarPosition(beats_per_bar)
        self._count = 0
        self._position = 0
        self._last_frame: float | None = None
        self._pulse_frame: float | None = None
        self._onsets: deque[Onset] = deque(maxlen=_ONSETS_KEPT)
        self._pending: deque[_Pending] = deque(maxlen=_ONSETS_KEPT)
        self._last_played: tuple[int, float] | None = None
        self._played = PlayedDivisor()
        self._phases = PhaseMemory()
        self._period_frames = 0.0
        self._hit_quality = 0.0
        self._hit_count = 0
        self._is_telling = False

    @property
    def hit_quality(self) -> float:
        """How near onsets came to the last beats, 0..1."""
        # The average starts at nothing, not at 0: D. Kingma and J. Ba, Adam, section 3.
        return self._hit_quality / (1.0 - _HIT_KEEP**self._hit_count) if self._hit_count else 0.0

    @property
    def regularity(self) -> Regularity:
        """How well onsets keep to the pulse."""
        return self._phases.read()

    @property
    def count(self) -> int:
        """Beats told so far."""
        return self._count

    @property
    def divisor(self) -> int:
        """How many of the decoder's beats one played beat takes."""
        return self._played.divisor

    @property
    def period_s(self) -> float | None:
        """Period of the played beat, None before the first beat."""
        return self._period_frames * HOP_S * self.divisor or None

    def since_beat_s(self, frame: float) -> float:
        """Time from the newest beat to ``frame``, s; 0 before the first beat."""
        return 0.0 if self._pulse_frame is None else (frame - self._pulse_frame) * HOP_S

    def add_onset(self, onset: Onset) -> None:
        """Remember an onset until its beat is final; the oldest go first."""
        self._onsets.append(onset)
        if self._pulse_frame is not None:
            phase = (onset.frame - self._pulse_frame) / self._period_frames
            period_s = self._period_frames * HOP_S
            self._phases.add(onset.frame * HOP_S, phase, onset.strength, period_s)

    def break_off(self) -> None:
        """Leave out the interval over what comes now (a rest, a pause or a gap)."""
        self._last_played = None
        self._last_frame = None
        self._is_telling = False
        self.expect_nothing()

    def expect_nothing(self) -> None:
        """Take back what was expected next: nobody knows when, or whether, it comes."""
        for pending in self._pending:
            pending.beat = replace(pending.beat, next_beat_sample=None)

    def add_beat(
        self, told_frame: int, frame: float, period_frames: float, confidence: float, *, emit: bool
    ) -> Beat:
        """Take a beat of the decoder; returns its first record.

        One that is not emitted takes no number: it only helps to judge whether there is a pulse.
        The first after a break does not say when the next one comes: the tempo may be another.
        """
        is_first = not self._is_telling
        self._is_telling = emit
        if self._last_frame is None:
            self._position += 1
        else:
            self._position += max(1, round((frame - self._last_frame) / period_frames))
        self._last_frame = self._pulse_frame = frame
        self._period_frames = period_frames
        sample = self._clock.musical(frame)
        told_sample = self._clock.heard(told_frame)
        near = [o.strength for o in self._newest_onsets(frame, _AT_ONCE_FRAMES)]
        beat = Beat(
            beat_index=self._count,
            sample=sample,
            predicted=self._clock.heard(frame) > told_sample,
            beat_in_bar=self._bar.place(self._position),
            confidence=confidence,
            strength=max(near, default=0.0),
            told_sample=told_sample,
            next_beat_sample=None if is_first else self._clock.musical(frame + period_frames),
        )
        self._count += emit
        snap = min(_SNAP_SHARE * period_frames, _SNAP_FRAMES)
        due = max(told_frame, int(frame + snap) + _SEEN_FRAMES)
        self._pending.append(_Pending(beat, emit, frame, period_frames, self._position, snap, due))
        return beat

    def finals(self, now_frame: int) -> list[tuple[Beat, float | None]]:
        """Close every beat whose onset must be known by now; returns those that were emitted.

        With each comes its period in s where it was played in a row with the one before, else None.
        """
        closed = []
        while self._pending and self._pending[0].due_frame <= now_frame:
            pending = self._pending.popleft()
            final, period_s = self._close(pending, now_frame)
            if pending.emitted:
                closed.append((final, period_s))
        return closed

    def _close(self, pending: _Pending, now_frame: int) -> tuple[Beat, float | None]:
        onset = self._onset_of(pending)
        hit = 0.0
        if onset is not None:
            distance = abs(onset.frame - pending.frame)
            hit = max(0.0, 1.0 - distance / (_HIT_SHARE * pending.period_frames))
        self._hit_count += 1
        self._hit_quality = _HIT_KEEP * self._hit_quality + (1.0 - _HIT_KEEP) * hit
        self._played.update(pending.position, played=onset is not None)
        told_sample = self._clock.heard(min(pending.due_frame, now_frame))
        if onset is None:
            self._bar.hear(pending.position, 0.0)
            final = replace(pending.beat, final=True, told_sample=told_sample, strength=0.0)
            return final, None
        self._bar.hear(pending.position, onset.downbeat)
        final = replace(
            pending.beat,
            final=True,
            told_sample=told_sample,
            strength=onset.strength,
            offset_ms=None if onset.late_s is None else 1000.0 * onset.late_s,
            onset_sample=self._clock.musical(onset.played_frame),
            next_beat_sample=self._next_sample(pending, onset),
        )
        return final, self._period_in_a_row(pending, onset)

    def _next_sample(self, pending: _Pending, onset: Onset) -> int | None:
        if pending.beat.next_beat_sample is None:
            return None
        late_frames = onset.played_frame - pending.frame
        return self._clock.musical(
            pending.frame + _ONSET_SHARE * late_frames + pending.period_frames
        )

    def _onset_of(self, pending: _Pending) -> Onset | None:
        snap = pending.snap_frames
        return max(
            self._newest_onsets(pending.frame, snap),
            key=lambda o: o.strength * (1.0 - 0.5 * abs(o.frame - pending.frame) / snap),
            default=None,
        )

    def _newest_onsets(self, frame: float, within_frames: float) -> list[Onset]:
        """Onsets near a frame, oldest first; looks back no further than it must."""
        near: list[Onset] = []
        for onset in reversed(self._onsets):
            if onset.frame < frame - within_frames:
                break
            if onset.frame <= frame + within_frames:
                near.append(onset)
        return near[::-1]

    def _period_in_a_row(self, pending: _Pending, onset: Onset) -> float | None:
        period_s = pending.period_frames * HOP_S * self.divisor
        before, self._last_played = self._last_played, (pending.position, onset.frame)
        if before is None or pending.position - before[0] != self.divisor:
            return None
        interval_s = (onset.frame - before[1]) * HOP_S
        return period_s if 0.0 < interval_s <= LONGEST_PERIODS * period_s else None
