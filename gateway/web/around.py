"""What every HTTP request gets: a correlation id, a log line, safe headers, and an answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from gateway.web.problems import on_practice_error
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.metadata import REQUEST_ID, accepted_request_id
from practice.rpc.principals import set_request_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class AroundRequests:
    """Middleware around everything but CORS.

    Parameters
    ----------
    app
        The rest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; a WebSocket gets its correlation id only."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = accepted_request_id(Headers(scope=scope).get(REQUEST_ID))
        set_request_id(request_id)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(send, request_id)
        try:
            await self._app(scope, receive, exchange.send)
        except Exception as error:  # noqa: BLE001 - the last line of defence, and it logs
            await exchange.fail(scope, receive, error)
        finally:
            exchange.log(scope)


class _Exchange:
    """One request and what was answered so far."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self._status = 0
        self._started_s = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = int(message["status"])
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID] = self._request_id
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def fail(self, scope: Scope, receive: Receive, error: Exception) -> None:
        """Answer what nobody caught; too late when half of an answer is out."""
        if not isinstance(error, PracticeError):
            structlog.get_logger().error("http_failed", path=scope["path"], exc_info=error)
            error = PracticeError(
                ErrorCode.INTERNAL,
                f"Something broke in the server; tell its keeper the id {self._request_id}.",
            )
        if not self._status:
            response = await on_practice_error(Request(scope), error)
            await response(scope, receive, self.send)

    def log(self, scope: Scope) -> None:
        structlog.get_logger().info(
            "http_ended",
            verb=scope["method"],
            path=scope["path"],
            status=self._status,
            duration_s=round(time.perf_counter() - self._started_s, 6),
        )
