import pytest

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.beats_and_tempo import beats_and_tempo_table, lead, lead_table
from tests.benchmarks.accuracy.corpora import comparison_of, pulseless_clip, steady_clip

CLIPS = [
    steady_clip(name="a"),
    steady_clip(name="b"),
    steady_clip(name="g", part="g"),
    pulseless_clip(name="n"),
]


def beats(name: str, late_s: float, **more: object) -> Answer:
    return Answer(name, tuple(steady_clip().beats_s + late_s), **more)  # type: ignore[arg-type]


COMPARISON = comparison_of(
    CLIPS,
    practice=[beats("a", 0.0), beats("b", 0.1), beats("g", 0.0), Answer("n")],
    slow_peer=[beats("a", 0.1), beats("b", 0.1), beats("g", 0.1)],
    good_peer=[beats("a", 0.0), beats("b", 0.0), beats("g", 0.0)],
    best_offline=[beats("a", 0.0), beats("b", 0.0)],
    null_metronome=[beats("a", 0.0), beats("b", 0.0)],
)


def test_those_who_see_the_future_or_do_not_listen_are_no_causal_peers() -> None:
    assert COMPARISON.causal_peers() == ["slow_peer", "good_peer"]
    clips = COMPARISON.groups("motion")["b:fixed"]
    assert COMPARISON.best_causal_peer("F", clips) == "good_peer"
    assert COMPARISON.best_causal_peer("accE", clips) is None


def test_groups_hold_clips_with_a_pulse_in_the_order_of_their_names() -> None:
    groups = COMPARISON.groups("part")
    assert {name: [clip.name for clip in clips] for name, clips in groups.items()} == {
        "b": ["a", "b"],
        "g": ["g"],
    }
    assert list(COMPARISON.groups("part", with_pulse=False)) == ["b", "g", "n"]


def test_averages_leave_out_clips_that_do_not_have_the_figure() -> None:
    assert COMPARISON.average("practice", "F", CLIPS) == pytest.approx(2 / 3)
    assert COMPARISON.average("best_offline", "F", CLIPS) == pytest.approx(1.0)
    assert COMPARISON.average("practice", "rec", CLIPS) is None


def test_errors_that_can_be_far_out_are_averaged_by_the_median() -> None:
    windows = {"a": 121.2, "b": 122.4, "g": 240.0}
    comparison = comparison_of(
        CLIPS, practice=[Answer(name, windows=((6.0, bpm),)) for name, bpm in windows.items()]
    )
    assert comparison.average("practice", "err%", CLIPS) == pytest.approx(2.0)


def test_the_lead_is_ours_minus_the_best_peer_clip_by_clip() -> None:
    groups = COMPARISON.groups("motion")
    found = lead(COMPARISON, "F", groups["b:fixed"])
    assert found is not None
    peer, difference = found
    assert peer == "good_peer"
    assert (difference.value, difference.low, difference.high) == pytest.approx((-0.5, -1.0, 0.0))
    assert lead(comparison_of(CLIPS, practice=[beats("a", 0.0)]), "F", CLIPS) is None
    assert lead_table(COMPARISON).rows[0] == [
        "b:fixed", "F", "good_peer", ".500", "1.000", "-.500 [-1.000, +.000]"
    ]  # fmt: skip


def test_the_main_table_has_a_line_per_group_and_tracker_and_no_empty_column() -> None:
    table = beats_and_tempo_table(COMPARISON, "part")
    assert [row[:3] for row in table.rows][:2] == [["b", "practice", "2"], ["b", "slow_peer", "2"]]
    assert table.rows[0][3] == ".500 [.000, 1.000]"
    assert "cpu%" not in table.header
    assert len(table.rows) == 10
