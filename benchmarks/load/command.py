"""The command line: one table, and JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.load.ghz import SHORT, ghz_line, run_ghz
from benchmarks.load.measurement import Load, Measurement, measure
from benchmarks.load.programs import ECHO, PRACTICE
from benchmarks.load.table import load_table, ratio_lines

OUT: Final = Path(__file__).parents[1] / "out"


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark; exit code 1 when a call failed or a window is missing."""
    options = _parser().parse_args(arguments)
    report: dict[str, Any] = {}
    is_sound = True
    if not options.only_ghz:
        rows = asyncio.run(_measure_all(options))
        print(load_table(rows), *ratio_lines(rows), sep="\n", flush=True)
        report["load"] = [asdict(row) for row in rows]
        is_sound &= all(row.is_sound for row in rows)
    if options.ghz is not None:
        runs = asyncio.run(run_ghz(options.ghz.resolve(), SHORT if options.short else None))
        print(*map(ghz_line, runs), sep="\n", flush=True)
        report["ghz"] = [asdict(run) for run in runs]
        is_sound &= all(run.is_sound for run in runs)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"JSON: {options.json}")
    sys.exit(not is_sound)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--streams", type=_numbers, default=[100, 300], help="100,300")
    parser.add_argument("--seconds", type=float, default=30.0, help="audio of each stream")
    parser.add_argument("--warm-up-seconds", type=float, default=2.0)
    parser.add_argument("--generators", type=int, default=1, help="processes that play")
    parser.add_argument("--ghz", type=Path, help="the program; its runs are left out without it")
    parser.add_argument("--only-ghz", action="store_true", help="no streams of our own")
    parser.add_argument("--short", action="store_true", help="ghz: a few seconds, a few streams")
    parser.add_argument("--json", type=Path, default=OUT / "load.json")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


async def _measure_all(options: argparse.Namespace) -> list[Measurement]:
    rows = []
    for stream_count in options.streams:
        load = Load(stream_count, options.seconds, options.warm_up_seconds, options.generators)
        rows += [await measure(server, load) for server in (PRACTICE, ECHO)]
    return rows
