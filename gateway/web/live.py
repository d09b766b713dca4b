"""Live analysis over WebSocket: the stream of gRPC's StreamingAnalyze, message for message.

Every frame is one message: binary ones protobuf, text ones JSON when the subprotocol is
``practice.json``. The token comes in the authorization header or, from browsers, which can't set
it, as a second subprotocol ``practice.bearer.<token>``; it is never part of the URL, and never said
back. The stream ends with a close frame: 1000 after the summary, else 4000 and gRPC's status
number, with the reason and the wait. A client that closes is like a broken connection: its stream
can be resumed.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog
from google.protobuf.message import DecodeError
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from gateway.addresses import place
from practice.analysis.v1 import analysis_pb2 as pb
from practice.json_format import message_to_dict, to_json_line
from practice.json_reading import read_into
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.metadata import AUTHORIZATION
from practice.rpc.origins import FORWARDED_FOR
from practice.rpc.principals import bearer_token, current_request_id
from practice.rpc.status import STATUS

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.websockets import WebSocket

    from practice.rpc.drain import Drain
    from practice.rpc.origins import Origins
    from practice.rpc.principals import Authenticator, Principal
    from practice.rpc.rate_limits import RateLimits

PATH: Final = "/api/v1/analysis:stream"
JSON_PROTOCOL: Final = "practice.json"
BINARY_PROTOCOL: Final = "practice.protobuf"
BEARER_PROTOCOL: Final = "practice.bearer."
DONE: Final = 1000
FAILED: Final = 4000
_LONGEST_REASON_BYTES: Final = 123  # RFC 6455, section 5.5


class Wire(Protocol):
    """The transport under a stream."""

    async def read(self) -> pb.StreamingAnalyzeRequest | None:
        """Return the next request."""
        ...

    async def write(self, response: pb.StreamingAnalyzeResponse) -> None:
        """Hand a response to the transport; waits while the client does not read."""
        ...


class LiveAnalysis(Protocol):
    """What serves streams: the engine of this process."""

    async def serve(self, wire: Wire, principal: Principal) -> None:
        """Serve one connection until its stream is summed up; raises whatever else ended it."""
        ...


class LiveDoor:
    """Lets WebSockets in.

    Parameters
    ----------
    live
        Serves them.
    authenticator
        Says who calls.
    limits, origins
        Count the calls of one address and of one user.
    drain
        Counts the streams under way.
    sites
        Whose pages may open one; who sends no origin is no browser.
    """

    def __init__(
        self,
        *,
        live: LiveAnalysis,
        authenticator: Authenticator,
        limits: RateLimits,
        origins: Origins,
        drain: Drain,
        sites: Collection[str],
    ) -> None:
        self._live = live
        self._authenticator = authenticator
        self._limits = limits
        self._origins = origins
        self._drain = drain
        self._sites = frozenset(sites)

    def route(self) -> WebSocketRoute:
        """Return the route."""
        return WebSocketRoute(PATH, self.serve)

    async def serve(self, socket: WebSocket) -> None:
        """Serve one connection."""
        site = socket.headers.get("origin")
        if site is not None and site not in self._sites:
            await socket.close()  # before it is accepted: HTTP 403
            return
        offered = socket.scope["subprotocols"]
        is_json = JSON_PROTOCOL in offered
        known = JSON_PROTOCOL if is_json else BINARY_PROTOCOL
        await socket.accept(subprotocol=known if known in offered else None)
        wire = SocketWire(socket, is_json=is_json)
        try:
            with self._drain.call():
                await self._live.serve(wire, await self._principal(socket))
        except PracticeError as error:
            await wire.close(close_code(error), close_reason(error))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence, and it logs
            structlog.get_logger().error("live_failed", exc_info=error)
            hidden = PracticeError(
                ErrorCode.INTERNAL,
                f"Something broke in the server; tell its keeper the id {current_request_id()}.",
            )
            await wire.close(close_code(hidden), close_reason(hidden))
        else:
            await wire.close(DONE, "")

    async def _principal(self, socket: WebSocket) -> Principal:
        host, port = socket.client or ("", 0)
        forwarded_for = ", ".join(socket.headers.getlist(FORWARDED_FOR))
        await self._limits.count_address(self._origins.host_of(host, forwarded_for))
        peer = f"{'ipv6' if ':' in host else 'ipv4'}:{place(host, port)}"
        principal = await self._authenticator.authenticate(_token(socket), peer)
        if not principal.is_anonymous:
            await self._limits.count_user(principal.subject)
        return principal


class SocketWire:
    """A stream's messages over an accepted WebSocket.

    Parameters
    ----------
    socket
        The connection.
    is_json
        Whether frames are JSON text.
    """

    def __init__(self, socket: WebSocket, *, is_json: bool) -> None:
        self._socket = socket
        self._is_json = is_json
        self._is_over = False

    async def read(self) -> pb.StreamingAnalyzeRequest | None:
        """Return the next request; None once it was told that the client has gone.

        Raises
        ------
        PracticeError
            MALFORMED_REQUEST for a frame that is no message, CANCELLED when the client goes.
        """
        if self._is_over:
            return None
        frame = await self._socket.receive()
        if frame["type"] == "websocket.disconnect":
            self._is_over = True
            raise _gone()
        if self._is_json:
            return _from_json(frame.get("text"))
        return _from_bytes(frame.get("bytes"))

    async def write(self, response: pb.StreamingAnalyzeResponse) -> None:
        """Send a response; waits while the client does not read."""
        try:
            if self._is_json:
                await self._socket.send_text(to_json_line(message_to_dict(response)))
            else:
                await self._socket.send_bytes(response.SerializeToString())
        except (WebSocketDisconnect, RuntimeError) as error:  # closed before, or just now
            self._is_over = True
            raise _gone() from error

    async def close(self, code: int, reason: str) -> None:
        """Say why the stream ends, if there is anybody left."""
        if not self._is_over:
            self._is_over = True
            await self._socket.close(code, reason)


def close_code(error: PracticeError) -> int:
    """Return the close code of an error: 4000 and its status's number."""
    number: int = STATUS[error.code].value[0]
    return FAILED + number


def close_reason(error: PracticeError) -> str:
    """Return ``REASON field=… retry_after=… sentence``, as far as it fits."""
    words = [error.code.value]
    if error.field is not None:
        words.append(f"field={error.field}")
    if error.retry_after_s is not None:
        words.append(f"retry_after={error.retry_after_s:.3f}")
    text = " ".join([*words, error.message])
    return text.encode()[:_LONGEST_REASON_BYTES].decode(errors="ignore")


def _token(socket: WebSocket) -> str | None:
    header = socket.headers.get(AUTHORIZATION)
    if header is not None:
        return bearer_token([(AUTHORIZATION, header)])
    for offered in socket.scope["subprotocols"]:
        if offered.startswith(BEARER_PROTOCOL):
            return str(offered.removeprefix(BEARER_PROTOCOL))
    return None


def _from_bytes(data: bytes | None) -> pb.StreamingAnalyzeRequest:
    if data is None:
        raise _malformed(f"Text frames need the subprotocol {JSON_PROTOCOL}.")
    try:
        return pb.StreamingAnalyzeRequest.FromString(data)
    except DecodeError as error:
        raise _malformed("The bytes are no StreamingAnalyzeRequest.") from error


def _from_json(text: str | None) -> pb.StreamingAnalyzeRequest:
    request = pb.StreamingAnalyzeRequest()
    try:
        value: Any = json.loads(text or "")
    except (ValueError, RecursionError) as error:
        raise _malformed("The frame is no JSON text.") from error
    read_into(request, value)
    return request


def _malformed(sentence: str) -> PracticeError:
    return PracticeError(ErrorCode.MALFORMED_REQUEST, sentence)


def _gone() -> PracticeError:
    return PracticeError(ErrorCode.CANCELLED, "The client closed the connection.")
