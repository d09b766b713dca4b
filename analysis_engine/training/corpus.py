"""A whole corpus of generated clips: FLAC files and truth.jsonl.

The format is that of the evaluation corpora:

``python -m analysis_engine.training.corpus OUT --clips 90 --seed 1 --seconds 38``
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soundfile

from analysis_engine.training.behaviour import EXTRA_SCENARIOS, SCENARIOS
from analysis_engine.training.performance import Performance, draw_plan, perform
from analysis_engine.training.pulseless import PULSELESS, pulseless

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTRUMENT_CYCLE: Final = (
    "piano", "violin", "guitar", "drums", "flute", "piano",
    "trumpet", "drums", "violin", "guitar", "clarinet",
)  # fmt: skip
EXTRA_SHARE: Final = 0.1
PULSELESS_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """Name, part and scenario of one clip; its index and the corpus' seed decide the rest."""

    index: int
    part: str
    scenario: str
    instrument: str


def plan_corpus(clip_count: int) -> list[ClipPlan]:
    """Deal scenarios and instruments over the clips: part b, some of part x, some of part n.

    Parameters
    ----------
    clip_count
        At least 1.
    """
    pulseless_count = round(PULSELESS_SHARE * clip_count)
    extra_count = round(EXTRA_SHARE * clip_count)
    scenarios = [
        *(
            ("b", name)
            for name in islice(cycle(SCENARIOS), clip_count - extra_count - pulseless_count)
        ),
        *(("x", name) for name in islice(cycle(EXTRA_SCENARIOS), extra_count)),
        *(("n", name) for name in islice(cycle(PULSELESS), pulseless_count)),
    ]
    # Each round over the scenarios shifts the instruments by a few, so that they mix.
    return [
        ClipPlan(
            i, part, name, INSTRUMENT_CYCLE[(i + 3 * (i // len(SCENARIOS))) % len(INSTRUMENT_CYCLE)]
        )
        for i, (part, name) in enumerate(scenarios)
    ]


def make_clip(plan: ClipPlan, seed: int, duration_s: float, sample_rate_hz: int) -> Performance:
    """Perform one clip; the same arguments give the same samples."""
    rng = np.random.default_rng([seed, plan.index])
    if plan.part == "n":
        return pulseless(rng, plan.scenario, duration_s, sample_rate_hz)
    drawn = draw_plan(rng, plan.scenario, plan.instrument, duration_s, sample_rate_hz)
    return perform(rng, drawn, plan.scenario)


def truth_record(performance: Performance, clip: str, part: str) -> dict[str, Any]:
    """Truth of a clip as one JSON object, times rounded to 0.1 ms."""
    p = performance
    return {
        "clip": clip,
        "file": f"audio/{clip}.flac",
        "sr": p.sample_rate_hz,
        "dur": round(p.duration_s, 4),
        "beats": np.round(p.beats_s, 4).tolist(),
        "part": part,
        "scenario": p.scenario,
        "instrument": p.instrument,
        "downbeats": np.round(p.downbeats_s, 4).tolist(),
        "target_bpm": p.target_bpm,
        "hint_bpm": p.target_bpm,
        "tempo": np.round(p.tempo, 4).tolist(),
        "timing_sd_ms": None if p.timing_sd_ms is None else round(p.timing_sd_ms, 2),
        "jitter_ms": p.jitter_ms,
        "onsets": np.round(p.onsets_s, 4).tolist(),
        "gaps": [[round(low_s, 4), round(high_s, 4)] for low_s, high_s in p.gaps_s],
        "changes": [round(at_s, 4) for at_s in p.changes_s],
        "extras": [round(at_s, 4) for at_s in p.extras_s],
        "attack_ms": p.attack_ms,
        "source": p.source,
        "license": "own",
    }


def write_corpus(
    folder: Path, clip_count: int, seed: int, duration_s: float, sample_rate_hz: int = 22_050
) -> Iterator[str]:
    """Write the clips one by one and the truth of each; yields the name of each clip done."""
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as truth:
        for plan in plan_corpus(clip_count):
            performance = make_clip(plan, seed, duration_s, sample_rate_hz)
            tempo = f"_{performance.target_bpm:g}" if performance.target_bpm else ""
            clip = (
                f"gen_{plan.part}{plan.index:03d}_{plan.scenario}_{performance.instrument}{tempo}"
            )
            record = truth_record(performance, clip, plan.part)
            soundfile.write(
                folder / record["file"], performance.audio, sample_rate_hz, subtype="PCM_16"
            )
            truth.write(json.dumps(record) + "\n")
            yield clip


def main(arguments: list[str] | None = None) -> None:
    """Write a corpus from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis_engine.training.corpus", description=__doc__
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--clips", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=38.0)
    parser.add_argument("--rate", type=int, default=22_050, help="samples per second")
    options = parser.parse_args(arguments)
    done = list(
        write_corpus(options.out, options.clips, options.seed, options.seconds, options.rate)
    )
    sys.stdout.write(f"{len(done)} clips in {options.out}\n")


if __name__ == "__main__":
    main()
