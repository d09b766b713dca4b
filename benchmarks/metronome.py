"""A metronome in the room: players with and without one, and metronomes alone.

``python -m benchmarks.metronome --clips 33`` makes the clips and prints the tables;
``--without CORPUS...`` counts in how many clips of other corpora one is heard that is not there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.tracking.tracker import Tracker
from analysis_engine.training.corpus import INSTRUMENT_CYCLE
from analysis_engine.training.metronome import add_metronome
from analysis_engine.training.performance import Plan, draw_plan, perform
from analysis_engine.training.room import record
from benchmarks.accuracy.clips import Clip, read_corpus
from benchmarks.accuracy.engine_run import SLICE_S, read_pcm16, run_engine
from benchmarks.accuracy.scores import score
from benchmarks.accuracy.tables import Table, percent, share
from benchmarks.accuracy.variants import WHOLE, Variant

if TYPE_CHECKING:
    from collections.abc import Sequence

RATE_HZ: Final = 22_050
ALONE_S: Final = 20.0
OFF: Final = Variant("off", tracker={"metronome_removal": False})
VARIANTS: Final = {"off": OFF, "on": WHOLE}


@dataclass(frozen=True, slots=True)
class Trio:
    """A player beside a metronome, the same player without it, and the metronome alone."""

    plan: Plan
    both: Clip
    player: Clip
    alone: Clip


def make_trio(folder: Path, seed: int, index: int, duration_s: float) -> Trio:
    """Write the three sounds of one plan; the same arguments give the same samples."""
    rng = np.random.default_rng([seed, index])
    instrument = INSTRUMENT_CYCLE[index % len(INSTRUMENT_CYCLE)]
    plan = draw_plan(rng, "click", instrument, duration_s, RATE_HZ)
    clips = []
    for name, metronome in (("both", plan.metronome), ("player", None)):
        rng = np.random.default_rng([seed, index, 1])
        played = perform(rng, replace(plan, metronome=metronome), "click")
        path = folder / f"{index}_{name}.wav"
        soundfile.write(path, played.audio, RATE_HZ, subtype="PCM_16")
        clips.append(
            Clip(
                name=path.stem,
                part="x",
                scenario=name,
                instrument=instrument,
                path=path,
                duration_s=duration_s,
                beats_s=played.beats_s,
                tempo=played.tempo,
                onsets_s=np.zeros((0, 2)),
                hint_bpm=plan.target_bpm,
            )
        )
    return Trio(plan, clips[0], clips[1], _alone(folder, plan, seed, index))


def _alone(folder: Path, plan: Plan, seed: int, index: int) -> Clip:
    if plan.metronome is None:
        raise ValueError("the plan has no metronome")
    rng = np.random.default_rng([seed, index, 2])
    sound = np.zeros(round(ALONE_S * RATE_HZ), np.float32)
    add_metronome(rng, sound, plan.metronome, RATE_HZ)
    path = folder / f"{index}_alone.wav"
    # A room's noise is told against the loudest part of the music, and here is hardly any sound.
    room = replace(plan.room, noise_db=None, overdrive_db=0.0)
    heard = record(rng, sound, room, RATE_HZ)
    noise = rng.standard_normal(heard.size).astype(np.float32)
    soundfile.write(path, heard + np.float32(1e-3) * noise, RATE_HZ, subtype="PCM_16")
    none = np.zeros((0, 2))
    return Clip(path.stem, "n", "metronome", "none", path, ALONE_S, np.zeros(0), none, none)


def heard_from_s(clip: Clip) -> float | None:
    """Return when a metronome is first heard in a clip, None for never."""
    data, rate_hz, channel_count = read_pcm16(clip.path)
    config = StreamConfig(Encoding.LINEAR16, rate_hz, channel_count)
    tracker = Tracker(config)
    step = round(SLICE_S * rate_hz) * config.bytes_per_frame
    for at in range(0, len(data), step):
        tracker.process(data[at : at + step])
        if tracker.metronome_heard:
            return tracker.next_sample / rate_hz
    return None


def beside_table(trios: Sequence[Trio], *, with_target: bool) -> Table:
    """F and W1 of the players with and without the metronome, removal off and on."""
    rows = []
    for kind in ("both", "player"):
        for name, variant in VARIANTS.items():
            scores = [
                score(clip, run_engine(clip, with_target=with_target, variant=variant))
                for clip in (getattr(trio, kind) for trio in trios)
            ]
            figures = (
                [s[figure] for s in scores if figure in s] for figure in ("F", "W1", "cover")
            )
            means = (share(float(np.mean(column))) if column else "-" for column in figures)
            label = "with a metronome" if kind == "both" else "without one"
            rows.append([label, name, str(len(trios)), *means])
    mode = "with a target" if with_target else "without a target"
    return Table(f"Players, {mode}", ("", "removal", "n", "F", "W1", "cover"), rows, labels=2)


def alone_table(trios: Sequence[Trio]) -> Table:
    """How much of a metronome alone passes for playing."""
    rows = []
    for name, variant in VARIANTS.items():
        answers = [run_engine(t.alone, with_target=False, variant=variant) for t in trios]
        states = [state for answer in answers for _, state in answer.window_states]
        shares = (states.count("locked"), len(states) - states.count("silent"))
        rows.append([name, str(len(trios)), *(percent(n / len(states), 1) for n in shares)])
    return Table("Metronomes alone", ("removal", "n", "LOCKED", "not SILENT"), rows)


def heard_table(kinds: dict[str, Sequence[Clip]]) -> Table:
    """In how many clips a metronome is heard, and after how long."""
    rows = []
    for kind, clips in kinds.items():
        times_s = [at_s for at_s in map(heard_from_s, clips) if at_s is not None]
        median = f"{np.median(times_s):.1f} s" if times_s else "-"
        rows.append([kind, str(len(clips)), percent(len(times_s) / len(clips)), median])
    return Table("A metronome is heard", ("clips", "n", "heard", "after"), rows)


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metronome", description=__doc__)
    parser.add_argument("--clips", type=int, default=33)
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--without", type=Path, nargs="*", default=[], metavar="CORPUS")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        trios = [
            make_trio(Path(folder), options.seed, index, options.seconds)
            for index in range(options.clips)
        ]
        kinds: dict[str, Sequence[Clip]] = {
            "metronome alone": [trio.alone for trio in trios],
            "player and metronome": [trio.both for trio in trios],
            "player alone": [trio.player for trio in trios],
        }
        kinds |= {corpus.name: read_corpus(corpus) for corpus in options.without}
        tables = [
            heard_table(kinds),
            alone_table(trios),
            *(beside_table(trios, with_target=with_target) for with_target in (True, False)),
        ]
    sys.stdout.write("\n\n".join(map(str, tables)) + "\n")


if __name__ == "__main__":
    main()
