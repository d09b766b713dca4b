"""`practice analyze`: what it prints, for whom, and how it fails."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from practice.cli import main
from practice.media import bundled_performance, open_audio

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 16_000
TEMPO_BPM = 120.0


@pytest.fixture
def clicks_wav(tmp_path: Path) -> Path:
    """Twelve seconds of decaying tones at 120 bpm; of one pitch they would be a metronome."""
    samples = np.zeros(12 * RATE_HZ)
    seconds = np.arange(int(0.12 * RATE_HZ)) / RATE_HZ
    for number, onset_s in enumerate(np.arange(0.3, 11.7, 60.0 / TEMPO_BPM)):
        pitch_hz = (880, 660, 990, 740, 1100)[number % 5]
        first = int(onset_s * RATE_HZ)
        tone = 0.6 * np.exp(-seconds * 40) * np.sin(2 * np.pi * pitch_hz * seconds)
        samples[first : first + tone.size] += tone
    path = tmp_path / "clicks.wav"
    soundfile.write(path, samples, RATE_HZ)
    return path


def analyzed(
    capsys: pytest.CaptureFixture[str], *arguments: str | Path
) -> list[dict[str, dict[str, object]]]:
    assert main.run(["analyze", "--json", *map(str, arguments)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_tempo_of_earlier_sessions_settles_the_level(
    clicks_wav: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for expected_bpm in (60.0, 120.0):
        earlier = ("--tempo-prior", f"{expected_bpm:g}:3", "--tempo-prior", f"{expected_bpm:g}")
        summary = analyzed(capsys, clicks_wav, *earlier)[-1]["summary"]
        assert summary["median_bpm"] == pytest.approx(expected_bpm, rel=0.02)


def test_json_lines_are_windows_beats_and_last_the_summary(
    clicks_wav: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = analyzed(capsys, clicks_wav, "--beats", "--target", "120")
    assert all(len(line) == 1 for line in lines)
    windows = [line["window"] for line in lines if "window" in line]
    assert [w["end_seconds"] for w in windows] == [0.5 * k for k in range(1, len(windows) + 1)]
    assert len(windows) >= 23
    assert windows[-1]["bpm"] == pytest.approx(TEMPO_BPM, rel=0.02)
    assert set(lines[-1]) == {"summary"}
    summary = lines[-1]["summary"]
    assert summary["audio_seconds"] == pytest.approx(12.0, abs=0.02)
    assert isinstance(summary["cpu_seconds"], float)
    assert summary["cpu_seconds"] > 0


def test_beats_are_told_after_they_are_heard_and_one_by_one(
    clicks_wav: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = analyzed(capsys, clicks_wav, "--beats")
    beats = [line["beat"] for line in lines if "beat" in line]
    assert len(beats) > 12
    seconds = [float(str(beat["seconds"])) for beat in beats]
    assert seconds == sorted(set(seconds))
    for beat in beats:
        told_s = float(str(beat["told_seconds"]))
        assert 0.0 < told_s <= 12.0
        assert told_s * 100 == pytest.approx(round(told_s * 100), abs=1e-3)
    known = [beat for beat in beats if "offset_ms" in beat]
    assert known


def test_nothing_but_windows_and_the_summary_without_beats(
    clicks_wav: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {next(iter(line)) for line in analyzed(capsys, clicks_wav)} == {"window", "summary"}


def test_what_is_said_does_not_depend_on_what_follows(
    clicks_wav: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples, rate_hz = soundfile.read(clicks_wav)
    half = tmp_path / "half.wav"
    soundfile.write(half, samples[: 6 * rate_hz], rate_hz)
    whole_lines = [line for line in analyzed(capsys, clicks_wav) if "window" in line]
    half_lines = [line for line in analyzed(capsys, half) if "window" in line]
    assert half_lines[:11] == whole_lines[:11]


def test_several_files_name_theirs_and_a_bad_one_stops_nothing(
    clicks_wav: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    code = main.run(
        ["analyze", "--json", str(empty), str(clicks_wav), str(tmp_path), str(tmp_path / "no.ogg")]
    )
    stdout, stderr = capsys.readouterr()
    assert code == 1
    lines = [json.loads(line) for line in stdout.splitlines()]
    assert all(line["file"] == str(clicks_wav) for line in lines)
    assert "summary" in lines[-1]
    problems = stderr.strip().splitlines()
    assert len(problems) == 3
    for problem, words in zip(
        problems, ("the file is empty", "is a directory", "no such file"), strict=True
    ):
        assert problem.startswith("practice: ")
        assert words in problem


def test_tables_plots_and_csv_for_a_person(
    clicks_wav: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot, table = tmp_path / "p.svg", tmp_path / "w.csv"
    arguments = [str(clicks_wav), "--target", "118", "--plot", str(plot), "--csv", str(table)]
    assert main.run(["analyze", "--beats", *arguments]) == 0
    stdout, stderr = capsys.readouterr()
    assert "clicks.wav" in stdout
    assert "target 118" in stdout
    assert stderr == ""
    assert "target 118 bpm" in plot.read_text(encoding="utf-8")
    with table.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) >= 23


def test_the_bundled_performance_is_tracked(capsys: pytest.CaptureFixture[str]) -> None:
    path = bundled_performance("steady")
    with open_audio(path) as audio:
        assert audio.duration_s is not None
        duration_s = audio.duration_s
    summary = analyzed(capsys, path)[-1]["summary"]
    assert summary["audio_seconds"] == pytest.approx(duration_s, abs=0.1)
    assert "median_bpm" in summary


@pytest.mark.parametrize(
    "wrong",
    [
        ["--target", "5"],
        ["--target", "fast"],
        ["--plot", "p.gif"],
        ["--strictness", "very"],
        ["--tempo-prior", "84:0"],
        ["--tempo-prior", "19"],
        ["--tempo-prior", "84:often"],
        ["--tempo-prior", "84"] * 9,
    ],
)
def test_wrong_usage_exits_with_2(
    clicks_wav: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["analyze", str(clicks_wav), *wrong]) == 2
    assert "Usage: practice analyze" in capsys.readouterr().err


def test_a_folder_that_can_not_be_written_is_one_clear_line(
    clicks_wav: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing" / "w.csv"
    assert main.run(["analyze", str(clicks_wav), "--csv", str(missing)]) == 1
    stderr = capsys.readouterr().err.strip()
    assert len(stderr.splitlines()) == 1
    assert str(missing) in stderr


def test_a_reader_that_leaves_is_no_traceback(clicks_wav: Path) -> None:
    command = [sys.executable, "-m", "practice.cli.main", "analyze", "--json", str(clicks_wav)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        stderr = process.stderr.read().decode()
        process.wait()
    assert "Traceback" not in stderr
    assert "BrokenPipe" not in stderr
