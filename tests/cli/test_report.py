"""JSON lines: their keys, their order, their beats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from practice.analysis.v1 import analysis_pb2 as pb
from practice.cli.lines import event_text, window_text
from practice.cli.options import OutputOptions
from practice.cli.performance import BeatLog, Performance
from practice.cli.report import Report, write_files
from practice.cli.words import clock_text, mood_word, state_words
from tests.cli.results import SAMPLE_RATE_HZ, performance, summary

if TYPE_CHECKING:
    from pathlib import Path

BEATS_JSON = OutputOptions(as_json=True, with_beats=True)


def beat(index: int, sample: int, *, final: bool = False, **more: float) -> pb.Beat:
    return pb.Beat(beat_index=index, sample=sample, final=final, **more)  # type: ignore[arg-type]


def reported(options: OutputOptions, **how: object) -> list[dict[str, dict[str, object]]]:
    """One window, three beats (the last without a final record), an event, and the summary."""
    lines: list[str] = []
    report = Report(
        Performance("x", SAMPLE_RATE_HZ),
        options,
        lines.append,
        file_name="a/x.wav" if how.get("file") else None,
        with_events=bool(how.get("events")),
    )
    report.take(beat(0, 200), 300)
    report.take(pb.WindowResult(end_sample=500, state=pb.WINDOW_STATE_WARMING))
    report.take(beat(1, 700), 650)
    report.take(beat(0, 205, final=True, offset_ms=-4.0, strength=0.5), 520)
    report.take(pb.StreamEvent(sample=800, kind=pb.EVENT_KIND_GAP))
    report.take(beat(2, 1_200), 1_250)
    report.take(beat(1, 703, final=True, beat_in_bar=2), 900)
    report.take(summary(), cpu_seconds=0.25)
    return [json.loads(line) for line in lines]


def test_every_line_has_one_key_and_the_summary_is_last() -> None:
    lines = reported(BEATS_JSON)
    assert [next(iter(line)) for line in lines] == ["window", "beat", "beat", "beat", "summary"]
    assert all(len(line) == 1 for line in lines)
    assert lines[-1]["summary"]["cpu_seconds"] == 0.25


def test_a_beat_is_where_it_was_first_told_with_the_offset_of_its_final_record() -> None:
    first, second, last = (line["beat"] for line in reported(BEATS_JSON) if "beat" in line)
    assert first == {
        "seconds": 0.2,
        "told_seconds": 0.3,
        "offset_ms": -4.0,
        "beat_in_bar": 0,
        "strength": 0.5,
        "confidence": 0.0,
    }
    assert (second["seconds"], second["told_seconds"], second["beat_in_bar"]) == (0.7, 0.65, 2)
    assert "offset_ms" not in second
    # Its final record never came: told before the summary, without an offset.
    assert (last["seconds"], last["told_seconds"]) == (1.2, 1.25)


def test_windows_have_their_times_in_seconds() -> None:
    (window,) = (line["window"] for line in reported(BEATS_JSON) if "window" in line)
    assert (window["start_seconds"], window["end_seconds"]) == (0.0, 0.5)
    assert window["state"] == "WARMING"


def test_beats_and_events_only_when_asked() -> None:
    keys = {next(iter(line)) for line in reported(OutputOptions(as_json=True))}
    assert keys == {"window", "summary"}
    events = [line["event"] for line in reported(BEATS_JSON, events=True) if "event" in line]
    assert events == [{"sample": 800, "kind": "GAP", "detail": "", "seconds": 0.8}]


def test_the_file_is_named_when_there_are_several() -> None:
    assert all(line["file"] == "a/x.wav" for line in reported(BEATS_JSON, file=True))  # type: ignore[comparison-overlap]


def test_nothing_is_printed_without_json() -> None:
    assert reported(OutputOptions(with_beats=True)) == []


def test_told_seconds_are_left_out_where_they_are_not_known() -> None:
    log = BeatLog(SAMPLE_RATE_HZ)
    assert log.take(beat(0, 100)) is None
    row = log.take(beat(0, 101, final=True))
    assert row is not None
    assert row.told_seconds is None


def test_plain_lines_say_what_is_known() -> None:
    known, unknown = performance().windows[2], performance().windows[0]
    text = window_text(known, SAMPLE_RATE_HZ)
    for word in ("0:01.5", "following you", "106.0 bpm", "+6.0 %", "accuracy  80", "neutral"):
        assert word in text
    assert window_text(unknown, SAMPLE_RATE_HZ) == "0:00.5  no clear pulse"
    event = pb.StreamEvent(sample=61_500, kind=pb.EVENT_KIND_TOO_QUIET, detail="move closer")
    assert event_text(event, SAMPLE_RATE_HZ) == "1:01.5  too quiet: move closer"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (59.96, "1:00.0"), (61.24, "1:01.2"), (3_600, "60:00.0")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_every_state_and_mood_has_a_word() -> None:
    states = [value for value in pb.WindowState.values() if value]
    assert len({state_words(state) for state in states}) == len(states)
    moods = [value for value in pb.Expression.values() if value]
    assert len({mood_word(mood) for mood in moods} - {""}) == len(moods)


def test_pictures_of_several_performances_have_names_of_their_own(tmp_path: Path) -> None:
    options = OutputOptions(plot_path=tmp_path / "p.svg")
    write_files([performance(), performance()], options)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "p-1-waltz.svg",
        "p-2-waltz.svg",
    ]
