"""How accurate the engine is on a corpus, beside other trackers.

``python -m benchmarks.accuracy CORPUS`` reads any folder with a ``truth.jsonl`` and runs the engine
on it causally, as a live stream; without a folder it generates a small corpus of its own. With
``--write-docs`` the same run, ablations included, becomes a section of docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analysis_engine.training.corpus import write_corpus
from benchmarks.accuracy.ablations import run_ablations
from benchmarks.accuracy.answers import read_answers, write_answers
from benchmarks.accuracy.clips import pulseless_folder, read_corpus
from benchmarks.accuracy.comparison import OURS, Comparison
from benchmarks.accuracy.document import provenance, write_section
from benchmarks.accuracy.figures import save_figures
from benchmarks.accuracy.report import Report
from benchmarks.accuracy.runs import Workers, run_others, run_ours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip

ROOT: Final = Path(__file__).parents[2]
OUT: Final = ROOT / "benchmarks" / "out"
PAGE: Final = ROOT / "docs" / "accuracy.md"
SECTIONS: Final = ("generated", "evaluation")
GENERATED_CLIPS: Final = 33
GENERATED_SEED: Final = 20_26
MODES: Final = {"with target": True, "no target": False}


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    options = _parser().parse_args(arguments)
    folder = options.corpus or generated_corpus()
    report = measure(options, clips_of(options, folder))
    print(report.text())
    target = options.json or OUT / "accuracy.json"
    record = {"corpus": folder.name} | report.to_record()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    section = options.write_docs
    figures_folder = PAGE.parent / "figures" if section else OUT / "figures"
    paths = save_figures(report.comparisons, figures_folder, section or "accuracy")
    if section:
        pictures = "\n".join(f"![{path.stem}](figures/{path.name})" for path in paths)
        head = provenance(ROOT, command_line(options))
        write_section(PAGE, section, f"{head}\n\n{report.text()}\n\n{pictures}")
        print(f"\nWritten into {PAGE.name}, section {section}.")
    print(f"\nJSON: {target}\nFigures: {figures_folder}")


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
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth clip alone")
    parser.add_argument("--by", default="motion", help="groupings, with commas")
    parser.add_argument("--ablations", action="store_true", help="also without each part")
    parser.add_argument(
        "--write-docs",
        choices=SECTIONS,
        metavar="SECTION",
        help=f"write this section of docs/accuracy.md ({', '.join(SECTIONS)}), with ablations",
    )
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--jobs", type=int, default=2)
    return parser


def command_line(options: argparse.Namespace) -> str:
    """Return the command that measured this, without the folders' places."""
    words = ["python -m benchmarks.accuracy"]
    words += [options.corpus.name] if options.corpus else []
    for name in ("peers", "no_pulse"):
        place = getattr(options, name)
        words += [f"--{name.replace('_', '-')} {place.name}"] if place else []
    words += [f"--only {options.only}"] if options.only else []
    words += [f"--every {options.every}"] if options.every != 1 else []
    words += [f"--write-docs {options.write_docs}"] if options.write_docs else []
    return " ".join(words)


def generated_corpus() -> Path:
    """Write the default corpus, unless an earlier run did; return its folder."""
    folder = OUT / f"generated_{GENERATED_CLIPS}_{GENERATED_SEED}"
    if not (folder / "complete").exists():
        print(f"making {GENERATED_CLIPS} clips in {folder.name}/ …", flush=True)
        list(write_corpus(folder, GENERATED_CLIPS, GENERATED_SEED, 38.0))
        (folder / "complete").touch()
    return folder


def clips_of(options: argparse.Namespace, folder: Path) -> list[Clip]:
    """Clips that were asked for; those of the folder without a pulse come last."""
    clips = [clip for clip in read_corpus(folder) if clip.part in (options.only or clip.part)]
    clips = clips[:: options.every]
    return clips + (pulseless_folder(options.no_pulse) if options.no_pulse else [])


def measure(options: argparse.Namespace, clips: Sequence[Clip]) -> Report:
    """Run everything that was asked for."""
    modes = {name: told for name, told in MODES.items() if options.target in {None, told}}
    comparisons, ablations = [], []
    with Workers(options.jobs) as workers:
        others = {} if options.no_others else run_others(workers, clips)
        for mode, with_target in modes.items():
            answers = {OURS: run_ours(workers, clips, with_target=with_target)}
            kept = OUT / f"{OURS}_{'hint' if with_target else 'free'}.jsonl"
            write_answers(kept, answers[OURS].values())
            answers |= peers_of(options.peers, with_target=with_target)
            answers |= {} if with_target else others
            comparisons.append(Comparison(mode, with_target, clips, answers))
            if options.ablations or options.write_docs:
                ablations.append(run_ablations(workers, comparisons[-1], answers[OURS]))
    return Report(comparisons, ablations, options.by.split(","))


def peers_of(folder: Path | None, *, with_target: bool) -> dict[str, dict[str, Answer]]:
    """Read result files; those named ``…_hint``, and the bare metronome, were told the target."""
    files = sorted(folder.glob("*.jsonl")) if folder else []
    told = {path: path.stem.endswith("_hint") or path.stem.startswith("null") for path in files}
    return {path.stem: read_answers(path) for path in files if told[path] == with_target}
