import numpy as np

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.goals import goal_table, mode_goals, peer_goals, pulseless_goals
from tests.benchmarks.accuracy.corpora import comparison_of, steady_clip, windows_at

RUSH = steady_clip(name="rush", scenario="rush")
STEADY = steady_clip(name="steady")


def hits(clip: str, every: int) -> Answer:
    """Beats of which every n-th is right, the others 100 ms late; its windows are right."""
    beats_s = steady_clip().beats_s
    late_s = np.where(np.arange(len(beats_s)) % every, 0.1, 0.0)
    return Answer(clip, tuple(beats_s + late_s), windows=windows_at(120.0))


def reached(ours: int, theirs: int, *, clip: str = "rush", with_target: bool = True) -> list[bool]:
    comparison = comparison_of(
        [RUSH, STEADY], with_target, practice=[hits(clip, ours)], peer=[hits(clip, theirs)]
    )
    return [goal.reached for goal in peer_goals(comparison)]


def test_being_ahead_of_a_peer_is_more_than_a_tie() -> None:
    assert reached(2, 2, with_target=False) == [False, True]
    assert reached(2, 3, with_target=False) == [True, True]
    assert reached(3, 2, with_target=False) == [False, True]


def test_a_tie_with_a_nearly_perfect_peer_is_enough() -> None:
    assert reached(1, 1) == [True, True]
    assert reached(1, 1, clip="steady") == [True, True]


def test_on_moving_tempo_with_a_target_the_lead_has_to_be_clear() -> None:
    assert reached(19, 20) == [False, True]  # ahead, but by less than .05
    assert reached(19, 20, with_target=False) == [True, True]
    assert reached(2, 20) == [True, True]


def test_goals_that_no_peer_sets() -> None:
    jumped = steady_clip(name="jump", changes_s=(15.0,), timing_sd_ms=10.0)
    beats_s = tuple(jumped.beats_s)
    late_s = tuple(beat_s + 0.02 for beat_s in beats_s)
    ours = Answer(
        "jump", beats_s, late_s, windows=windows_at(120.0), cpu_s=0.03, timing_sd_ms=15.0,
        accuracy=98.0,
    )  # fmt: skip
    goals = {goal.name: goal for goal in mode_goals(comparison_of([jumped], practice=[ours]))}
    assert {name: (goal.now, goal.reached) for name, goal in goals.items()} == {
        "clips at a wrong level, with target": ("0", True),
        "median sdMAE": ("5.0 ms", False),
        "mean accE": ("2.0 points", True),
        "mean recovery, with target": ("0.0 s", True),
        "90 % of beats told, with target": ("20.0 ms after", False),
        "processor, with target": ("0.100 %", True),
    }


def test_one_octave_error_with_a_target_is_too_many() -> None:
    twice = comparison_of([STEADY], practice=[Answer("steady", windows=windows_at(240.0))])
    (goal,) = [goal for goal in mode_goals(twice) if "level" in goal.name]
    assert (goal.now, goal.reached) == ("1", False)


def test_one_window_in_a_hundred_may_be_locked_without_a_pulse() -> None:
    counts = {"with target": {"hum": (1, 100, 1)}, "no target": {"hum": (1, 100, 2)}, "x": {}}
    goals = pulseless_goals(counts)
    assert [(goal.now, goal.reached) for goal in goals] == [("1.00 %", True), ("2.00 %", False)]
    assert goal_table(goals).rows[1][-1] == "**not reached**"
