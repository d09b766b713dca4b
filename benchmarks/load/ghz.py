"""Runs of ghz, a load generator that knows nothing of this project, with the configurations here.

ghz reads the services by reflection, so these runs also prove that a Go client is understood.
"""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.load.material import CLIP_S, HOP_S, STREAM_S, Material
from benchmarks.load.programs import BUILD, PRACTICE, ROOT, Server, started

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CONFIGS: Final = Path(__file__).parent / "ghz"
AUDIO_S_OF_CALL: Final = {"analyze_clip": CLIP_S, "streaming_analyze": STREAM_S}
#: ghz's log, in which windows are counted, keeps the first hundred of its lines a second: a run is
#: shared out among so many programs side by side that each has fewer.
SHARES: Final = 5
#: Enough to see every configuration work, on a machine that does other things.
SHORT: Final = {"duration": "4s", "concurrency": 10, "connections": 5, "rps": 5}
_SHARED: Final = ("concurrency", "connections", "rps")
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
        Windows received, and those that the audio of the calls makes.
    """

    name: str
    concurrency: int
    calls_per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    statuses: dict[str, int]
    window_count: int
    expected_window_count: int

    @property
    def is_sound(self) -> bool:
        """Whether every call ended with OK and every window came."""
        is_whole = self.window_count == self.expected_window_count
        return set(self.statuses) == {"OK"} and is_whole


async def run_ghz(ghz: Path, changes: Mapping[str, Any] | None = None) -> list[GhzRun]:
    """Run every configuration against a server of its own.

    Parameters
    ----------
    ghz
        The program.
    changes
        What wins over the configurations.

    Raises
    ------
    RuntimeError
        When ghz fails; the text is what it said.
    """
    Material.music().write_ghz_payloads(BUILD)
    server = Server(PRACTICE.name, PRACTICE.arguments, {**PRACTICE.settings, **_PATIENT})
    async with started(server) as (address, _):
        return [await _run(ghz, name, address, changes or {}) for name in AUDIO_S_OF_CALL]


async def _run(ghz: Path, name: str, address: str, changes: Mapping[str, Any]) -> GhzRun:
    with tempfile.TemporaryDirectory() as folder:
        config = shared_out(json.loads((CONFIGS / f"{name}.json").read_text("utf-8")) | changes)
        path = Path(folder) / "share.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        shares = await asyncio.gather(
            *(_run_share(ghz, path, address, Path(folder) / f"log-{n}") for n in range(SHARES))
        )
    return to_run(name, [report for report, _ in shares], sum(count for _, count in shares))


def shared_out(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of each of the programs that share a run.

    Raises
    ------
    ValueError
        When something can't be shared out evenly.
    """
    share = dict(config)
    for name in _SHARED:
        share[name], rest = divmod(config[name], SHARES)
        if rest:
            raise ValueError(f"{name}={config[name]} is no multiple of {SHARES}")
    return share


async def _run_share(
    ghz: Path, config: Path, address: str, log: Path
) -> tuple[dict[str, Any], int]:
    """Return ghz's report, and the windows that it received."""
    process = await asyncio.create_subprocess_exec(
        ghz,
        *("--config", config, "--format", "json", "--debug", log),
        address,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"ghz: {(err or out).decode().strip()}")
    with log.open(encoding="utf-8") as lines:
        return json.loads(out), count_windows(lines)


def to_run(name: str, reports: Sequence[dict[str, Any]], window_count: int) -> GhzRun:
    """Return what ghz's JSON reports say together, beside the windows counted in its logs."""
    statuses: Counter[str] = Counter()
    for report in reports:
        statuses.update(report["statusCodeDistribution"])
    calls = [call for report in reports for call in report["details"] or ()]
    latencies_ms = [call["latency"] / 1e6 for call in calls if call["status"] == "OK"] or [math.nan]
    p50_ms, p99_ms, max_ms = np.percentile(latencies_ms, (50, 99, 100))
    return GhzRun(
        name=name,
        concurrency=sum(report["options"]["concurrency"] for report in reports),
        calls_per_s=sum(report["rps"] for report in reports),
        p50_ms=float(p50_ms),
        p99_ms=float(p99_ms),
        max_ms=float(max_ms),
        statuses=dict(statuses),
        window_count=window_count,
        expected_window_count=statuses["OK"] * round(AUDIO_S_OF_CALL[name] / HOP_S),
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
    return (
        f"ghz {run.name:<18} {run.concurrency:4d} at once, {run.calls_per_s:6.1f} calls/s, whole "
        f"call p50 {run.p50_ms:.0f} p99 {run.p99_ms:.0f} max {run.max_ms:.0f} ms, "
        f"windows {run.window_count}/{run.expected_window_count}, {statuses}"
    )
