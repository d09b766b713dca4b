"""Compiled kernels are kept where they can be written, and never used for other source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis_engine import kernel_cache

PACKAGE = Path(kernel_cache.__file__).parent


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation that cannot be written, with a folder of its own for temporary files."""
    monkeypatch.setattr("os.access", lambda path, _: not Path(path).is_relative_to(PACKAGE))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_a_change_of_any_kernel_source_has_its_own_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "analysis_engine"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "training"))
    monkeypatch.setattr(kernel_cache, "_PACKAGE", copy)
    before = kernel_cache.cache_folder(environ={})
    assert before == kernel_cache.cache_folder(environ={})
    with (copy / "dsp" / "fft.py").open("a") as source:
        source.write("# changed\n")
    assert kernel_cache.cache_folder(environ={}) != before


def test_a_writable_installation_keeps_its_kernels_beside_its_bytecode(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    kernel_cache.use_data_dir(tmp_path / "data", environ)
    assert (environ, (tmp_path / "data").exists()) == ({}, False)
    assert kernel_cache.cache_folder(tmp_path, environ).parent == PACKAGE / "__pycache__"


@pytest.mark.usefixtures("read_only")
def test_a_chosen_folder_wins(tmp_path: Path) -> None:
    environ = {kernel_cache.CACHE_VARIABLE: str(tmp_path / "chosen")}
    kernel_cache.use_data_dir(tmp_path / "data", environ)
    folder = kernel_cache.cache_folder(tmp_path / "data", environ)
    assert folder.parent == tmp_path / "chosen"
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("read_only")
def test_a_read_only_installation_keeps_its_kernels_with_the_data(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    expected = kernel_cache.cache_folder(tmp_path, environ)
    kernel_cache.use_data_dir(tmp_path, environ)
    assert environ == {kernel_cache.CACHE_VARIABLE: str(tmp_path / "kernel-cache")}
    assert kernel_cache.cache_folder(environ=environ) == expected


@pytest.mark.usefixtures("read_only")
def test_without_a_writable_data_folder_temporary_files_serve(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    environ: dict[str, str] = {}
    kernel_cache.use_data_dir(taken / "below", environ)
    assert environ == {}
    folder = kernel_cache.cache_folder(environ=environ).parent
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("read_only")
@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has a folder for each user")
def test_a_temporary_folder_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    planted = tmp_path / f"practice-kernels-{os.getuid()}"
    planted.mkdir()
    planted.chmod(0o777)
    folder = kernel_cache.cache_folder(environ={}).parent
    assert folder != planted
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_engine_is_there_with_nothing_writable_but_temporary_files(tmp_path: Path) -> None:
    script = (
        "import os; os.access = lambda *_: False\n"
        "import analysis_engine.dsp.pcm, numba; print(numba.config.CACHE_DIR)"
    )
    env = {name: value for name, value in os.environ.items() if name != kernel_cache.CACHE_VARIABLE}
    env |= {"HOME": str(tmp_path / "nobody"), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(tmp_path)


def test_kernels_are_counted(tmp_path: Path) -> None:
    assert kernel_cache.compiled_count(tmp_path / "none") == 0
    (tmp_path / "kernel.1.nbc").write_text("")
    assert kernel_cache.compiled_count(tmp_path) == 1


def test_asking_for_the_folder_does_not_import_numba() -> None:
    script = (
        "import sys; from analysis_engine import kernel_cache; kernel_cache.cache_folder(); "
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
