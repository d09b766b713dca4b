"""Prometheus metrics over HTTP, in a thread of its own so that a slow scrape delays no stream."""

from __future__ import annotations

import socket
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_POLL_S: Final = 0.05


class MetricsEndpoint:
    """``/metrics`` of one registry.

    Parameters
    ----------
    registry
        What is shown.
    host
        Address to listen on.
    """

    def __init__(self, registry: CollectorRegistry, host: str) -> None:
        self._registry = registry
        self._host = host
        self._server: WSGIServer | None = None
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        """The port that it listens on; 0 before `start`."""
        return 0 if self._server is None else int(self._server.server_port)

    def start(self, port: int) -> None:
        """Listen; port 0 takes a free one.

        Raises
        ------
        OSError
            When the address can't be had.
        """
        server_class = _ServerV6 if ":" in self._host else _Server
        app = make_wsgi_app(self._registry)
        self._server = make_server(self._host, port, app, server_class, _QuietHandler)
        self._thread = Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="metrics", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; blocks for some milliseconds."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _ServerV6(_Server):
    address_family = socket.AF_INET6


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep scrapes out of the log."""
