"""Plots, CSV files and tables show what was said."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from rich.console import Console

from practice.cli.csv_file import COLUMNS, save_csv
from practice.cli.performance import Performance
from practice.cli.plot import save_plot
from practice.cli.tables import overview_table, summary_table, tempo_history
from tests.cli.results import SAMPLE_RATE_HZ, TEMPOS_BPM, performance

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table


def shown(table: Table) -> str:
    console = Console(width=80, file=io.StringIO())
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def group_ids(path: Path) -> set[str]:
    root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - just written
    return {element.attrib["id"] for element in root.iter() if "id" in element.attrib}


def test_the_plot_has_the_curve_the_beats_and_both_kinds_of_spans(tmp_path: Path) -> None:
    path = tmp_path / "p.svg"
    save_plot(performance(), path)
    assert {"tempo", "beats", "rushed", "dragged"} <= group_ids(path)
    text = path.read_text(encoding="utf-8")
    assert "target 100 bpm" in text
    assert "waltz.wav" in text


def test_a_steady_player_has_no_coloured_spans_and_is_held_to_the_own_median(
    tmp_path: Path,
) -> None:
    steady = performance(target_bpm=None)
    for window in steady.windows:
        if window.HasField("bpm"):
            window.bpm = 101.0
    save_plot(steady, tmp_path / "p.svg")
    assert not {"rushed", "dragged"} & group_ids(tmp_path / "p.svg")
    assert "own median 100 bpm" in (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_the_plot_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        save_plot(performance(), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_png_is_a_picture(tmp_path: Path) -> None:
    save_plot(performance(with_beats=False), tmp_path / "p.png")
    with Image.open(tmp_path / "p.png") as picture:
        picture.load()
        assert picture.width >= 1_000
        colors = picture.convert("RGB").getcolors(1 << 20)
        assert colors is not None
        assert len(colors) > 20, "nothing is drawn"


def test_without_any_tempo_the_plot_says_so(tmp_path: Path) -> None:
    save_plot(Performance("silence.wav", SAMPLE_RATE_HZ), tmp_path / "p.svg")
    assert "no tempo was found" in (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        save_plot(performance(), tmp_path / "p.gif")


def test_csv_has_one_row_per_window(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    save_csv([performance()], path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["bpm"] for row in rows] == ["" if t is None else str(t) for t in TEMPOS_BPM]
    assert rows[1]["end_seconds"] == "1.0"
    assert rows[1]["mood"] == "NEUTRAL"
    assert rows[0]["state"] == "LOST"
    assert rows[0]["mood"] == ""


def test_csv_names_the_file_when_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    save_csv([performance(), performance()], path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(TEMPOS_BPM)
    assert {row["file"] for row in rows} == {"waltz.wav"}


def test_the_summary_table_says_what_is_known_and_nothing_else() -> None:
    text = shown(summary_table(performance()))
    for word in ("waltz.wav", "100.0 bpm, target 100", "81 of 100", "neutral 4 s", "78 %"):
        assert word in text
    assert "drift" not in text
    untracked = performance()
    assert untracked.summary is not None
    untracked.summary.ClearField("median_bpm")
    assert "not found, target 100" in shown(summary_table(untracked))
    assert "without a summary" in shown(summary_table(Performance("x", SAMPLE_RATE_HZ)))


def test_the_overview_has_a_row_per_file() -> None:
    text = shown(overview_table([performance(), Performance("silence.wav", SAMPLE_RATE_HZ)]))
    assert "waltz.wav" in text
    assert "silence.wav" in text


def test_the_history_rises_and_falls_with_the_tempo() -> None:
    history = tempo_history([100.0, None, 120.0], 10)
    assert history[0] < history[2]
    assert history[1] == " "
    assert tempo_history([None], 10) == ""
    assert len(tempo_history([100.0] * 50, 20)) == 20
