"""A TCP proxy between client and server, that can cut, refuse and swap what is behind it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self


class TcpProxy:
    """Forwards connections from a free port of this machine to `upstream` ("host:port")."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.connection_count = 0
        self.upstream_byte_count = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._moved = asyncio.Event()

    @property
    def address(self) -> str:
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break every connection at once, without a goodbye."""
        for writer in self._writers:
            writer.transport.abort()

    async def wait_for_upstream_bytes(self, byte_count: int) -> None:
        """Wait until so much has gone to the server since the proxy began."""
        while self.upstream_byte_count < byte_count:
            self._moved.clear()
            await self._moved.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        self.connection_count += 1
        host, port = self.upstream.rsplit(":", 1)
        try:
            up_reader, up_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(up_writer)
        try:
            # Cancelled when the proxy ends; its stream server would report that as a failure.
            with suppress(asyncio.CancelledError):
                await asyncio.gather(
                    self._copy(reader, up_writer, counted=True),
                    self._copy(up_reader, writer, counted=False),
                )
        finally:
            for end in (writer, up_writer):
                self._writers.discard(end)
                end.transport.abort()

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
                if counted:
                    self.upstream_byte_count += len(data)
                    self._moved.set()
        writer.transport.abort()
