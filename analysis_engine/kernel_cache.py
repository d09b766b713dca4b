"""Where compiled kernels are kept: one folder per state of the kernels' source.

numba notices a change of the file that a kernel stands in, but not of a kernel that it calls from
another file: it would go on running the old one. A folder named after all the sources cannot lie.

Light at import: numba comes only with `use`.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

#: numba's own variable for the folder above ours; what is set already wins.
CACHE_VARIABLE: Final = "NUMBA_CACHE_DIR"

_PACKAGE: Final = Path(__file__).resolve().parent
_SOURCES: Final = ("config.py", "dsp/*.py", "tracking/*.py")
_COMPILED: Final = "*.nbc"


def fingerprint() -> str:
    """Return 16 hex digits that change with any kernel source or numba version."""
    digest = hashlib.sha256(version("numba").encode())
    for pattern in _SOURCES:
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder(data_dir: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for this source.

    Parameters
    ----------
    data_dir
        Where a read-only installation keeps its kernels; without one, in a folder of the user's
        own among the temporary files.
    environ
        The environment; a `NUMBA_CACHE_DIR` that is set already wins.
    """
    chosen = environ.get(CACHE_VARIABLE)
    if chosen:
        parent = Path(chosen)
    elif os.access(_PACKAGE, os.W_OK):
        parent = _PACKAGE / "__pycache__"
    else:
        parent = _temporary_folder() if data_dir is None else data_dir / "kernel-cache"
    return parent / f"kernels-{fingerprint()}"


def compiled_count(folder: Path) -> int:
    """Return how many compiled kernels a folder holds; 0 when there is no such folder."""
    return sum(1 for _ in folder.rglob(_COMPILED)) if folder.is_dir() else 0


def use_data_dir(data_dir: Path, environ: MutableMapping[str, str] = os.environ) -> None:
    """Let a read-only installation keep its kernels with the data, here and in child processes.

    Call it before the engine is imported. Where the data folder is read-only, too, nothing is
    set, and the folder for temporary files serves.
    """
    if environ.get(CACHE_VARIABLE) or os.access(_PACKAGE, os.W_OK):
        return
    folder = data_dir / "kernel-cache"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if os.access(folder, os.W_OK):
        environ[CACHE_VARIABLE] = str(folder)


def use() -> None:
    """Make numba keep kernels there. Call before the first kernel is defined."""
    import numba  # noqa: PLC0415 - whoever only asks for the folder does without it

    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    numba.config.CACHE_DIR = str(folder)


def _temporary_folder() -> Path:
    """Return a folder that is nobody else's: numba runs what it finds there."""
    if not hasattr(os, "getuid"):  # Windows has a folder for each user
        return Path(tempfile.gettempdir()) / "practice-kernels"
    folder = Path(tempfile.gettempdir()) / f"practice-kernels-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid == os.getuid() and not found.st_mode & 0o022 and not folder.is_symlink():
        return folder
    return Path(tempfile.mkdtemp(prefix="practice-kernels-"))
