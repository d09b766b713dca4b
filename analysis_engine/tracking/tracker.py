"""One student's stream: bytes in, results out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis_engine.config import Encoding, StreamConfig, check_target_bpm
from analysis_engine.dsp import activation, metronome
from analysis_engine.dsp.front_end import FRAMES_PER_S
from analysis_engine.dsp.pcm import ENCODING_CODES
from analysis_engine.results import EventKind, Output, StreamEvent
from analysis_engine.tracking import decoder, handle, loudness, pipeline, pulse
from analysis_engine.tracking.clock import SampleClock
from analysis_engine.tracking.decoder import DecoderConfig
from analysis_engine.tracking.interpreter import HopMeter, Interpreter
from analysis_engine.tracking.timing import PlayersGrid

if TYPE_CHECKING:
    from analysis_engine.tracking.lock import PulseReading

# Of a gap this much is heard as silence; whole seconds beyond it are jumped over.
_GAP_HEARD_S: Final = 2
# Full scale is a sine of amplitude 1 (AES17), so its mean power of 1/2 is 0 dBFS.
_FULL_SCALE_POWER: Final = 0.5
_SILENT_MULAW: Final = b"\xff"


class Tracker:
    """Causal tracker of one stream. Results do not depend on how the bytes are cut.

    Parameters
    ----------
    config
        The stream's frozen configuration.
    decoder_config
        The decoder's beliefs; the default is what ships.
    learned
        Whether the network tells onsets and beats; hand-made flux otherwise (to compare).
    metronome_removal
        Whether a metronome in the room is taken out of what is heard.
    """

    def __init__(
        self,
        config: StreamConfig,
        decoder_config: DecoderConfig | None = None,
        *,
        learned: bool = True,
        metronome_removal: bool = True,
    ) -> None:
        self._config = config
        self._decoder_config = decoder_config or DecoderConfig()
        self._pipeline = pipeline.make_pipeline(
            config, self._decoder_config, learned=learned, metronome_removal=metronome_removal
        )
        self._handle = handle.hold(self._pipeline)
        self._slice_samples = pipeline.slice_samples(config.sample_rate_hz)
        self._encoding = ENCODING_CODES[config.encoding]
        self._sample_bytes = config.bytes_per_frame
        self._clock = SampleClock(config.sample_rate_hz, config.input_latency_s)
        self._interpreter = Interpreter(config, self._clock)
        self._next_sample = 0
        self._windows_due = 1
        self._window_end = self._end_of_window(1)
        self._paused = False
        self._aim(config.target_bpm)
        decoder.forget(self._pipeline.pulse.decoder)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_handle"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._handle = handle.hold(self._pipeline)

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
        return self._paused

    @property
    def metronome_heard(self) -> bool:
        """Whether a metronome is heard in the room, and taken out of what is followed."""
        return bool(metronome.is_followed(self._pipeline.metronome))

    def pulse_reading(self) -> PulseReading:
        """Return what is known of the pulse now (windows and the calibration are made from it)."""
        state = self._pipeline.pulse
        return self._interpreter.reading(
            bpm=state.out.item(decoder.OUT_BPM),
            mass=state.out.item(decoder.OUT_MASS),
            evidence=state.floats.item(pulse.EVIDENCE),
        )

    def process(self, data: bytes | memoryview) -> list[Output]:
        """Track whole samples; ignored while paused.

        Cost is linear in the length; callers that share a thread cut it into slices of 100 ms.

        Raises
        ------
        ValueError
            When ``data`` is not a whole number of samples.
        """
        sample_bytes = self._sample_bytes
        if len(data) % sample_bytes:
            raise ValueError(f"{len(data)} bytes are no whole samples of {sample_bytes} bytes")
        if self._paused:
            return []
        raw = np.frombuffer(data, np.uint8)
        outputs: list[Output] = []
        start = 0
        while start < raw.size:
            longest = min(self._slice_samples, self._window_end - self._next_sample)
            part = raw[start : start + longest * sample_bytes]
            outputs += self._advance(part, part.size // sample_bytes)
            start += part.size
        return outputs

    def skip(self, sample_count: int) -> list[Output]:
        """Move the clock over missing samples: a GAP event, and silence that is not scored.

        Costs at most a few seconds' worth of audio, however long the gap.

        Raises
        ------
        ValueError
            When ``sample_count`` is negative.
        """
        if sample_count < 0:
            raise ValueError(f"sample_count={sample_count} is negative")
        if sample_count == 0 or self._paused:
            return []
        rate_hz = self._config.sample_rate_hz
        detail = f"{sample_count / rate_hz:.3f} s of audio are missing."
        outputs: list[Output] = [StreamEvent(self._next_sample, EventKind.GAP, detail)]
        self._interpreter.break_off()
        jumped_s = max(0, sample_count // rate_hz - _GAP_HEARD_S)
        outputs += self._hear_silence(sample_count - jumped_s * rate_hz)
        if jumped_s:
            self._clock.jump(jumped_s)
            self._next_sample += jumped_s * rate_hz
            self._windows_due = self._first_window_after(self._next_sample)
            self._window_end = self._end_of_window(self._windows_due)
        self._interpreter.break_off()
        return outputs

    def set_target_bpm(self, target_bpm: float | None) -> None:
        """Change or clear the target; takes effect with the next sample.

        Raises
        ------
        ValueError
            When the target is outside 20..400 bpm.
        """
        check_target_bpm(target_bpm)
        self._config = replace(self._config, target_bpm=target_bpm)
        self._interpreter.retarget(target_bpm)
        self._aim(target_bpm)

    def pause(self) -> None:
        """Ignore audio until `resume`; the sample clock stands still."""
        self._paused = True
        self._interpreter.break_off()

    def resume(self) -> None:
        """Go on after `pause`; the interval over the pause is left out of every score."""
        self._paused = False

    def finish(self) -> list[Output]:
        """Answer what is pending; the last item is the `StreamSummary`. Call once."""
        audio_s = self._next_sample / self._config.sample_rate_hz
        return self._interpreter.finish(audio_s)

    def _aim(self, target_bpm: float | None) -> None:
        self._aimed_at_bpm = anchor_bpm = self._interpreter.anchor_bpm
        state = self._pipeline.pulse.decoder
        own = self._config.tempo_prior
        decoder.set_target(state, self._decoder_config, target_bpm, anchor_bpm, own)
        activation.set_target(self._pipeline.activation, target_bpm)

    def _hear_silence(self, sample_count: int) -> list[Output]:
        zero = _SILENT_MULAW if self._config.encoding is Encoding.MULAW else b"\x00"
        return self.process(zero * (sample_count * self._sample_bytes))

    def _end_of_window(self, number: int) -> int:
        return round(number * self._config.hop_s * self._config.sample_rate_hz)

    def _first_window_after(self, sample: int) -> int:
        hop_samples = self._config.hop_s * self._config.sample_rate_hz
        due = max(1, math.floor(sample / hop_samples))
        while round(due * hop_samples) <= sample:
            due += 1
        return due

    def _advance(self, raw: np.ndarray, sample_count: int) -> list[Output]:
        state = self._pipeline
        count = handle.advance(self._handle, raw, self._encoding, self._config.channel_count)
        self._next_sample += sample_count
        now_frame = state.pulse.frames.item(pulse.NOW)
        rows = state.events[:count].tolist() if count else ()
        outputs = self._interpreter.take_rows(rows, now_frame)
        if self._next_sample == self._window_end:
            outputs += self._close_window()
        return outputs

    def _close_window(self) -> list[Output]:
        end_sample = self._next_sample
        window_samples = round(self._config.window_s * self._config.sample_rate_hz)
        self._windows_due += 1
        self._window_end = self._end_of_window(self._windows_due)
        start_sample = max(0, end_sample - window_samples)
        outputs = self._interpreter.window(
            start_sample, end_sample, self.pulse_reading(), self._read_meter()
        )
        if self._config.target_bpm is None and self._interpreter.anchor_bpm != self._aimed_at_bpm:
            self._aim(None)
        return outputs

    def _read_meter(self) -> HopMeter:
        levels, frames = self._pipeline.loudness
        counts = frames.tolist()
        power = levels.item(loudness.POWER_SUM) / max(1, counts[loudness.FRAME_COUNT])
        meter = HopMeter(
            level_dbfs=10.0 * math.log10(max(power, 1e-10) / _FULL_SCALE_POWER),
            clipped=counts[loudness.CLIPPED],
            sounding_s=counts[loudness.SOUNDING] / FRAMES_PER_S,
            silent=bool(counts[loudness.SILENT]),
            # As Python, it needs two numbers of the state; compiled, all of its arrays.
            only_clicks=bool(metronome.is_suspected.py_func(self._pipeline.metronome)),
        )
        levels[loudness.POWER_SUM] = 0.0
        frames[loudness.FRAME_COUNT] = 0
        frames[loudness.CLIPPED] = 0
        frames[loudness.SOUNDING] = 0
        return meter


def warm_up() -> None:
    """Compile (or load from cache) every kernel that a stream can reach."""
    PlayersGrid().place(0.0, 1.0)
    for encoding in Encoding:
        tracker = Tracker(StreamConfig(encoding, 16_000))
        tracker.process(b"\x00" * (1_600 * encoding.bytes_per_sample))
        tracker.set_target_bpm(100.0)
        tracker.finish()
