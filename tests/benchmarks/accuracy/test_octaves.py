import pytest

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.octaves import band_of, level_name, octave_table
from tests.benchmarks.accuracy.corpora import comparison_of, steady_clip, windows_at


@pytest.mark.parametrize(
    ("bpm", "band"),
    [(48, "below 60"), (59.9, "below 60"), (60, "60-90"), (90, "90-120"), (120, "120-160"),
     (160, "from 160"), (240, "from 160")],
)  # fmt: skip
def test_a_clip_falls_into_the_band_of_its_tempo(bpm: float, band: str) -> None:
    assert band_of(steady_clip(bpm)) == band


@pytest.mark.parametrize(
    ("said_bpm", "name"),
    [(120, "right"), (240, "twice"), (360, "thrice"), (60, "half"), (40, "a third"),
     (160, "other"), (124, "right"), (126, "other")],
)  # fmt: skip
def test_the_level_of_a_clip_is_that_of_its_median_tempo(said_bpm: float, name: str) -> None:
    windows = (*windows_at(said_bpm), (29.9, 77.0))
    assert level_name(steady_clip(120.0), Answer("clip", windows=windows)) == name


def test_no_claim_is_no_level() -> None:
    assert level_name(steady_clip(), Answer("clip")) == "none"


def test_the_table_counts_clips_and_windows_by_band() -> None:
    clips = [steady_clip(48.0, name="a"), steady_clip(50.0, name="b"), steady_clip(100.0, name="c")]
    half_and_half = tuple((6.0 + i, 96.0 if i % 2 else 48.0) for i in range(11))
    answers = [
        Answer("a", windows=half_and_half),  # at the median right, five of eleven windows are not
        Answer("b", windows=windows_at(100.0, 16.5)),  # 22 judged windows, all of them wrong
        Answer("c", windows=windows_at(100.0)),
    ]
    table = octave_table(comparison_of(clips, practice=answers))
    assert [row[:3] for row in table.rows] == [
        ["below 60", "practice", "2"],
        ["90-120", "practice", "1"],
    ]
    slow = dict(zip(table.header, table.rows[0], strict=True))
    assert (slow["right"], slow["twice"], slow["half"]) == (".500", ".500", ".000")
    assert slow["windows"] == f"{100 * 27 / 33:.1f} %"
    assert table.rows[1][-1] == "0.0 %"
