"""Frozen configuration of one analysed stream."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

MIN_SAMPLE_RATE_HZ: Final = 8_000
MAX_SAMPLE_RATE_HZ: Final = 96_000
MIN_TARGET_BPM: Final = 20.0
MAX_TARGET_BPM: Final = 400.0
MAX_EXPECTED_TEMPI: Final = 8
MAX_EXPECTED_WEIGHT: Final = 1_000.0
MIN_SPREAD_OCTAVES: Final = 0.02
DEFAULT_SPREAD_OCTAVES: Final = 0.2
MAX_SPREAD_OCTAVES: Final = 2.0


class Encoding(Enum):
    """How samples are written; multi-byte encodings are little-endian."""

    LINEAR16 = "linear16"
    FLOAT32 = "float32"
    MULAW = "mulaw"

    @property
    def bytes_per_sample(self) -> int:
        """Bytes of one sample of one channel."""
        return {Encoding.LINEAR16: 2, Encoding.FLOAT32: 4, Encoding.MULAW: 1}[self]


class Strictness(Enum):
    """How much deviation the scores forgive."""

    LENIENT = "lenient"
    NORMAL = "normal"
    STRICT = "strict"


def check_target_bpm(target_bpm: float | None) -> None:
    """Raise ValueError unless the target is absent or 20..400 bpm."""
    if target_bpm is not None and not MIN_TARGET_BPM <= target_bpm <= MAX_TARGET_BPM:
        raise ValueError(
            f"target_bpm={target_bpm} is outside {MIN_TARGET_BPM:g}..{MAX_TARGET_BPM:g}"
        )


@dataclass(frozen=True, slots=True)
class ExpectedTempo:
    """A tempo at which the student has played before.

    Parameters
    ----------
    bpm
        20..400.
    weight
        How many earlier sessions it stands for; above 0, at most 1000.
    spread_octaves
        How far from it today's tempo may well be, 0.02..2: 0.2 is 15 %.

    Raises
    ------
    ValueError
        When a value is outside its range; the message names the field.
    """

    bpm: float
    weight: float = 1.0
    spread_octaves: float = DEFAULT_SPREAD_OCTAVES

    def __post_init__(self) -> None:
        _check_range("tempo_prior.bpm", self.bpm, MIN_TARGET_BPM, MAX_TARGET_BPM)
        if not 0.0 < self.weight <= MAX_EXPECTED_WEIGHT:
            raise ValueError(
                f"tempo_prior.weight={self.weight} is not above 0 and at most "
                f"{MAX_EXPECTED_WEIGHT:g}"
            )
        _check_range(
            "tempo_prior.spread_octaves",
            self.spread_octaves,
            MIN_SPREAD_OCTAVES,
            MAX_SPREAD_OCTAVES,
        )


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """What one stream asks of the engine.

    Parameters
    ----------
    encoding
        Sample format of the bytes.
    sample_rate_hz
        8000..96000; there is no default, because a wrong one would be silently wrong.
    channel_count
        1 or 2 interleaved channels, mixed to mono.
    target_bpm
        20..400, or None.
    beats_per_bar
        0 (unknown) to 16.
    allow_dotted_levels
        Whether 3/4 and 3/2 count as metrical ratios.
    window_s, hop_s
        Span that scores look back over (1..16), and between window results (0.1..4).
    strictness
        Tolerance of the scores.
    input_latency_s
        Microphone calibration (0..2), subtracted from every reported beat and onset time.
    tempo_prior
        At most 8 tempi of the student's own earlier sessions; believed a little, and only while
        there is no target.

    Raises
    ------
    ValueError
        When a value is outside its range; the message names the field.
    """

    encoding: Encoding
    sample_rate_hz: int
    channel_count: int = 1
    target_bpm: float | None = None
    beats_per_bar: int = 0
    allow_dotted_levels: bool = False
    window_s: float = 4.0
    hop_s: float = 0.5
    strictness: Strictness = Strictness.NORMAL
    input_latency_s: float = 0.0
    tempo_prior: tuple[ExpectedTempo, ...] = ()

    def __post_init__(self) -> None:
        _check_range("sample_rate_hz", self.sample_rate_hz, MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ)
        _check_range("channel_count", self.channel_count, 1, 2)
        check_target_bpm(self.target_bpm)
        _check_range("beats_per_bar", self.beats_per_bar, 0, 16)
        _check_range("window_s", self.window_s, 1.0, 16.0)
        _check_range("hop_s", self.hop_s, 0.1, 4.0)
        _check_range("input_latency_s", self.input_latency_s, 0.0, 2.0)
        if len(self.tempo_prior) > MAX_EXPECTED_TEMPI:
            raise ValueError(
                f"tempo_prior has {len(self.tempo_prior)} tempi, at most {MAX_EXPECTED_TEMPI}"
            )

    @property
    def bytes_per_frame(self) -> int:
        """Bytes of one sample over all channels."""
        return self.encoding.bytes_per_sample * self.channel_count


def _check_range(field: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{field}={value} is outside {low:g}..{high:g}")
