"""Ending a server without cutting anyone off in the middle of a phrase."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import grpc

    from practice.rpc.services import Services


class Drain:
    """Whether the server is going away, and which calls it still waits for.

    A streaming handler watches `started` and then says goodbye in its own words (``going_away``).

    Parameters
    ----------
    retry_after_s
        What refused callers are told to wait before they try again.
    """

    def __init__(self, retry_after_s: float = 1.0) -> None:
        self.started = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._call_count = 0
        self._retry_after_s = retry_after_s

    @property
    def call_count(self) -> int:
        """Calls under way."""
        return self._call_count

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count a call; raises SERVER_DRAINING when it comes too late."""
        if self.started.is_set():
            raise PracticeError(
                ErrorCode.SERVER_DRAINING,
                "The server is going down; another one, or its successor, will take the call.",
                retry_after_s=self._retry_after_s,
            )
        self._call_count += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._call_count -= 1
            if self._call_count == 0:
                self._idle.set()

    async def run(self, server: grpc.aio.Server, services: Services, grace_s: float) -> bool:
        """Take the server out of service, let calls end by themselves, then stop it.

        Parameters
        ----------
        server
            The server to stop.
        services
            Its health entries; all become NOT_SERVING first.
        grace_s
            How long calls may take to end; then they are cut off.

        Returns
        -------
        bool
            Whether every call ended by itself.
        """
        await services.enter_shutdown()
        self.started.set()
        try:
            async with asyncio.timeout(grace_s):
                await self._idle.wait()
        except TimeoutError:
            await server.stop(None)
            return False
        await server.stop(grace_s)
        return True
