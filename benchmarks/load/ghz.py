"""Runs of ghz, a load generator that knows nothing of this project, with the configurations here.

ghz reads the services by reflection, so these runs also prove that a Go client is understood.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.load.material import CLIP_S, HOP_S, STREAM_S, Material
from benchmarks.load.programs import BUILD, PRACTICE, ROOT, Server, started

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CONFIGS: Final = Path(__file__).parent / "ghz"
AUDIO_S_OF_CALL: Final = {"analyze_clip": CLIP_S, "streaming_analyze": STREAM_S}
#: Enough to see every configuration work, on a machine that does other things.
SHORT: Final = ("--duration", "4s", "--concurrency", "10", "--connections", "1", "--rps", "3")
#: ghz does not come back when it is sent away, and opens without looking how the server fares.
_PATIENT: Final = {"PRACTICE_MAX_LAG_SECONDS": "10"}


@dataclass(frozen=True, slots=True)
class GhzRun:
    """What ghz saw with one configuration; latencies are those of whole calls, in ms.

    Parameters
    ----------
    statuses
        Calls by the status that they ended with.
    window_count, expected_window_count
        Windows received, and those that the audio of the calls makes; None where ghz's log, which
        keeps the first hundred of its lines a second, can't tell.
    """

    name: str
    concurrency: int
    calls_per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    statuses: dict[str, int]
    window_count: int | None
    expected_window_count: int

    @property
    def is_sound(self) -> bool:
        """Whether every call ended with OK and every window came."""
        is_whole = self.window_count in {None, self.expected_window_count}
        return set(self.statuses) == {"OK"} and is_whole


async def run_ghz(ghz: Path, options: Sequence[str] = ()) -> list[GhzRun]:
    """Run every configuration against a server of its own.

    Parameters
    ----------
    ghz
        The program.
    options
        Of ghz; they win over the configurations.

    Raises
    ------
    RuntimeError
        When ghz fails; the text is what it said.
    """
    Material.music().write_ghz_payloads(BUILD)
    server = Server(PRACTICE.name, PRACTICE.arguments, {**PRACTICE.settings, **_PATIENT})
    async with started(server) as (address, _):
        return [await _run(ghz, name, address, options) for name in AUDIO_S_OF_CALL]


async def _run(ghz: Path, name: str, address: str, options: Sequence[str]) -> GhzRun:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        process = await asyncio.create_subprocess_exec(
            ghz,
            *("--config", CONFIGS / f"{name}.json", "--format", "json", "--debug", log),
            *options,
            address,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"ghz: {(err or out).decode().strip()}")
        window_count = None
        if options == SHORT:
            with log.open(encoding="utf-8") as lines:
                window_count = count_windows(lines)
    return to_run(name, json.loads(out), window_count)


def to_run(name: str, report: dict[str, Any], window_count: int | None) -> GhzRun:
    """Return what ghz's JSON report says, beside the windows counted in its log."""
    statuses = report["statusCodeDistribution"]
    latencies_ms = {
        item["percentage"]: item["latency"] / 1e6 for item in report["latencyDistribution"] or ()
    }
    return GhzRun(
        name=name,
        concurrency=report["options"]["concurrency"],
        calls_per_s=report["rps"],
        p50_ms=latencies_ms.get(50, float("nan")),
        p99_ms=latencies_ms.get(99, float("nan")),
        max_ms=report["slowest"] / 1e6,
        statuses=statuses,
        window_count=window_count,
        expected_window_count=statuses.get("OK", 0) * round(AUDIO_S_OF_CALL[name] / HOP_S),
    )


def count_windows(log_lines: Iterable[str]) -> int:
    """Count the windows in what ghz's debug log says was received.

    The log writes an answer as JSON or as protobuf's text, by the kind of call; either way the
    name of this field, which nothing but a window has, stands in it once for every window.
    """
    return sum(line.count("end_sample") for line in log_lines if '"message":"Receive' in line)


def ghz_line(run: GhzRun) -> str:
    """Return one run as a line for a person."""
    statuses = ", ".join(f"{count} {status}" for status, count in run.statuses.items())
    windows = "?" if run.window_count is None else run.window_count
    return (
        f"ghz {run.name:<18} {run.concurrency:4d} at once, {run.calls_per_s:6.1f} calls/s, whole "
        f"call p50 {run.p50_ms:.0f} p99 {run.p99_ms:.0f} max {run.max_ms:.0f} ms, "
        f"windows {windows}/{run.expected_window_count}, {statuses}"
    )
