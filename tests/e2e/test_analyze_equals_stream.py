"""`practice analyze` says exactly what a live stream of the same file says."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

from practice.media import bundled_performance
from tests.gateway.processes import environment, served

if TYPE_CHECKING:
    from pathlib import Path


async def lines_of(arguments: list[str], env: dict[str, str]) -> list[dict[str, Any]]:
    """Run `practice …` and return its JSON lines."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "practice.cli.main",
        *arguments,
        env=env,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return [json.loads(line) for line in out.decode().splitlines()]


async def test_windows_and_beats_are_the_same_with_and_without_a_server(tmp_path: Path) -> None:
    env = environment(tmp_path)
    asked = [str(bundled_performance("student")), "--target", "80", "--json", "--beats"]

    alone = await lines_of(["analyze", *asked], env)
    async with served("--grpc-port", "0", env=env) as (_, address):
        served_lines = await lines_of(["stream", *asked, "--fast", "--server", address], env)

    def windows(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = [line["window"] for line in lines if "window" in line]
        return [{k: v for k, v in window.items() if k != "dropped_windows"} for window in found]

    def beats(lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        found = [line["beat"] for line in lines if "beat" in line]
        return [(b["seconds"], b.get("offset_ms"), b["confidence"]) for b in found]

    assert len(windows(alone)) > 60
    assert len(beats(alone)) > 30
    assert beats(served_lines) == beats(alone)
    by_end = {window["end_sample"]: window for window in windows(alone)}
    for window in windows(served_lines):
        assert window == by_end[window["end_sample"]]
    last = [line["summary"] for line in (alone[-1], served_lines[-1])]
    last[0].pop("cpu_seconds")
    assert last[0] == last[1]
