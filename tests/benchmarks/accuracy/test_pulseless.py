import pytest

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.pulseless import kind_of, locked_counts, locked_share, pulseless_table
from tests.benchmarks.accuracy.corpora import pulseless_clip, steady_clip


def heard(name: str, locked: int, others: int) -> Answer:
    states = ["locked"] * locked + ["lost"] * others
    return Answer(name, window_states=tuple((float(t), s) for t, s in enumerate(states)))


PAIRS = [
    (pulseless_clip(name="1", scenario="speech_1"), heard("1", 1, 99)),
    (pulseless_clip(name="2", scenario="speech_2"), heard("2", 0, 50)),
    (pulseless_clip(name="3", scenario="hum"), heard("3", 3, 47)),
    (steady_clip(name="music"), heard("music", 50, 0)),
]


def test_a_number_does_not_make_a_kind() -> None:
    named = [kind_of(clip) for clip, _ in PAIRS[:3]]
    assert named == ["speech", "speech", "hum"]


def test_windows_are_counted_by_kind_where_there_is_no_pulse() -> None:
    counts = locked_counts(PAIRS)
    assert counts == {"hum": (1, 50, 3), "speech": (2, 150, 1)}
    assert locked_share(counts) == pytest.approx(4 / 200)
    assert locked_share({}) is None


def test_the_table_has_a_column_per_mode() -> None:
    counts = locked_counts(PAIRS)
    none = {kind: (clips, windows, 0) for kind, (clips, windows, _) in counts.items()}
    table = pulseless_table({"with target": counts, "no target": none})
    assert table.header == ("sound", "clips", "windows", "with target", "no target")
    assert table.rows == [
        ["hum", "1", "50", "6.00 %", "0.00 %"],
        ["speech", "2", "150", "0.67 %", "0.00 %"],
        ["all", "3", "200", "2.00 %", "0.00 %"],
    ]
    assert not pulseless_table({"with target": {}}).rows
