"""Passwords: argon2id, in threads of their own so that nothing else waits for it."""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

_RETRY_AFTER_S: Final = 1.0
_NOBODYS_PASSWORD: Final = "no account has this password"  # noqa: S105 - and none can


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """What one hash costs; the default is the second choice of RFC 9106, section 4.

    Parameters
    ----------
    passes
        How often the memory is gone through.
    memory_kib
        Memory of one hash, in KiB.
    lanes
        Independent lanes; hashes run beside each other instead.
    at_once
        Hashes at once, each a thread and its memory.
    max_waiting
        Hashes that may wait; more are refused.
    """

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 1
    at_once: int = 2
    max_waiting: int = 64


class Passwords:
    """Hashes and checks passwords.

    Parameters
    ----------
    cost
        What a hash costs.
    """

    def __init__(self, cost: PasswordCost) -> None:
        self._cost = cost
        self._hasher = PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes
        )
        self._threads = ThreadPoolExecutor(cost.at_once, thread_name_prefix="password")
        self._under_way = 0
        # Who is not registered is checked against it, so that it takes as long.
        self._nobodys_hash = self._hasher.hash(_NOBODYS_PASSWORD)

    async def hash(self, password: str) -> str:
        """Return the hash to store, with its salt and cost in it."""
        return await self._run(lambda: self._hasher.hash(prepared(password)))

    async def check(self, stored: str | None, password: str) -> bool:
        """Whether a password is the stored one; takes as long when nothing is stored."""
        is_right = await self._run(
            lambda: self._is_right(stored or self._nobodys_hash, prepared(password))
        )
        return is_right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _is_right(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._under_way >= self._cost.at_once + self._cost.max_waiting:
            raise PracticeError(
                ErrorCode.SERVER_FULL,
                "Too many people log in at once; try again in a moment.",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1


def prepared(password: str) -> str:
    """Return a password as it is compared (RFC 8265, OpaqueString).

    The same password typed on another keyboard may come in other code points: normal form C, and
    every kind of space is a space.
    """
    spaced = "".join(" " if unicodedata.category(one) == "Zs" else one for one in password)
    return unicodedata.normalize("NFC", spaced)
