"""The performances that are shipped with the package, and what is known about them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

_AUDIO_SUFFIXES: Final = (".ogg", ".flac", ".wav")
_TRUTH_SUFFIX: Final = ".truth.json"


def bundled_performances() -> tuple[str, ...]:
    """Return the names of the bundled performances, sorted."""
    folder = _folder()
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.stem for path in folder.iterdir() if path.suffix in _AUDIO_SUFFIXES))


def bundled_performance(name: str) -> Path:
    """Return the audio file of a bundled performance.

    Raises
    ------
    KeyError
        When there is none of that name.
    """
    for suffix in _AUDIO_SUFFIXES:
        path = _folder() / (name + suffix)
        if path.is_file():
            return path
    known = ", ".join(bundled_performances()) or "none"
    raise KeyError(f"there is no bundled performance {name!r} (there are: {known})")


def bundled_truth(name: str) -> Path:
    """Return the JSON file that holds the known truth of a bundled performance.

    Raises
    ------
    KeyError
        When there is none of that name.
    """
    return bundled_performance(name).with_suffix(_TRUTH_SUFFIX)


def _folder() -> Path:
    return Path(str(resources.files("practice.media"))) / "performances"
