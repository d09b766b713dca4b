"""The committed stubs are what the .proto files generate, and a difference is noticed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "generate.py", "--check"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "protos"
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", "performances")
    shutil.copytree(ROOT / "protos", folder, ignore=ignored)
    return folder


def test_the_committed_stubs_are_fresh() -> None:
    finished = check(ROOT / "protos")
    assert finished.returncode == 0, finished.stderr


def test_a_changed_contract_is_noticed(copy: Path) -> None:
    proto = copy / "practice/analysis/v1/analysis.proto"
    proto.write_text(
        proto.read_text(encoding="utf-8").replace(
            "int32 dropped_windows = 16;", "int64 dropped_windows = 16;"
        ),
        encoding="utf-8",
    )
    finished = check(copy)
    assert finished.returncode != 0
    assert "analysis_pb2.py" in finished.stderr
    assert "baseline.binpb" in finished.stderr


def test_an_edited_stub_is_noticed(copy: Path) -> None:
    with (copy / "practice/analysis/v1/analysis_pb2_grpc.py").open("a", encoding="utf-8") as stub:
        stub.write("# edited\n")
    assert "analysis_pb2_grpc.py" in check(copy).stderr


def test_a_left_over_stub_is_noticed(copy: Path) -> None:
    (copy / "practice/analysis/v1/gone_pb2.py").touch()
    assert "gone_pb2.py" in check(copy).stderr
