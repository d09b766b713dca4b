"""One distribution, one version, one command that starts light."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from importlib import metadata, resources
from typing import TYPE_CHECKING

import click
import pytest

from tests.house.tree import ROOT, project

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = project()["project"]["entry-points"]["practice.commands"]
HEAVY = {"av", "grpc", "llvmlite", "matplotlib", "numba", "numpy", "pydantic", "rich", "scipy"}

PRINT_MODULES = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after ``code``."""
    finished = subprocess.run(
        [sys.executable, "-c", f"{code}\n{PRINT_MODULES}"],
        check=True,
        capture_output=True,
        text=True,
    )
    names = json.loads(finished.stderr.splitlines()[-1])
    return {name.partition(".")[0] for name in names}


def test_the_version_is_the_same_everywhere() -> None:
    version = project()["project"]["version"]
    newest = re.search(
        r"^## \[([^]]+)]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert metadata.version("practice-tracker") == version
    assert newest is not None
    assert newest[1] == version


def test_help_loads_nothing_heavy() -> None:
    loaded = modules_after("from practice.cli.main import run; assert run(['--help']) == 0")
    assert "click" in loaded
    assert loaded & HEAVY == set()


def test_the_check_for_heavy_modules_can_fail() -> None:
    assert "numpy" in modules_after("import numpy")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_commands_module_is_light(name: str) -> None:
    module = COMMANDS[name].partition(":")[0]
    assert modules_after(f"import {module}") & HEAVY == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_registered_command_is_one(name: str) -> None:
    (entry_point,) = metadata.entry_points(group="practice.commands", name=name)
    assert entry_point.value == COMMANDS[name]
    assert isinstance(entry_point.load(), click.Command)


@pytest.mark.parametrize(
    "package", ["practice", "analysis_engine", "session_service", "gateway", "practice_client"]
)
def test_every_package_ships_its_types(package: str) -> None:
    assert resources.files(package).joinpath("py.typed").is_file()


def test_the_wheel_has_everything_that_runs_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {
        "practice/analysis/v1/analysis.proto",
        "practice/analysis/v1/analysis_pb2.pyi",
        "practice/analysis/v1/analysis_pb2_grpc.py",
        "practice/media/performances/steady.ogg",
        "practice_client/__init__.py",
        "buf/validate/validate_pb2.py",
        "analysis_engine/config.py",
        "gateway/standalone.py",
        "session_service/__init__.py",
    } <= set(names)
    packages = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert packages == {
        "analysis_engine", "buf", "gateway", "practice", "practice_client", "session_service"
    }  # fmt: skip
