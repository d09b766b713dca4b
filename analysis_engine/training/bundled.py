"""The performances that come with the program: ``python -m analysis_engine.training.bundled``.

Three pieces of about half a minute, each with its truth: played steadily, rushed, and by an
uneven student who stops once. Everything is seeded, so the files can be made again at any time.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soundfile

from analysis_engine.training import tunes
from analysis_engine.training.behaviour import Behaviour
from analysis_engine.training.corpus import truth_record
from analysis_engine.training.performance import Performance, Plan, perform
from analysis_engine.training.room import Room
from analysis_engine.training.voices import draw_voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis_engine.training.score import Score

FOLDER: Final = Path(__file__).parents[2] / "protos" / "practice" / "media" / "performances"
SAMPLE_RATE_HZ: Final = 22_050
BLOCK_SAMPLES: Final = 4_096
COMPRESSION_LEVEL: Final = 0.8
"""Of libsndfile's 0..1, larger is smaller: about 3 kB a second."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """One bundled performance: what is played, how, on what, and the seeds of it."""

    score: Callable[[], Score]
    behaviour: Behaviour
    instrument: str
    duration_s: float
    voice_seed: int
    seed: int


BUNDLED: Final = {
    "steady": Bundled(tunes.morning, Behaviour(96.0, jitter_ms=4.0), "piano", 31.2, 29, 1),
    "rushing": Bundled(
        tunes.carousel, Behaviour(100.0, jitter_ms=8.0, drift_per_30s=0.12), "guitar", 28.2, 37, 2
    ),
    "student": Bundled(
        tunes.first_steps,
        Behaviour(
            80.0,
            jitter_ms=28.0,
            pause_count=1,
            walk_share=0.03,
            rubato_share=0.12,
            offbeat_late_ms=18.0,
            wrong_share=0.03,
            extra_share=0.08,
        ),
        "piano",
        34.0,
        29,
        6,
    ),
}  # fmt: skip
ROOM: Final = Room(reverb_s=0.5, wet_db=-14.0, noise_db=-55.0, peak_db=-3.0)


def make(name: str) -> Performance:
    """Perform one of the bundled performances.

    Raises
    ------
    KeyError
        For a name that is not in `BUNDLED`.
    """
    bundled = BUNDLED[name]
    voice = draw_voice(
        np.random.default_rng(bundled.voice_seed), bundled.instrument, SAMPLE_RATE_HZ
    )
    plan = Plan(
        score=bundled.score(),
        behaviour=bundled.behaviour,
        instrument=bundled.instrument,
        room=ROOM,
        target_bpm=bundled.behaviour.bpm,
        start_s=0.6,
        duration_s=bundled.duration_s,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )
    return perform(np.random.default_rng(bundled.seed), plan, name, voice)


def truth(name: str, performance: Performance) -> dict[str, Any]:
    """Truth of a bundled performance, as in a corpus."""
    return {**truth_record(performance, name, "bundled"), "file": f"{name}.ogg"}


def write(folder: Path, name: str) -> None:
    """Write ``name.ogg`` and ``name.truth.json`` into a folder."""
    performance = make(name)
    with soundfile.SoundFile(
        folder / f"{name}.ogg",
        "w",
        SAMPLE_RATE_HZ,
        1,
        "VORBIS",
        compression_level=COMPRESSION_LEVEL,
    ) as file:
        # libsndfile's Vorbis encoder needs a deep stack for one long write.
        for start in range(0, len(performance.audio), BLOCK_SAMPLES):
            file.write(performance.audio[start : start + BLOCK_SAMPLES])
    text = json.dumps(truth(name, performance), indent=None, separators=(", ", ": "))
    (folder / f"{name}.truth.json").write_text(text + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Write all bundled performances."""
    parser = argparse.ArgumentParser(prog="python -m analysis_engine.training.bundled")
    parser.add_argument("out", type=Path, nargs="?", default=FOLDER)
    folder: Path = parser.parse_args(arguments).out
    folder.mkdir(parents=True, exist_ok=True)
    for name in BUNDLED:
        write(folder, name)
    sys.stdout.write(f"{', '.join(BUNDLED)} in {folder.name}/\n")


if __name__ == "__main__":
    main()
