"""The engine with one of its parts switched off, to see what that part gives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from analysis_engine.tracking.decoder import DecoderConfig
from analysis_engine.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis_engine.config import StreamConfig


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to build the engine, through its frozen configurations alone.

    Parameters
    ----------
    name
        As printed.
    decoder
        Fields of `DecoderConfig` that differ from what ships.
    stream
        Fields of `StreamConfig` that differ from what the benchmark asks for.
    tracker
        More keyword arguments for `Tracker`.
    with_target
        The only mode in which the part does anything; None where in both.
    """

    name: str
    decoder: Mapping[str, Any] = field(default_factory=dict)
    stream: Mapping[str, Any] = field(default_factory=dict)
    tracker: Mapping[str, Any] = field(default_factory=dict)
    with_target: bool | None = None

    def make_tracker(self, config: StreamConfig) -> Tracker:
        """Return the engine of this variant for one stream.

        Raises
        ------
        TypeError
            When a field does not exist.
        ValueError
            When a value is outside its range.
        """
        decoder_config = replace(DecoderConfig(), **self.decoder)
        return Tracker(replace(config, **self.stream), decoder_config, **self.tracker)


WHOLE: Final = Variant("whole engine")

ABLATIONS: Final = (
    # With the decoder's parameters as they were fitted to flux.
    Variant(
        "hand-made activation",
        {
            "stiffness": 119.0,
            "beat_gain": 0.46,
            "onset_gain": 0.0,
            "memory_gain": 0.0,
            "reopening": 0.0,
            "half_gain": 0.10,
            "subdivision_gain": 0.054,
            "miss_gain": 0.6,
            "activation_floor": 0.039,
            "activation_ceiling": 0.75,
            "target_weight": 0.021,
            "target_sd_octaves": 0.29,
            "prior_weight": 0.009,
            "restart": 0.000166,
            "first_onset": 0.6,
        },
        tracker={"learned": False},
    ),
    Variant("no weight of the target per frame", {"target_weight": 0.0}, with_target=True),
    Variant("no weight of the tempo prior", {"prior_weight": 0.0}, with_target=False),
    Variant("no anchor at the tempo held", {"anchor_weight": 0.0}, with_target=False),
    Variant("no start at the first onset", {"first_onset": 0.0}),
    Variant("no restart at later onsets", {"restart": 0.0}),
    Variant("no reopening in doubt", {"reopening": 0.0}),
    Variant("no memory of the beat's place", {"memory_gain": 0.0}),
    Variant("no evidence of onsets at the beat", {"onset_gain": 0.0}),
    Variant("no evidence at halves", {"half_gain": 0.0}),
    Variant("no evidence at smaller parts", {"subdivision_gain": 0.0}),
    Variant("no evidence of missed beats", {"miss_gain": 0.0}),
    Variant("no removal of a metronome", tracker={"metronome_removal": False}),
)
"""A new switch is one more line here; a field that does not exist fails a test."""
