"""Secrets that can be told again: derived from a row's id, stored as a hash only.

So the first answer to a request can be repeated without keeping the secret anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import uuid

#: Crockford's alphabet: no I, L, O or U, which look like others.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
_CODE_CHARACTERS: Final = 16
_GROUP_CHARACTERS: Final = 4


class SecretsById:
    """Derives secrets.

    Parameters
    ----------
    key
        The installation's own, at least 32 random bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, purpose: str, row_id: uuid.UUID) -> str:
        """Return a token of 256 bits for programs."""
        secret = base64.urlsafe_b64encode(self._derive(purpose, row_id)).rstrip(b"=").decode()
        return f"{row_id.hex}.{secret}"

    def code(self, purpose: str, row_id: uuid.UUID) -> str:
        """Return a code of 80 bits for people, in groups of four."""
        number = int.from_bytes(self._derive(purpose, row_id))
        letters = ""
        for _ in range(_CODE_CHARACTERS):
            number, digit = divmod(number, len(_ALPHABET))
            letters += _ALPHABET[digit]
        starts = range(0, _CODE_CHARACTERS, _GROUP_CHARACTERS)
        return "-".join(letters[start : start + _GROUP_CHARACTERS] for start in starts)

    def _derive(self, purpose: str, row_id: uuid.UUID) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + row_id.bytes, "sha256")


def stored(secret: str) -> bytes:
    """Return what is kept of a secret: it has enough chance in it for a plain hash."""
    return hashlib.sha256(secret.encode()).digest()


def plain_code(typed: str) -> str:
    """Return a code as typed by a person in the form in which it is stored."""
    return typed.upper().translate(_LOOK_ALIKES)
