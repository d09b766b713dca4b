import pytest

from benchmarks.accuracy.bootstrap import Interval
from benchmarks.accuracy.tables import Table, number, percent, share, with_interval


def test_a_table_is_markdown_that_is_aligned() -> None:
    table = Table("Speed", ("who", "n", "time"), [["ours", "3", "10.5"], ["x", "12", "-"]], "Note.")
    assert str(table).splitlines() == [
        "#### Speed",
        "",
        "Note.",
        "",
        "| who  |   n | time |",
        "| ---- | --: | ---: |",
        "| ours |   3 | 10.5 |",
        "| x    |  12 |    - |",
    ]


def test_columns_that_nobody_has_are_left_out() -> None:
    table = Table("", ("who", "a", "b"), [["x", "-", "1"], ["y", "-", "-"]])
    assert table.without_empty_columns().rows == [["x", "1"], ["y", "-"]]


def test_a_row_that_is_too_short_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        str(Table("", ("a", "b"), [["x"]]))


def test_a_table_without_rows_says_so() -> None:
    assert str(Table("Speed", ("a",), [])).endswith("Nothing to measure here.")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.8734, ".873"), (1.0, "1.000"), (0.0, ".000"), (-0.25, "-.250"), (None, "-")],
)
def test_shares(value: float | None, text: str) -> None:
    assert share(value) == text


def test_numbers_percentages_and_intervals() -> None:
    assert (number(2.345), number(2.345, 2, " ms"), number(None)) == ("2.3", "2.35 ms", "-")
    assert (percent(0.126), percent(0.126, 1), percent(None)) == ("13 %", "12.6 %", "-")
    interval = Interval(0.05, -0.01, 0.1)
    assert with_interval(interval) == ".050 [-.010, .100]"
    assert with_interval(interval, signed=True) == "+.050 [-.010, +.100]"
    assert with_interval(None) == "-"
