import numpy as np
import pytest

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.recovery import all_recoveries_s, recoveries_s, recovery_table
from tests.benchmarks.accuracy.corpora import comparison_of, steady_clip, windows_at

BEATS_S = np.arange(0.5, 30.0, 0.5)
JUMP = steady_clip(
    name="jump",
    tempo=np.stack([BEATS_S, np.where(BEATS_S < 15.0, 100.0, 120.0)], axis=1),
    changes_s=(15.0,),
)
PAUSE = steady_clip(name="pause", gaps_s=((10.0, 13.0), (20.0, 22.0)))


def late_by(seconds: float) -> Answer:
    windows = [(float(t), 120.0 if t >= 15 + seconds else 100.0) for t in np.arange(6, 30, 0.5)]
    return Answer("jump", windows=tuple(windows))


def test_turns_are_told_apart() -> None:
    assert recoveries_s(JUMP, late_by(3.0)) == {"jump": [3.0], "pause": []}
    # Windows in the second after a pause are not judged.
    steady_on = Answer("pause", windows=windows_at(120.0))
    assert recoveries_s(PAUSE, steady_on) == {"jump": [], "pause": [1.0, 1.0]}


def test_never_is_sixteen_seconds() -> None:
    assert recoveries_s(JUMP, Answer("jump", windows=windows_at(77.0)))["jump"] == [16.0]
    assert recoveries_s(JUMP, Answer("jump"))["jump"] == [16.0]


def test_the_table_holds_the_median_and_the_slowest_tenth() -> None:
    clips = [
        steady_clip(name=str(i), tempo=JUMP.tempo, changes_s=JUMP.changes_s) for i in range(11)
    ]
    times_s = [1.0] * 6 + [2.0, 3.0, 4.0, 5.0, 40.0]
    answers = [
        Answer(clip.name, windows=late_by(time_s).windows)
        for clip, time_s in zip(clips, times_s, strict=True)
    ]
    comparison = comparison_of([*clips, steady_clip(name="no turn")], practice=answers)
    assert sorted(all_recoveries_s(comparison, "practice")["jump"])[-2:] == [5.0, 16.0]
    (row,) = recovery_table(comparison).rows
    assert row == ["jump", "practice", "11", "1.0", "5.0", "3.3", "9 %"]
    assert np.mean([*times_s[:-1], 16.0]) == pytest.approx(3.27, abs=0.01)
