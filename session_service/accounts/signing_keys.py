"""The keys of access tokens: Ed25519, in files that only the server may read.

A key's id is a UUIDv7, so it says how old the key is. A new key is published for a while before
it signs, and an old one stays until the last token that it signed has expired.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from practice.identifiers import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_SECRET_FILE: Final = "refresh.secret"  # noqa: S105 - a file's name
_SECRET_BYTES: Final = 32
_REREAD_AFTER: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """When keys change.

    Parameters
    ----------
    signs_for
        How long a key is the newest one.
    published_before
        How long a new key is known to everybody before it signs.
    outlived_by
        How long a key that does not sign any more is kept: longer than any token lives.
    """

    signs_for: timedelta = timedelta(days=90)
    published_before: timedelta = timedelta(hours=1)
    outlived_by: timedelta = timedelta(hours=2)


class SigningKeys:
    """The keys of one installation.

    Parameters
    ----------
    folder
        Where they lie; shared by every process that issues or checks tokens.
    now
        The clock.
    rotation
        When they change.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime],
        rotation: KeyRotation | None = None,
    ) -> None:
        self._folder = folder
        self._now = now
        self._rotation = rotation or KeyRotation()
        self._keys: dict[str, Ed25519PrivateKey] = {}
        self._read_at = datetime.min.replace(tzinfo=UTC)

    def tend(self) -> None:
        """Read the folder, make a key when the newest is old, drop those that are over.

        Raises
        ------
        OSError
            When the folder can't be made or written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.read()
        newest = max(self._keys, default=None)
        if newest is None or self._now() - born(newest) >= self._rotation.signs_for:
            self._make()
        for kid in [kid for kid in self._keys if self._is_over(kid)]:
            with suppress(FileNotFoundError):  # another process was faster
                (self._folder / f"{kid}.pem").unlink()
            del self._keys[kid]

    def read(self) -> None:
        """Read what other processes made."""
        self._read_at = self._now()
        self._keys = {path.stem: _load(path) for path in sorted(self._folder.glob("*-*.pem"))}

    def signing(self) -> tuple[str, Ed25519PrivateKey]:
        """Return the key that signs now, and its id."""
        published = self._now() - self._rotation.published_before
        known = [kid for kid in self._keys if born(kid) <= published]
        kid = max(known) if known else min(self._keys)
        return kid, self._keys[kid]

    def public(self, kid: str) -> Ed25519PublicKey | None:
        """Return a public key, or None when there is no such key.

        Another process may have made it, so the folder is looked at again, now and then.
        """
        if kid not in self._keys and self._now() - self._read_at >= _REREAD_AFTER:
            self.read()
        key = self._keys.get(kid)
        return None if key is None else key.public_key()

    def published(self) -> dict[str, Ed25519PublicKey]:
        """Return every public key by its id, oldest first."""
        return {kid: self._keys[kid].public_key() for kid in sorted(self._keys)}

    def refresh_secret(self) -> bytes:
        """Return what refresh tokens and codes are derived from; made when it is missing."""
        path = self._folder / _SECRET_FILE
        if not path.exists():
            with suppress(FileExistsError):  # another process was faster
                _write_new(path, secrets.token_bytes(_SECRET_BYTES))
        return path.read_bytes()

    def _make(self) -> None:
        kid = str(uuid7(self._now()))
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_new(self._folder / f"{kid}.pem", pem)
        self._keys[kid] = key

    def _is_over(self, kid: str) -> bool:
        younger = [other for other in self._keys if other > kid]
        if not younger:
            return False
        takes_over = born(min(younger)) + self._rotation.published_before
        return self._now() >= takes_over + self._rotation.outlived_by


def born(kid: str) -> datetime:
    """Return when a key was made."""
    return datetime.fromtimestamp((uuid.UUID(kid).int >> 80) / 1000, UTC)


def _load(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key")
    return key


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that appears whole, on the disk, and only if there is none."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    finally:
        os.unlink(temporary)  # noqa: PTH108 - mkstemp's own name
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
