"""The Makefile's own promises."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_a_machine_without_a_fitting_python_is_told_so(fresh: Path) -> None:
    finished = make(fresh, "setup", "PYTHON=")
    assert finished.returncode != 0
    assert "Python 3.11 or newer" in finished.stderr
    assert not (fresh / ".venv").exists()


def test_a_python_that_is_too_old_is_told_so(fresh: Path) -> None:
    finished = make(fresh, "setup", "PYTHON=false")
    assert finished.returncode != 0
    assert "older than Python 3.11" in finished.stderr


@pytest.mark.parametrize(
    ("audio", "command"),
    [
        ([], "practice demo"),
        (["AUDIO=mic"], 'practice demo "mic"'),
        (["AUDIO=a b.wav"], 'practice demo "a b.wav"'),
    ],
)
def test_the_demo_gets_its_audio(fresh: Path, audio: list[str], command: str) -> None:
    finished = make(fresh, "--dry-run", "demo", *audio)
    assert command in finished.stdout


def test_every_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md", ".ci/run"):
        text = (ROOT / document).read_text(encoding="utf-8")
        named = set(re.findall(r"^make ([a-z]+)|`make ([a-z]+)", text, re.MULTILINE))
        assert {first or second for first, second in named} <= targets, document
