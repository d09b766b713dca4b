"""Getting the compiled kernels ready: where their cache lives, and warming up.

Import this before anything that imports numba, and call `use_writable_cache` first: numba fixes
its cache's place while it is being imported.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

CACHE_VARIABLE: Final = "NUMBA_CACHE_DIR"
_PACKAGE: Final = Path(__file__).resolve().parent.parent


def cache_dir(data_dir: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where compiled kernels are kept.

    Parameters
    ----------
    data_dir
        Writable folder; the cache goes there when the package's own folder is read-only.
    environ
        The environment; a `NUMBA_CACHE_DIR` that is set already wins.
    """
    if environ.get(CACHE_VARIABLE):
        return Path(environ[CACHE_VARIABLE])
    return _PACKAGE if os.access(_PACKAGE, os.W_OK) else data_dir / "kernel-cache"


def use_writable_cache(data_dir: Path, environ: MutableMapping[str, str] = os.environ) -> None:
    """Make sure that compiled kernels can be kept, or numba fails at import.

    Raises
    ------
    OSError
        When the folder cannot be made.
    """
    folder = cache_dir(data_dir, environ)
    if folder != _PACKAGE:
        folder.mkdir(parents=True, exist_ok=True)
        environ[CACHE_VARIABLE] = str(folder)


def warm_up_kernels() -> None:
    """Compile or load every kernel, and take what start-up has made out of the collector's way.

    Blocks for up to a minute with a cold cache: run it in a worker thread.
    """
    from analysis_engine.tracking.tracker import warm_up  # noqa: PLC0415 - imports numba

    warm_up()
    gc.collect()
    gc.freeze()
