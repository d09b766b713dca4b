import numpy as np

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.timing import timing_table
from tests.benchmarks.accuracy.corpora import comparison_of, steady_clip


def test_timing_is_shown_for_all_and_by_scenario_and_instrument() -> None:
    clips = [
        steady_clip(name="a", scenario="jit10", instrument="piano", timing_sd_ms=10.0),
        steady_clip(name="b", scenario="jit20", instrument="piano", timing_sd_ms=20.0),
        steady_clip(name="c", scenario="jit20", instrument="flute", timing_sd_ms=20.0),
        steady_clip(name="human", part="a", timing_sd_ms=None),
    ]
    said_ms = {"a": 11.0, "b": 22.0, "c": 32.0, "human": 50.0}
    ours = [Answer(name, timing_sd_ms=ms, accuracy=97.0) for name, ms in said_ms.items()]
    theirs = [Answer("a", tuple(np.arange(0.5, 30, 0.5)))]
    table = timing_table(comparison_of(clips, practice=ours, peer=theirs))
    cells = {(row[0], row[1]): row[2:] for row in table.rows}
    assert list(cells) == [
        ("all", "practice"),
        ("all", "peer"),
        ("b:jit10", "practice"),
        ("b:jit20", "practice"),
        ("b:flute", "practice"),
        ("b:piano", "practice"),
    ]
    assert cells["all", "practice"] == ["3", "5.0", "2.0", "-", "-", "3.0", "3.0"]
    assert cells["all", "peer"][:2] == ["1", "10.0"]  # its beats are perfectly even
    assert cells["b:jit20", "practice"][:3] == ["2", "7.0", "7.0"]
    assert cells["b:piano", "practice"][1] == "1.5"


def test_without_exact_truth_there_is_no_timing() -> None:
    clips = [steady_clip(part="g", timing_sd_ms=None)]
    assert not timing_table(comparison_of(clips, practice=[Answer("clip")])).rows
