"""HTTP beside gRPC in one process: the web application on a socket that nobody else can reach."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.addresses import obstacle, place
from gateway.web.app import WebConfig, make_app
from gateway.web.server import HttpServer
from gateway.web.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import grpc
    from starlette.routing import BaseRoute

    from gateway.settings import Settings
    from practice.rpc.principals import Access

HTTP_PORT_SETTING: Final = "--http-port or PRACTICE_HTTP_PORT"
_HAS_SOCKET_FILES: Final = os.name == "posix"
_ANY_LOOPBACK_PORT: Final = "127.0.0.1:0"


class FrontDoor:
    """The HTTP side of one process.

    Parameters
    ----------
    settings
        Address, limits and who may call from a browser.
    access
        Which calls need no token.
    shared
        Whether other processes may listen on the same port.
    """

    def __init__(self, settings: Settings, access: Access, *, shared: bool = False) -> None:
        self._settings = settings
        self._config = web_config(settings, access)
        self._http = HttpServer(settings.host, shared=shared)
        self._folder: Path | None = None
        self._target = ""
        self._upstream: Upstream | None = None

    @property
    def address(self) -> str:
        """Where it listens, ``host:port``."""
        return place(self._settings.host, self._http.port)

    def bind(self, server: grpc.aio.Server, host_setting: str) -> str | None:
        """Take the port, and a way into a server that is not started yet.

        Parameters
        ----------
        server
            The services.
        host_setting
            How to choose another host, for the sentence.

        Returns
        -------
        str or None
            Why the port can't be had, as one sentence.
        """
        host, port = self._settings.host, self._settings.http_port
        try:
            self._http.bind(port)
        except OSError as error:
            return obstacle(host, port, HTTP_PORT_SETTING, host_setting) or str(error)
        self._target = self._way_into(server)
        return None

    async def open(
        self, service_names: Collection[str], more_routes: Sequence[BaseRoute] = ()
    ) -> None:
        """Answer requests; the server has been started."""
        self._upstream = Upstream(self._target)
        app = make_app(self._upstream, service_names, self._config, more_routes=more_routes)
        await self._http.start(app, self._settings.drain_seconds)

    async def close(self) -> None:
        """Let requests end, and close."""
        await self._http.stop()
        if self._upstream is not None:
            await self._upstream.close()
            self._upstream = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _way_into(self, server: grpc.aio.Server) -> str:
        """Return where the server can be reached from here: a file that only this user may open."""
        if not _HAS_SOCKET_FILES:
            return f"127.0.0.1:{server.add_insecure_port(_ANY_LOOPBACK_PORT)}"
        self._folder = Path(tempfile.mkdtemp(prefix="practice-"))
        target = f"unix:{self._folder / 'grpc'}"
        server.add_insecure_port(target)
        return target


def web_config(settings: Settings, access: Access) -> WebConfig:
    """Return what the settings say about HTTP."""
    return WebConfig(
        cors_origins=listed_sites(settings),
        largest_body_bytes=settings.max_request_bytes,
        open_methods=access.open_methods,
    )


def listed_sites(settings: Settings) -> tuple[str, ...]:
    """Return whose pages may call from a browser."""
    return tuple(origin for origin in settings.cors_origins.split(",") if origin)
