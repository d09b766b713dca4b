import numpy as np
import pytest

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.results import Beat, WindowResult
from benchmarks.accuracy.ablations import ablation_table
from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.comparison import Comparison
from benchmarks.accuracy.variants import ABLATIONS, WHOLE, Variant
from tests.benchmarks.accuracy.corpora import steady_clip

RATE_HZ = 16_000


def playing() -> bytes:
    """18 s of plucks: crotchets and quavers, a jump, a pause, another tempo, a few missing."""
    times_s = [*np.arange(0.5, 7, 0.3), *np.arange(7.0, 12, 0.36), *np.arange(14.1, 18, 0.225)]
    samples = np.zeros(18 * RATE_HZ)
    pluck = np.sin(np.arange(2_000) * 0.3) * np.exp(-np.arange(2_000) / 300)
    for index, at_s in enumerate(times_s):
        if index % 7 != 5:
            start = round(at_s * RATE_HZ)
            part = samples[start : start + pluck.size]
            part += (0.7 if index % 2 else 0.25) * pluck[: part.size]
    samples += 1e-3 * np.random.default_rng(3).standard_normal(samples.size)
    return (samples * 32_000).astype("<i2").tobytes()


def said_by(variant: Variant, *, with_target: bool) -> list[object]:
    config = StreamConfig(Encoding.LINEAR16, RATE_HZ, target_bpm=100.0 if with_target else None)
    tracker = variant.make_tracker(config)
    said = [*tracker.process(playing()), *tracker.finish()]
    return [
        (output.sample, output.confidence) if isinstance(output, Beat) else output
        for output in said
        if isinstance(output, Beat | WindowResult)
    ]


@pytest.mark.parametrize("variant", ABLATIONS, ids=lambda variant: variant.name)
def test_every_switch_switches_something(variant: Variant) -> None:
    with_target = bool(variant.with_target)
    whole = said_by(WHOLE, with_target=with_target)
    assert said_by(variant, with_target=with_target) != whole


@pytest.mark.parametrize(
    "variant",
    [variant for variant in ABLATIONS if variant.with_target is not None],
    ids=lambda variant: variant.name,
)
def test_a_switch_of_one_mode_does_nothing_in_the_other(variant: Variant) -> None:
    other = not variant.with_target
    assert said_by(variant, with_target=other) == said_by(WHOLE, with_target=other)


def test_names_are_not_used_twice() -> None:
    assert len({variant.name for variant in (WHOLE, *ABLATIONS)}) == 1 + len(ABLATIONS)


def test_a_field_that_does_not_exist_is_noticed() -> None:
    config = StreamConfig(Encoding.LINEAR16, RATE_HZ)
    for wrong in (
        Variant("x", {"no_such_gain": 0.0}),
        Variant("x", stream={"no_such_field": 0}),
        Variant("x", tracker={"no_such_part": None}),
    ):
        with pytest.raises(TypeError, match="no_such"):
            wrong.make_tracker(config)


def test_the_table_shows_what_a_part_gives() -> None:
    clips = [steady_clip(name="a"), steady_clip(name="g", part="g")]
    beats_s = tuple(clips[0].beats_s)
    late_s = tuple(beat_s + 0.1 for beat_s in beats_s)
    answers = {
        WHOLE.name: {"a": Answer("a", beats_s), "g": Answer("g", beats_s)},
        "no luck": {"a": Answer("a", beats_s), "g": Answer("g", late_s)},
    }
    table = ablation_table(Comparison("with target", True, clips, answers))
    whole, without = (dict(zip(table.header, row, strict=True)) for row in table.rows)
    assert (whole[""], whole["F"], whole["F g"]) == ("whole engine", "1.000", "-")
    assert (without[""], without["F"]) == ("no luck", ".500")
    assert (without["F b:fixed"], without["F g"]) == ("+.000", "-1.000")
    assert table.rows[1][2] == "-.500 [-1.000, +.000]"
