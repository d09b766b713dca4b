"""The live view: what it draws at 80 by 24, and what it prints where it can't draw."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console, Group

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client.beat_clock import BeatClock, BeatSchedule
from practice_client.dashboard import HEIGHT, WIDTH, Dashboard
from practice_client.digits import large_number
from practice_client.faces import WIDTH as FACE_WIDTH
from practice_client.faces import face_lines
from practice_client.gauges import bar, needle
from practice_client.live_view import can_draw
from practice_client.snapshot import save_snapshot
from practice_client.tempo_chart import tempo_chart

if TYPE_CHECKING:
    from pathlib import Path

MOODS = {
    pb.EXPRESSION_HAPPY: ("#4CAF50", 95.0, "happy"),
    pb.EXPRESSION_NEUTRAL: ("#2196F3", 80.0, "neutral"),
    pb.EXPRESSION_ANNOYED: ("#FF9800", 65.0, "annoyed"),
    pb.EXPRESSION_ANGRY: ("#F44336", 30.0, "angry"),
}


def window(expression: pb.Expression) -> pb.WindowResult:
    color, accuracy, _ = MOODS[expression]
    result = pb.WindowResult(
        end_sample=80_000,
        state=pb.WINDOW_STATE_LOCKED,
        bpm=103.4,
        raw_bpm=51.7,
        metrical_ratio=0.5,
        accuracy=accuracy,
        steadiness=88.0,
        deviation_percent=3.4,
    )
    result.mood.expression = expression
    result.mood.color = color
    return result


def dashboard() -> Dashboard:
    return Dashboard("waltz.wav", 8_000, target_bpm=100.0, duration_s=65.0, now_s=lambda: 1.0)


def drawn(view: Dashboard, *, color: bool = False) -> str:
    console = Console(
        width=WIDTH,
        height=HEIGHT,
        file=io.StringIO(),
        force_terminal=color,
        color_system="truecolor" if color else None,
        legacy_windows=False,
    )
    with console.capture() as capture:
        console.print(view)
    return capture.get()


@pytest.mark.parametrize("expression", MOODS)
def test_it_fits_80_by_24_and_says_everything(expression: pb.Expression) -> None:
    view = dashboard()
    view.take(window(expression))
    for index in range(30):
        view.take(pb.Beat(beat_index=index, beat_in_bar=index % 4 + 1))
    view.take(pb.StreamEvent(sample=8_000, kind=pb.EVENT_KIND_CLIPPING, detail="too loud " * 20))
    view.note = "connection lost, coming back"
    text = drawn(view)
    lines = text.splitlines()
    assert len(lines) <= HEIGHT
    assert all(len(line) <= WIDTH for line in lines)
    words = (
        "waltz.wav",
        "target 100",
        "played at 52",
        "+3.4 %",
        "following you",
        "0:10.0 of 1:05.0",
    )
    for word in (*words, MOODS[expression][2], "connection lost", "0:01.0 too loud"):
        assert word in text


@pytest.mark.parametrize("expression", MOODS)
def test_the_mood_colours_the_view_as_the_contract_says(expression: pb.Expression) -> None:
    view = dashboard()
    view.take(window(expression))
    red, green, blue = (int(MOODS[expression][0][at : at + 2], 16) for at in (1, 3, 5))
    assert f"38;2;{red};{green};{blue}" in drawn(view, color=True)


def test_every_mood_has_a_face_of_its_own() -> None:
    faces = {expression: face_lines(expression, swing=0) for expression in (None, *MOODS)}
    assert len({tuple(lines) for lines in faces.values()}) == 5
    assert all(len(line) == FACE_WIDTH for lines in faces.values() for line in lines)
    assert face_lines(None, swing=0) != face_lines(None, swing=1)


def test_nothing_is_shown_that_is_not_known() -> None:
    view = dashboard()
    view.take(pb.WindowResult(end_sample=4_000, state=pb.WINDOW_STATE_WARMING))
    text = drawn(view)
    assert "listening" in text
    assert "waiting for a pulse" in text
    assert "bpm" not in text


def test_a_beat_flashes_and_fades() -> None:
    now_s = 1.0
    view = Dashboard("x", 8_000, now_s=lambda: now_s)
    view.take(pb.Beat(beat_index=0))
    bright = drawn(view, color=True)
    now_s = 2.0
    assert drawn(view, color=True) != bright


def test_a_predicted_beat_flashes_before_word_of_it_comes() -> None:
    now_s = 10.0
    clock = BeatClock(8_000, now_s=lambda: 10.0)
    clock.hear(80_000)
    view = Dashboard("x", 8_000, now_s=lambda: now_s, schedule=BeatSchedule(clock))
    view.take(window(pb.EXPRESSION_HAPPY))
    view.take(pb.Beat(beat_index=0, sample=80_000, next_beat_sample=84_000))
    now_s = 10.4
    lights, swing = lights_of(view), drawn(view).splitlines()[1]
    now_s = 10.51
    assert lights_of(view) == lights + 1
    assert drawn(view).splitlines()[1] != swing
    view.take(pb.Beat(beat_index=1, sample=84_000, beat_in_bar=2, next_beat_sample=88_000))
    assert lights_of(view) == lights + 1


def lights_of(view: Dashboard) -> int:
    (line,) = [line for line in drawn(view).splitlines() if "beats " in line]
    return line.count("●") + line.count("◆")


def test_the_needle_moves_with_the_deviation_and_stays_on_the_scale() -> None:
    places = [needle(d, 30, has_target=True).plain.index("▲") for d in (-50, -5, 0, 5, 50)]
    assert places == sorted(set(places))
    assert all(len(needle(d, 30, has_target=True).plain) < 56 for d in (-50, 50))
    assert "--target" in needle(None, 30, has_target=False).plain


def test_bars_fill_with_their_value() -> None:
    fills = [
        bar("accuracy", value, 20, "red").plain.count("━") for value in (None, 0, 50, 100, 150)
    ]
    assert fills == [0, 0, 10, 20, 20]


def test_large_numbers() -> None:
    assert large_number(104.96).splitlines()[0].count("█") > 5
    assert len({len(line) for line in large_number(88.8).splitlines()}) == 1
    assert large_number(None) != large_number(0.0)


def test_the_chart_rises_with_the_tempo_and_keeps_holes() -> None:
    chart = tempo_chart([100.0, None, 120.0], 10, 4)
    assert chart is not None
    assert chart.bottom_bpm < 100.0
    assert chart.top_bpm > 120.0
    assert chart.target_line is None
    heights = [sum(line[column] != " " for line in chart.lines) for column in range(3)]
    assert heights[0] < heights[2]
    assert heights[1] == 0
    assert tempo_chart([None, None], 10, 4) is None


def test_the_chart_brings_a_near_target_into_sight() -> None:
    above = tempo_chart([110.0, 112.0], 10, 5, target_bpm=100.0)
    below = tempo_chart([90.0, 88.0], 10, 5, target_bpm=100.0)
    far = tempo_chart([90.0, 88.0], 10, 5, target_bpm=200.0)
    assert above is not None
    assert below is not None
    assert far is not None
    assert above.target_line == 4
    assert below.target_line == 0
    assert far.target_line is None


def test_a_larger_terminal_gets_a_larger_view() -> None:
    view = dashboard()
    view.take(window(pb.EXPRESSION_HAPPY))
    console = Console(width=120, height=40, file=io.StringIO())
    with console.capture() as capture:
        console.print(Group(view))
    lines = capture.get().splitlines()
    assert HEIGHT < len(lines) < 40
    assert {len(line) for line in lines} == {120}


def test_the_pendulum_swings_from_beat_to_beat_and_rests_without() -> None:
    view = Dashboard("x", 8_000, now_s=lambda: 1.0)
    view.take(window(pb.EXPRESSION_HAPPY))
    view.take(pb.Beat(beat_index=0))

    def bob_at(now_s: float) -> int:
        view.now_s = lambda: now_s
        return drawn(view).splitlines()[1].index("●")

    right, middle, left, rest = (bob_at(now_s) for now_s in (1.0, 1.58, 2.16, 30.0))
    assert left < middle < right
    assert rest == (left + right) // 2


def test_it_draws_only_where_it_fits() -> None:
    def console(width: int, height: int, *, terminal: bool) -> Console:
        file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        return Console(width=width, height=height, force_terminal=terminal, file=file)

    assert can_draw(console(80, 24, terminal=True))
    assert not can_draw(console(79, 24, terminal=True))
    assert not can_draw(console(80, 23, terminal=True))
    assert not can_draw(console(80, 24, terminal=False))


def test_the_picture_is_an_svg_that_loads_nothing(tmp_path: Path) -> None:
    view = dashboard()
    view.take(window(pb.EXPRESSION_ANGRY))
    path = tmp_path / "view.svg"
    save_snapshot(view, path)
    svg = path.read_text(encoding="utf-8")
    assert svg.lstrip().startswith("<svg")
    assert "waltz.wav" in svg
    assert "@font-face" not in svg
    assert "url(http" not in svg
