"""The spool's files: records one after the other, each with its length and checksum.

A file begins with `MAGIC`; a record is the length of its payload and a CRC-32 of both (as in
RFC 1952, little-endian), then the payload.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAGIC: Final = b"PTSPOOL1"
SUFFIX: Final = ".spool"
DAMAGED_SUFFIX: Final = ".damaged"

_LENGTH: Final = struct.Struct("<I")
_HEADER: Final = struct.Struct("<II")
HEADER_BYTES: Final = _HEADER.size


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a file held after its program ended.

    Parameters
    ----------
    sound_bytes
        How much of it can be read, from its beginning.
    torn_bytes
        A record that was never written to its end, and so was never acknowledged.
    damaged_bytes
        What follows a record that was written and is not what it was.
    """

    sound_bytes: int
    torn_bytes: int = 0
    damaged_bytes: int = 0


def encoded(payload: bytes) -> bytes:
    """Return a record."""
    length = _LENGTH.pack(len(payload))
    return length + _LENGTH.pack(_checksum(length, payload)) + payload


def records(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield each sound record's payload and where it ends in ``data``, up to the first other."""
    start = 0
    while start + HEADER_BYTES <= len(data):
        length, checksum = _HEADER.unpack_from(data, start)
        end = start + HEADER_BYTES + length
        payload = data[start + HEADER_BYTES : end]
        if not length or end > len(data) or _checksum(_LENGTH.pack(length), payload) != checksum:
            return
        yield payload, end
        start = end


def recover(path: Path) -> Recovery:
    """Cut a file back to its sound records; damaged ones are kept beside it for a person.

    Raises
    ------
    OSError
        When it can't be read or cut.
    """
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        recovery = (
            Recovery(0, 0, len(data)) if MAGIC[: len(data)] != data else Recovery(0, len(data))
        )
    else:
        recovery = _judge(data)
    if recovery.damaged_bytes:
        path.with_suffix(DAMAGED_SUFFIX).write_bytes(data[recovery.sound_bytes :])
    if recovery.sound_bytes < len(data):
        os.truncate(path, recovery.sound_bytes)
    return recovery


def _judge(data: bytes) -> Recovery:
    if not data.startswith(MAGIC):
        is_begun = MAGIC.startswith(data)
        return Recovery(0, torn_bytes=len(data)) if is_begun else Recovery(0, 0, len(data))
    body = data[len(MAGIC) :]
    sound = 0
    for _, end in records(body):
        sound = end
    rest = body[sound:]
    is_torn = not rest.strip(b"\0") or len(rest) < HEADER_BYTES
    if not is_torn:
        length, _ = _HEADER.unpack_from(rest)
        is_torn = HEADER_BYTES + length > len(rest)
    sound += len(MAGIC)
    return Recovery(sound, len(rest), 0) if is_torn else Recovery(sound, 0, len(rest))


def _checksum(length: bytes, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(length))
