"""Where compiled kernels are kept: one folder per state of the kernels' source.

numba notices a change of the file that a kernel stands in, but not of a kernel that it calls from
another file: it would go on running the old one. A folder named after all the sources cannot lie.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

import numba

_PACKAGE: Final = Path(__file__).resolve().parent
_SOURCES: Final = ("config.py", "dsp/*.py", "tracking/*.py")


def fingerprint() -> str:
    """Return 16 hex digits that change with any kernel source or numba version."""
    digest = hashlib.sha256(numba.__version__.encode())
    for pattern in _SOURCES:
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the folder for this source: in NUMBA_CACHE_DIR, else beside the package's bytecode.

    A read-only installation without the variable keeps its kernels in the system's folder for
    temporary files.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        parent = Path(chosen)
    elif os.access(_PACKAGE, os.W_OK):
        parent = _PACKAGE / "__pycache__"
    else:
        parent = Path(tempfile.gettempdir()) / f"practice-kernels-{os.getuid()}"
    return parent / f"kernels-{fingerprint()}"


def use() -> None:
    """Make numba keep kernels there. Call before the first kernel is defined."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    numba.config.CACHE_DIR = str(folder)
