"""The HTTP server: uvicorn in this process and on its event loop, without its hands on signals."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import TYPE_CHECKING, Final

import structlog
import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

_BACKLOG: Final = 512
_KEPT_ALIVE_S: Final = 30
#: 64 KiB of sound in base64, and what is around it; refused before it is all there.
_LARGEST_FRAME_BYTES: Final = 96 << 10
_ACCEPTED_HEADER_BYTES: Final = 32_768


class HttpServer:
    """Listens for HTTP.

    Parameters
    ----------
    host
        Address to listen on.
    shared
        Whether other processes may listen on the same port (SO_REUSEPORT).
    """

    def __init__(self, host: str, *, shared: bool = False) -> None:
        self._host = host
        self._shared = shared
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that it listens on; 0 when it does not."""
        return 0 if self._socket is None else int(self._socket.getsockname()[1])

    def bind(self, port: int) -> None:
        """Take a port without answering yet; 0 takes a free one.

        Raises
        ------
        OSError
            When the address can't be had.
        """
        found = socket.getaddrinfo(
            self._host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = found[0]
        self._socket = socket.create_server(
            address, family=family, backlog=_BACKLOG, reuse_port=self._shared
        )

    async def start(self, app: ASGIApp, grace_s: float) -> None:
        """Answer from now on.

        Parameters
        ----------
        app
            What answers.
        grace_s
            How long requests may take to end once the server stops.
        """
        if self._socket is None:
            raise RuntimeError("bind() comes first")
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=_LARGEST_FRAME_BYTES,
            ws_per_message_deflate=False,  # sound does not shrink, and a bomb would grow
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            timeout_keep_alive=_KEPT_ALIVE_S,
            timeout_graceful_shutdown=max(1, round(grace_s)),
            h11_max_incomplete_event_size=_ACCEPTED_HEADER_BYTES,
        )
        _pass_on_logs()
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        up = asyncio.create_task(self._server.is_up.wait())
        await asyncio.wait((up, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not up.done():
            up.cancel()
            await self._task

    async def stop(self) -> None:
        """Take no more connections, let requests end, and close."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
            self._server = self._task = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the program."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell when it answers."""
        await super().startup(sockets)
        self.is_up.set()


class _ToStructlog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Write a line of the server's own as every other line is written."""
        structlog.get_logger().log(record.levelno, "http_server", said=record.getMessage())


def _pass_on_logs() -> None:
    logger = logging.getLogger("uvicorn")
    logger.handlers = [_ToStructlog()]
    logger.propagate = False
    logger.setLevel(logging.WARNING)
