"""The command `practice`: lazy commands, exit codes, one clear line when something fails."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import click
import pytest

from practice.cli import main as main_module
from practice.media import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable

HEAVY_MODULES = {"grpc", "numpy", "numba", "rich", "matplotlib", "scipy", "google.protobuf", "av"}


def _fail_with(error: BaseException) -> click.Command:
    def callback() -> None:
        raise error

    return click.Command("fail", callback=callback)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Register a command `fail` that raises what the test gives it."""

    def register(error: BaseException) -> None:
        monkeypatch.setitem(main_module.cli.commands, "fail", _fail_with(error))

    return register


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from practice.cli.main import run\n"
        "assert run(['--help']) == 0\n"
        f"print('HEAVY', sorted({HEAVY_MODULES!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout
    assert "analyze" in done.stdout


def test_every_registered_command_has_help() -> None:
    names = [point.name for point in metadata.entry_points(group=main_module.COMMAND_GROUP)]
    assert {"analyze", "stream", "listen"} <= set(names)
    for name in ("analyze", "stream", "listen"):
        done = subprocess.run(
            [sys.executable, "-m", "practice.cli.main", name, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"practice {name}" in done.stdout


def test_version_is_the_distributions() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "practice.cli.main", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert metadata.version("practice-tracker") in done.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["analyze"], ["stream"]])
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main_module.run(arguments) == 2
    assert "Usage: practice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MediaError("a.wav: the file is empty"), "practice: a.wav: the file is empty"),
        (click.ClickException("no luck"), "practice: no luck"),
        (ValueError("odd\nthing"), "practice: unexpected ValueError: odd thing"),
        (FileNotFoundError(2, "No such file or directory", "x.png"), "practice: x.png: No such"),
        (KeyboardInterrupt(), "practice: interrupted"),
    ],
)
def test_a_failure_is_one_line_and_exit_code_1(
    failing: Callable[[BaseException], None],
    error: BaseException,
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(error)
    assert main_module.run(["fail"]) == 1
    shown = capsys.readouterr().err.strip()
    assert shown.startswith(line)
    assert len(shown.splitlines()) == 1


def test_debug_shows_the_traceback(
    failing: Callable[[BaseException], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRACTICE_DEBUG", "1")
    failing(ValueError("odd"))
    with pytest.raises(ValueError, match="odd"):
        main_module.run(["fail"])


def test_a_command_whose_package_is_missing_is_still_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = metadata.EntryPoint("broken", "practice_nowhere:command", main_module.COMMAND_GROUP)
    monkeypatch.setattr(main_module, "_entry_points", lambda: {"broken": broken})
    assert main_module.run(["--help"]) == 0
    assert "broken" in capsys.readouterr().out
    assert main_module.run(["broken"]) == 1
    assert "practice_nowhere" in capsys.readouterr().err
