from __future__ import annotations

import numpy as np
import pytest

from analysis_engine.tracking import grid_line
from analysis_engine.tracking.timing import PlacedOnset, PlayersGrid

PERIOD_S = 0.6
#: Eighths, a quarter, a dotted pair and sixteenths: positions in a bar of four.
RHYTHM = (0.0, 0.5, 1.0, 2.0, 2.75, 3.0, 3.25, 3.5)


def bars(count: int, rhythm: tuple[float, ...] = RHYTHM) -> np.ndarray:
    """Positions in beats."""
    return np.concatenate([np.array(rhythm) + 4 * bar for bar in range(count)])


def placed(onsets_s: np.ndarray, period_s: float = PERIOD_S) -> list[PlacedOnset | None]:
    grid = PlayersGrid()
    return [grid.place(float(at_s), period_s) for at_s in onsets_s]


def late_s(answers: list[PlacedOnset | None]) -> np.ndarray:
    return np.array([np.nan if a is None or a.late_s is None else a.late_s for a in answers])


class OneKalmanFilter:
    """One model of the line, by the book (matrices), without clipping."""

    def __init__(self, model: np.ndarray, onset_s: float, period_s: float) -> None:
        self.wander, self.uneven_s = model
        self.state = np.array([onset_s, period_s])
        self.spread = np.diag([self.uneven_s**2, (0.02 * period_s) ** 2])

    def read(self, row: np.ndarray, value: float, variance: float) -> tuple[float, float]:
        error = value - row @ self.state
        total = row @ self.spread @ row + variance
        gain = self.spread @ row / total
        self.state = self.state + gain * error
        self.spread = self.spread - np.outer(gain, row @ self.spread)
        return error, total

    def hear(self, onset_s: float, beats: float, moved: float, period_s: float) -> float:
        wander = (self.wander * self.state[1]) ** 2 * beats
        move = np.array([[1.0, beats], [0.0, 1.0]])
        self.state = move @ self.state
        self.spread = move @ self.spread @ move.T + wander * np.array(
            [[beats**2 / 3, beats / 2], [beats / 2, 1.0]]
        )
        own_period_s = self.state[1]
        self.read(np.array([0.0, 1.0]), period_s, (0.2 * own_period_s) ** 2 / beats)
        late = moved * self.state[1]
        error, total = self.read(np.array([1.0, 0.0]), onset_s - late, self.uneven_s**2)
        return float(error * self.uneven_s / np.sqrt(total))


@pytest.mark.parametrize("model", range(len(grid_line.MODELS)))
def test_a_line_is_a_kalman_filter(model: int) -> None:
    rng = np.random.default_rng(3)
    line = np.zeros((len(grid_line.MODELS), grid_line.LINE_SIZE))
    grid_line.begin_line(line, line, 0.0, PERIOD_S)
    by_the_book = OneKalmanFilter(grid_line.MODELS[model], 0.0, PERIOD_S)
    only = np.zeros(len(grid_line.MODELS))
    only[model] = 1.0
    at_s = 0.0
    for beats in (1.0, 0.5, 0.25, 1.25, 2.0, 0.5):
        # Small enough that nothing is clipped.
        at_s += beats * PERIOD_S + rng.normal(0, 0.001)
        said_s = grid_line.pull_line(line, only, at_s, beats, 0.01, PERIOD_S)
        assert said_s == pytest.approx(by_the_book.hear(at_s, beats, 0.01, PERIOD_S), rel=1e-6)
    assert line[model, :2] == pytest.approx(by_the_book.state)
    assert line[model, 2:5] == pytest.approx(
        [by_the_book.spread[0, 0], by_the_book.spread[0, 1], by_the_book.spread[1, 1]]
    )


def test_exact_playing_is_never_late() -> None:
    answers = placed(bars(8) * PERIOD_S + 0.3)

    assert all(a is not None for a in answers)
    assert np.nanmax(np.abs(late_s(answers))) < 1e-3


@pytest.mark.parametrize("jitter_ms", [10, 20])
def test_lateness_follows_the_player_and_spreads_as_much(jitter_ms: int) -> None:
    rng = np.random.default_rng(11)
    positions = bars(60)
    jitter_s = rng.normal(0, jitter_ms / 1000, positions.size)

    said_s = late_s(placed(positions * PERIOD_S + jitter_s))[20:]

    known = np.isfinite(said_s)
    assert known.mean() > 0.9
    assert np.corrcoef(said_s[known], jitter_s[20:][known])[0, 1] > 0.9
    assert np.std(said_s[known]) == pytest.approx(jitter_ms / 1000, rel=0.15)


def test_it_does_not_matter_where_in_the_beat_the_grid_begins() -> None:
    rng = np.random.default_rng(12)
    positions = bars(20)
    onsets_s = positions * PERIOD_S + rng.normal(0, 0.01, positions.size)

    whole = late_s(placed(onsets_s))[40:]
    from_an_offbeat = late_s(placed(onsets_s[1:]))[39:]

    both = np.isfinite(whole) & np.isfinite(from_an_offbeat)
    assert both.mean() > 0.9
    assert from_an_offbeat[both] == pytest.approx(whole[both], abs=0.004)


def test_a_tempo_that_moves_is_no_unevenness() -> None:
    positions = bars(14)
    # 8 % faster in 30 s.
    onsets_s = positions * PERIOD_S * (1 - 0.04 * positions / 50)

    answers = placed(onsets_s)

    assert np.nanstd(late_s(answers)[20:]) < 0.004
    periods_s = [a.period_s for a in answers if a is not None]
    assert periods_s[-1] == pytest.approx(PERIOD_S * (1 - 0.08 * positions[-1] / 50), rel=0.01)


def test_swung_eighths_are_not_uneven_playing() -> None:
    rng = np.random.default_rng(13)
    positions = np.arange(0, 60, 0.5)
    swung = positions + 0.08 * (positions % 1 > 0)
    jitter_s = rng.normal(0, 0.01, positions.size)

    said_s = late_s(placed(swung * PERIOD_S + jitter_s))[40:]

    assert np.nanstd(said_s) == pytest.approx(0.01, rel=0.3)


def test_a_stray_onset_has_no_place_and_costs_its_neighbours_nothing() -> None:
    onsets_s = np.arange(24) * PERIOD_S
    with_stray = np.sort(np.append(onsets_s, onsets_s[16] + 0.4 * PERIOD_S))

    answers = placed(with_stray)

    assert answers[17] is None
    assert np.nanmax(np.abs(late_s(answers))) < 2e-3


def test_intervals_are_of_one_beat_whatever_lies_between() -> None:
    answers = placed(bars(8) * PERIOD_S)

    intervals_s = [a.beat_s for a in answers if a is not None and a.beat_s is not None]
    # Of a bar's onsets 0 (from 3 of the bar before), 0.5 (from 3.5), 1, 2 and 3 follow another
    # after one beat; of the first bar's only 1, 2 and 3.
    assert len(intervals_s) == 5 * 8 - 2
    assert intervals_s == pytest.approx([PERIOD_S] * len(intervals_s), abs=1e-9)


def test_after_a_pause_and_at_a_new_tempo_a_new_grid_answers() -> None:
    first_s = np.arange(20) * PERIOD_S
    second_s = first_s[-1] + 3.37 + np.arange(20) * 0.45
    grid = PlayersGrid()
    before = [grid.place(float(at_s), PERIOD_S) for at_s in first_s]
    after = [grid.place(float(at_s), 0.45) for at_s in second_s]

    assert before[-1] is not None
    assert after[-1] is not None
    assert after[-1].grid_number != before[-1].grid_number
    assert np.nanmax(np.abs(late_s(after)[8:])) < 2e-3
    assert after[-1].period_s == pytest.approx(0.45, rel=0.005)


def test_breaking_off_begins_a_new_grid() -> None:
    grid = PlayersGrid()
    for at_s in np.arange(10) * PERIOD_S:
        last = grid.place(float(at_s), PERIOD_S)
    grid.break_off()
    first = grid.place(9.77, PERIOD_S)

    assert last is not None
    assert first is not None
    assert first.grid_number != last.grid_number
    assert first.beat_s is None
    assert first.late_s is None
