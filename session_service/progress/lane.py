"""Several processes share a spool's folder, each in a lane of its own that it holds by a lock.

What a process left behind when it was killed is taken over by the next one that opens.
"""

from __future__ import annotations

import itertools
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Self

from session_service.progress.segments import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_LANES: Final = 256
_LOCK: Final = "lock"


class NoLaneError(OSError):
    """Every lane is held by some process."""


class Lane:
    """A folder that belongs to this process until it is closed, or the process ends.

    Parameters
    ----------
    folder
        The lane's files.
    lock
        The open lock file.
    """

    def __init__(self, folder: Path, lock: IO[bytes]) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def take(cls, spool_folder: Path) -> Self:
        """Take the first free lane, and what other free lanes still hold.

        Raises
        ------
        NoLaneError
            When there is none.
        OSError
            When the folder can't be made or written.
        """
        folders = (spool_folder / str(number) for number in range(MOST_LANES))
        for folder in folders:
            if (lock := _locked(folder)) is not None:
                own = cls(folder, lock)
                own.adopt(itertools.takewhile(Path.exists, folders))
                return own
        raise NoLaneError(f"{spool_folder}: all {MOST_LANES} lanes are in use")

    def adopt(self, folders: Iterable[Path]) -> None:
        """Take over what nobody holds any more."""
        for folder in folders:
            if (lock := _locked(folder)) is not None:
                other = Lane(folder, lock)
                for segment in other.segments():
                    segment.rename(self.folder / segment.name)
                other.close()

    def segments(self) -> list[Path]:
        """Return the files in it, oldest first: their names are UUIDs of version 7."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def close(self) -> None:
        """Let somebody else have it."""
        self._lock.close()


def _locked(folder: Path) -> IO[bytes] | None:
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / _LOCK).open("ab")
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415

        with suppress(OSError):
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
            return lock
    else:
        import fcntl  # noqa: PLC0415

        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
    lock.close()
    return None
