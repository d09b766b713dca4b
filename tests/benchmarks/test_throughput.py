import numpy as np
import pytest

from benchmarks import yardsticks as beside
from benchmarks.footprint import memory_per_stream
from benchmarks.stages import PREFIXES, Material, stage_costs
from benchmarks.stopwatch import best_cpu_s, us_per_audio_s
from benchmarks.throughput import RATES_HZ, materials, music_at


@pytest.fixture(scope="module")
def noise() -> Material:
    samples = np.random.default_rng(1).normal(0, 3000, 32_000).astype(np.int16)
    return Material("noise", samples, 16_000)


def test_slices_are_100_ms_and_lose_nothing() -> None:
    material = Material("ramp", np.arange(10_500, dtype=np.int16), 10_000)
    slices = material.slices()
    assert [len(data) for data in slices] == [2_000] * 10 + [1_000]
    assert b"".join(slices) == material.samples.astype("<i2").tobytes()


def test_the_least_of_several_runs_is_taken_and_set_up_is_not_measured() -> None:
    lengths = iter([400_000, 0, 400_000])
    done = []

    def make_work():  # type: ignore[no-untyped-def]  # noqa: ANN202
        sum(range(200_000))
        length = next(lengths)
        return lambda: done.append(sum(range(length)))

    least_s = best_cpu_s(make_work, 3)
    assert len(done) == 3
    assert least_s < best_cpu_s(lambda: lambda: done.append(sum(range(400_000))), 1)


def test_microseconds_are_per_second_of_audio() -> None:
    assert us_per_audio_s(0.03, 30.0) == pytest.approx(1000.0)


def test_every_stage_has_a_cost_and_together_they_are_the_stream(noise: Material) -> None:
    costs = stage_costs(noise, 1)
    assert list(costs) == [*(name for name, _ in PREFIXES), "results"]
    assert sum(costs.values()) > 0
    assert costs["front end"] > 0
    assert costs["beat inference"] > 0


def test_there_is_always_something_to_stand_beside(
    noise: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "OTHER_TRACKERS", ())  # whatever this machine has installed
    costs = beside.yardsticks(noise, 1)
    assert list(costs) == ["scipy FFT loop"]
    assert costs["scipy FFT loop"] > 0


def test_memory_is_per_stream(noise: Material) -> None:
    memory = memory_per_stream(noise, count=4)
    assert 1 < memory["traced KiB"] < 1000
    assert 1 < memory["pickled KiB"] < 1000


def test_music_is_the_same_length_at_every_rate() -> None:
    lengths_s = [music_at(rate_hz).duration_s for rate_hz in RATES_HZ]
    assert lengths_s == pytest.approx([31.2] * len(RATES_HZ), abs=0.01)
    assert {material.name for material in materials()} >= {"music", "silence", "noise"}
