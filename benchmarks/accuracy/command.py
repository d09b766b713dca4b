"""How accurate the engine is on a corpus, beside other trackers.

``python -m benchmarks.accuracy CORPUS`` reads any folder with a ``truth.jsonl`` and runs the engine
on it causally, as a live stream; without a folder it generates a small corpus of its own.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis_engine.tracking.tracker import warm_up
from analysis_engine.training.corpus import write_corpus
from benchmarks.accuracy.answers import Answer, read_answers, write_answers
from benchmarks.accuracy.clips import Clip, pulseless_folder, read_corpus
from benchmarks.accuracy.engine_run import run_engine
from benchmarks.accuracy.scores import Scores, score
from benchmarks.accuracy.tables import LEGEND, averages, grouped, table
from benchmarks.other_trackers import OTHER_TRACKERS, OtherTracker, run_other

if TYPE_CHECKING:
    from collections.abc import Sequence

OUT: Final = Path(__file__).parents[1] / "out"
GENERATED_CLIPS: Final = 33
GENERATED_SEED: Final = 20_26
MODES: Final = {"with target": True, "no target": False}


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    options = _parser().parse_args(arguments)
    folder = options.corpus or generated_corpus()
    clips = read_corpus(folder)
    if options.only:
        clips = [clip for clip in clips if clip.part in options.only]
    modes = [name for name, wanted in MODES.items() if options.target in {None, wanted}]
    others = {} if options.no_others else _run_others(clips, options.jobs)
    report: dict[str, Any] = {"corpus": folder.name, "clips": len(clips)}
    for mode in modes:
        answers = {"practice": _run_ours(clips, options.jobs, MODES[mode])}
        answers |= _peers(options.peers, with_target=MODES[mode])
        answers |= {} if MODES[mode] else others
        write_answers(
            OUT / f"practice_{'hint' if MODES[mode] else 'free'}.jsonl",
            answers["practice"].values(),
        )
        report[mode] = _report(mode, clips, answers, options.by)
    if options.no_pulse:
        report["no pulse"] = _report_pulseless(pulseless_folder(options.no_pulse), options.jobs)
    target = options.json or OUT / "accuracy.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    print(f"\n{LEGEND}\nJSON: {target}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("corpus", type=Path, nargs="?", help="folder with truth.jsonl")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--target", action="store_const", const=True, help="only with the hint")
    which.add_argument("--no-target", action="store_const", const=False, dest="target")
    which.add_argument(
        "--both", action="store_const", const=None, dest="target", help="the default"
    )
    parser.add_argument("--peers", type=Path, help="folder with other trackers' result lines")
    parser.add_argument("--no-others", action="store_true", help="do not run installed trackers")
    parser.add_argument("--no-pulse", type=Path, metavar="DIR", help="audio that has no pulse")
    parser.add_argument("--only", default="", help="parts, such as bg")
    parser.add_argument("--by", default="motion,scenario", help="groupings, with commas")
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--jobs", type=int, default=2)
    return parser


def generated_corpus() -> Path:
    """Write the default corpus, unless an earlier run did; return its folder."""
    folder = OUT / f"generated_{GENERATED_CLIPS}_{GENERATED_SEED}"
    if not (folder / "complete").exists():
        print(f"making {GENERATED_CLIPS} clips in {folder.name}/ …", flush=True)
        list(write_corpus(folder, GENERATED_CLIPS, GENERATED_SEED, 38.0))
        (folder / "complete").touch()
    return folder


def _in_pool(work: Any, clips: Sequence[Clip], jobs: int) -> dict[str, Answer]:
    """Answer clips in worker processes, each with its kernels compiled before it starts."""
    if jobs <= 1:
        warm_up()
        return {answer.clip: answer for answer in map(work, clips)}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=warm_up) as pool:
        return {answer.clip: answer for answer in pool.map(work, clips)}


def _run_ours(clips: Sequence[Clip], jobs: int, with_target: bool) -> dict[str, Answer]:
    return _in_pool(partial(run_engine, with_target=with_target), clips, jobs)


def _answer_of_other(tracker: OtherTracker, clip: Clip) -> Answer:
    module = tracker.load()
    if module is None:
        raise RuntimeError(f"{tracker.name} was there a moment ago and is gone")
    return run_other(tracker, module, clip)


def _run_others(clips: Sequence[Clip], jobs: int) -> dict[str, dict[str, Answer]]:
    """Run what is installed, and say what is not."""
    answers = {}
    with_pulse = [clip for clip in clips if clip.has_pulse]
    for tracker in OTHER_TRACKERS:
        if tracker.load() is None:
            print(f"{tracker.module} is not installed: left out")
        else:
            answers[tracker.name] = _in_pool(partial(_answer_of_other, tracker), with_pulse, jobs)
    return answers


def _peers(folder: Path | None, *, with_target: bool) -> dict[str, dict[str, Answer]]:
    """Read result files; those named ``…_hint``, and the bare metronome, were told the target."""
    files = sorted(folder.glob("*.jsonl")) if folder else []
    told = {path: path.stem.endswith("_hint") or path.stem.startswith("null") for path in files}
    return {path.stem: read_answers(path) for path in files if told[path] == with_target}


def _report(
    mode: str, clips: Sequence[Clip], answers: dict[str, dict[str, Answer]], groupings: str
) -> dict[str, Any]:
    by_tracker: dict[str, dict[str, Scores]] = {
        name: {clip.name: score(clip, given[clip.name]) for clip in clips if clip.name in given}
        for name, given in answers.items()
    }
    for by in groupings.split(","):
        print(f"\n== {mode}, by {by}\n{table(clips, by_tracker, by)}")
    return {
        name: {
            "groups": {g: averages(m) for g, m in grouped(clips, scores, "motion").items()},
            "clips": scores,
        }
        for name, scores in by_tracker.items()
    }


def _report_pulseless(clips: Sequence[Clip], jobs: int) -> dict[str, float]:
    """Share of LOCKED windows on sounds in which there is nothing to lock to."""
    answers = _run_ours(clips, jobs, with_target=False)
    shares = {clip.name: score(clip, answers[clip.name]).get("lockN", 0.0) for clip in clips}
    counts = [len(answers[clip.name].window_states) for clip in clips]
    print("\n== no pulse: share of LOCKED windows")
    for clip, count in zip(clips, counts, strict=True):
        print(f"{clip.name[:34].ljust(36)} {count:5d} windows  {100 * shares[clip.name]:6.2f} %")
    overall = float(np.average(list(shares.values()), weights=counts)) if sum(counts) else 0.0
    print(f"{'all'.ljust(36)} {sum(counts):5d} windows  {100 * overall:6.2f} %")
    return {**shares, "all": overall}
