"""What a stream costs: ``python -m benchmarks.throughput``.

Processor time per stage and per stream, beside other trackers in the same run; memory per stream;
time from starting the server until it serves.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import signal

from analysis_engine.tracking.tracker import warm_up
from analysis_engine.training.bundled import make
from benchmarks.footprint import memory_in_fresh_process, start_to_serving_s
from benchmarks.stages import Material, stage_costs, stream_cost
from benchmarks.yardsticks import yardsticks

OUT: Final = Path(__file__).parent / "out"
MICROPHONE_RATE_HZ: Final = 48_000
RATES_HZ: Final = (16_000, 22_050, 44_100, 48_000)
US_PER_CORE: Final = 1e6


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-server", action="store_true", help="leave the server's start out")
    parser.add_argument("--json", type=Path, default=OUT / "throughput.json")
    options = parser.parse_args(arguments)
    warm_up()
    music = music_at(MICROPHONE_RATE_HZ)
    report: dict[str, Any] = {"machine": platform.processor() or platform.machine()}
    report["stages"] = _print_stages(music, options.repeats)
    report["streams"] = _print_streams(options.repeats)
    report["beside"] = _print_yardsticks(music, sum(report["stages"].values()), options.repeats)
    report["memory"] = memory_in_fresh_process(music)
    print("\nmemory of a stream: " + _listed(report["memory"], "{:.1f}"))
    if not options.no_server:
        report["start"] = _starts()
        print("start to SERVING: " + _listed(report["start"], "{:.2f}"))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"JSON: {options.json}")


def music_at(sample_rate_hz: int) -> Material:
    """Return the steady bundled performance at a rate."""
    performance = make("steady")
    common = int(np.gcd(sample_rate_hz, performance.sample_rate_hz))
    sound = signal.resample_poly(
        performance.audio, sample_rate_hz // common, performance.sample_rate_hz // common
    )
    return Material("music", _pcm16(sound), sample_rate_hz)


def _pcm16(sound: Any) -> Any:
    return np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16)


def materials() -> list[Material]:
    """Music at every usual rate, and what tends to be slow: silence, a dying tone, noise."""
    rng = np.random.default_rng(1)
    count = 30 * MICROPHONE_RATE_HZ
    time_s = np.arange(count) / MICROPHONE_RATE_HZ
    dying = np.sin(2 * np.pi * 440 * time_s) * np.exp(-time_s)
    sounds = {
        "silence": np.zeros(count),
        "dying tone": dying,
        "noise": 0.1 * rng.standard_normal(count),
    }
    return [music_at(rate_hz) for rate_hz in RATES_HZ] + [
        Material(name, _pcm16(sound), MICROPHONE_RATE_HZ) for name, sound in sounds.items()
    ]


def _print_stages(music: Material, repeats: int) -> dict[str, float]:
    costs = stage_costs(music, repeats)
    total = sum(costs.values())
    print(f"µs of processor time per second of audio ({music.sample_rate_hz} Hz, mono, 16 bit)")
    for name, cost in costs.items():
        print(f"  {name:<18} {cost:8.0f}   {100 * cost / total:5.1f} %")
    print(f"  {'whole stream':<18} {total:8.0f}   = {100 * total / US_PER_CORE:.3f} % of a core,")
    print(f"  {'':<18}            {US_PER_CORE / total:.0f} streams would fill one")
    return costs


def _print_streams(repeats: int) -> dict[str, float]:
    print("\nwhole stream, µs per second of audio")
    costs = {}
    for material in materials():
        name = f"{material.name} {material.sample_rate_hz} Hz"
        costs[name] = stream_cost(material, repeats)
        print(f"  {name:<18} {costs[name]:8.0f}")
    return costs


def _print_yardsticks(music: Material, ours: float, repeats: int) -> dict[str, float]:
    print("\nbeside, in the same run (µs per second of audio; x = times the whole stream)")
    costs = yardsticks(music, repeats)
    for name, cost in costs.items():
        print(f"  {name:<18} {cost:8.0f}   {cost / ours:6.2f} x")
    return costs


def _starts() -> dict[str, float]:
    """Start without compiled kernels, then with: the better of three, as others use the machine."""
    with tempfile.TemporaryDirectory() as folder:
        cold_s = start_to_serving_s(Path(folder))
        warm_s = min(start_to_serving_s(Path(folder)) for _ in range(3))
    return {"cold kernel cache s": cold_s, "warm s": warm_s}


def _listed(figures: dict[str, float], pattern: str) -> str:
    return ", ".join(f"{name} {pattern.format(value)}" for name, value in figures.items())


if __name__ == "__main__":
    main()
