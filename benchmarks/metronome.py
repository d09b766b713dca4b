"""A metronome in the room: players with and without one, metronomes alone, and drummers.

``python -m benchmarks.metronome --clips 36`` makes the clips and prints the tables;
``--without CORPUS...`` counts in how many clips of other corpora one is heard that is not there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.dsp.metronome import make_metronome
from analysis_engine.tracking.tracker import Tracker
from benchmarks.accuracy.clips import Clip, read_corpus
from benchmarks.accuracy.engine_run import SLICE_S, read_pcm16, run_engine
from benchmarks.accuracy.scores import score
from benchmarks.accuracy.tables import Table, percent, share
from benchmarks.accuracy.variants import WHOLE, Variant
from benchmarks.metronome_material import LEVELS_DB, RELATIONS, Trio, make_drummer, make_trio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.answers import Answer

VARIANTS: Final = {"off": Variant("off", tracker={"metronome_removal": False}), "on": WHOLE}
FIGURES: Final = ("F", "W1", "cover")

Runs = dict[tuple[str, str, bool], tuple[Clip, "Answer"]]
"""What was said of a clip: by its name, the variant's, and whether there was a target."""


def run_all(clips: Sequence[Clip]) -> Runs:
    """Run all clips with and without removal, with and without a target."""
    return {
        (clip.name, name, with_target): (
            clip,
            run_engine(clip, with_target=with_target, variant=variant),
        )
        for clip in clips
        for with_target in (True, False)
        for name, variant in VARIANTS.items()
    }


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


def players_table(trios: Sequence[Trio], runs: Runs, *, with_target: bool) -> Table:
    """F, W1 and cover of players beside a metronome, by its level and by how they keep to it."""
    groups = {level: [t for t in trios if t.level == level] for level in LEVELS_DB}
    groups |= {f"player {r}": [t for t in trios if t.relation == r] for r in RELATIONS}
    clips = {name: [t.both for t in group] for name, group in groups.items()}
    clips["all"] = [t.both for t in trios]
    clips["the same players without one"] = [t.player for t in trios]
    rows = []
    for name, group in clips.items():
        scores = {v: [score(*runs[clip.name, v, with_target]) for clip in group] for v in VARIANTS}
        means = (_mean(scores[v], figure) for figure in FIGURES for v in VARIANTS)
        rows.append([name, str(len(group)), *means])
    header = ("metronome", "n", *(f"{figure} {v}" for figure in FIGURES for v in VARIANTS))
    return Table(f"Players, {'with a' if with_target else 'no'} target", header, rows)


def _mean(scores: Sequence[dict[str, float]], figure: str) -> str:
    column = [s[figure] for s in scores if figure in s]
    return share(float(np.mean(column))) if column else "-"


def states_table(kinds: dict[str, Sequence[Clip]], runs: Runs) -> Table:
    """Shares of windows that are LOCKED, and that are not SILENT."""
    rows = []
    for kind, clips in kinds.items():
        for v in VARIANTS:
            answers = [runs[clip.name, v, False][1] for clip in clips]
            states = [state for answer in answers for _, state in answer.window_states]
            counts = (states.count("locked"), len(states) - states.count("silent"))
            shares = (percent(count / len(states), 1) for count in counts)
            rows.append([kind, v, str(len(clips)), *shares])
    header = ("", "removal", "n", "LOCKED", "not SILENT")
    return Table("What passes for playing", header, rows, labels=2)


def heard_table(kinds: dict[str, Sequence[Clip]]) -> Table:
    """In how many clips a metronome is heard, and after how long."""
    rows = []
    for kind, clips in kinds.items():
        times_s = [at_s for at_s in map(heard_from_s, clips) if at_s is not None]
        median = f"{np.median(times_s):.1f} s" if times_s else "-"
        rows.append([kind, str(len(clips)), percent(len(times_s) / len(clips)), median])
    return Table("A metronome is heard", ("clips", "n", "heard", "after"), rows)


def cost_table(trios: Sequence[Trio], runs: Runs) -> Table:
    """Processor time of the same clips with and without the stage, and its state."""
    rows = []
    for kind, clips in (
        ("players beside a metronome", [t.both for t in trios]),
        ("players alone", [t.player for t in trios]),
    ):
        cpu_s = {v: sum(runs[c.name, v, True][1].cpu_s or 0.0 for c in clips) for v in VARIANTS}
        rows.append([kind, f"{cpu_s['on'] / cpu_s['off']:.2f}", f"{_bytes(make_metronome()):,}"])
    return Table("Cost", ("", "processor, on against off", "state, bytes"), rows)


def _bytes(state: Any) -> int:
    return state.nbytes if isinstance(state, np.ndarray) else sum(map(_bytes, state))


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metronome", description=__doc__)
    parser.add_argument("--clips", type=int, default=36)
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--without", type=Path, nargs="*", default=[], metavar="CORPUS")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        trios = [make_trio(Path(folder), options.seed, i) for i in range(options.clips)]
        drummers = [make_drummer(Path(folder), options.seed, i) for i in range(options.clips // 3)]
        alone = [trio.alone for trio in trios]
        beside = {level: [t.both for t in trios if t.level == level] for level in LEVELS_DB}
        kinds: dict[str, Sequence[Clip]] = {
            "metronome alone": alone,
            **{f"beside a player, {level}": clips for level, clips in beside.items()},
            "player alone": [trio.player for trio in trios],
            "drummer tapping alone": drummers,
        }
        kinds |= {
            corpus.name: [clip for clip in read_corpus(corpus) if clip.scenario != "click"]
            for corpus in options.without
        }
        clips = [clip for t in trios for clip in (t.both, t.player, t.alone)]
        runs = run_all([*clips, *drummers])
        tables = [
            heard_table(kinds),
            states_table({"metronome alone": alone, "drummer tapping": drummers}, runs),
            *(players_table(trios, runs, with_target=target) for target in (True, False)),
            cost_table(trios, runs),
        ]
    sys.stdout.write("\n\n".join(map(str, tables)) + "\n")


if __name__ == "__main__":
    main()
