"""Who is logged in to which server: tokens in a file that only this user may read."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_FILE: Final = "credentials.json"
_LOCK: Final = "credentials.lock"
DIRECTORY_VARIABLE: Final = "PRACTICE_CREDENTIALS_DIR"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login at one server.

    ``access_expires_s`` is in Unix seconds. ``refresh_request_id`` is set while a refresh is
    under way: after a lost answer the same id gets it again.
    """

    email: str
    access_token: str
    access_expires_s: float
    refresh_token: str
    refresh_request_id: str = ""


class CredentialStore:
    """A file with one login per server.

    Parameters
    ----------
    folder
        Where it lies; ``PRACTICE_CREDENTIALS_DIR``, or the user's folder for program data, when
        None.
    """

    def __init__(
        self, folder: Path | None = None, environment: Mapping[str, str] = os.environ
    ) -> None:
        chosen = environment.get(DIRECTORY_VARIABLE) or click.get_app_dir("practice-tracker")
        self._folder = folder or Path(chosen)

    def find(self, server: str) -> Credentials | None:
        """Return the login at a server, or None."""
        found = self._read().get(server)
        return None if found is None else Credentials(**found)  # type: ignore[arg-type]

    def keep(self, server: str, credentials: Credentials) -> None:
        """Remember a login; the file is readable by its owner only and appears whole.

        Raises
        ------
        OSError
            When it can't be written.
        """
        self._write({**self._read(), server: asdict(credentials)})

    def forget(self, server: str) -> None:
        """Forget a login, if there is one."""
        kept = self._read()
        if kept.pop(server, None) is not None:
            self._write(kept)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Keep everybody else of this user out: a refresh token works once."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / _LOCK).open("w") as lock:
            await asyncio.to_thread(_wait_for, lock)
            yield

    def _read(self) -> dict[str, dict[str, object]]:
        try:
            text = (self._folder / _FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        try:
            kept = json.loads(text)
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}

    def _write(self, kept: dict[str, dict[str, object]]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self._folder)  # for its owner only
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        Path(temporary).replace(self._folder / _FILE)


def _wait_for(lock: IO[str]) -> None:
    """Hold a file's lock until the file is closed."""
    with suppress(ImportError):  # not on Windows
        import fcntl  # noqa: PLC0415

        fcntl.flock(lock, fcntl.LOCK_EX)
