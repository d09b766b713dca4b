"""The chain around every call: correlation, errors, authentication, deadlines, validation."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status

from practice.rpc.calls import CallInterceptor
from practice.rpc.cutting import cut_connection
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.metadata import REQUEST_ID, accepted_request_id, metadata_value
from practice.rpc.principals import (
    Access,
    bearer_token,
    current_request_id,
    set_principal,
    set_request_id,
)
from practice.rpc.status import error_to_status
from practice.rpc.validation import validate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from practice.rpc.calls import Context, Handler, Proceed
    from practice.rpc.drain import Drain
    from practice.rpc.principals import Authenticator

# Load balancers and tools ask these before anyone has logged in; they tell nothing private.
OPEN_SERVICES: Final = frozenset(
    {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
)


_MALFORMED: Final = object()

#: A refused stream's first message is waited for so long.
_FIRST_MESSAGE_S: Final = 0.1
#: The status waits behind answers that are not read.
_STATUS_LIMIT_S: Final = 10.0


class Correlation(CallInterceptor):
    """Gives every call an id: the caller's ``x-request-id``, or a new one."""

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Remember the id and send it back with the answer."""
        request_id = accepted_request_id(metadata_value(metadata_of(context), REQUEST_ID))
        set_request_id(request_id)
        context.set_trailing_metadata(((REQUEST_ID, request_id),))
        return await proceed()


class ErrorBoundary(CallInterceptor):
    """Turns what a handler raises into a status; what nobody foresaw stays inside."""

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Run the call; a `PracticeError` ends it with its rich status, the rest with INTERNAL."""
        try:
            return await proceed()
        except (asyncio.CancelledError, grpc.aio.AbortError):
            raise
        except PracticeError as error:
            known = error
        except grpc.aio.InternalError as error:  # a broken batch: the peer has gone in the middle
            raise asyncio.CancelledError from error
        except Exception as error:  # noqa: BLE001 - the last line of defence, and it logs
            known = self._hide(error, method)
        return await _abort(context, known)

    def _hide(self, error: Exception, method: str) -> PracticeError:
        request_id = current_request_id()
        structlog.get_logger().error("rpc_failed", method=method, exc_info=error)
        return PracticeError(
            ErrorCode.INTERNAL,
            f"Something broke in the server; tell its keeper the id {request_id}.",
        )


class Authentication(CallInterceptor):
    """Finds out who calls, once per call.

    Parameters
    ----------
    authenticator
        Says who a token belongs to.
    access
        Which methods are open to anyone, and which roles may call the others.
    open_services
        Full names of services that anyone may call.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        access: Access | None = None,
        open_services: Collection[str] = OPEN_SERVICES,
    ) -> None:
        self._authenticator = authenticator
        self._access = access or Access()
        self._open_services = frozenset(open_services)

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:
        """Authenticate, unless the service or the method is an open one."""
        if method.split("/")[1] in self._open_services or method in self._access.open_methods:
            return await proceed()
        try:
            token = bearer_token(metadata_of(context))
            principal = await self._authenticator.authenticate(token, context.peer())
            self._access.check(method, principal)
        except PracticeError:
            if not isinstance(request, Message):
                await _hear_first_message(context)
            raise
        set_principal(principal)
        return await proceed()


class Admission(CallInterceptor):
    """Refuses new calls while draining, and counts those under way.

    Parameters
    ----------
    drain
        The server's drain, shared with whoever ends it.
    open_services
        Full names of services that answer to the last.
    """

    def __init__(self, drain: Drain, open_services: Collection[str] = OPEN_SERVICES) -> None:
        self._drain = drain
        self._open_services = frozenset(open_services)

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Run the call, or raise SERVER_DRAINING with a wait."""
        if method.split("/")[1] in self._open_services:
            return await proceed()
        with self._drain.call():
            return await proceed()


class Deadline(CallInterceptor):
    """Ends unary calls in time; live streams have their own idle and length limits.

    Parameters
    ----------
    longest_unary_s
        Longest time for a unary call, also when the caller allows more or sets no deadline.
    """

    def __init__(self, longest_unary_s: float) -> None:
        self._longest_unary_s = longest_unary_s

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Run the call, or raise DEADLINE_EXCEEDED."""
        if not isinstance(request, Message):
            return await proceed()
        remaining_s = context.time_remaining()
        limit_s = min(self._longest_unary_s, remaining_s or self._longest_unary_s)
        timer = asyncio.timeout(limit_s)
        try:
            async with timer:
                return await proceed()
        except TimeoutError as error:
            if not timer.expired():  # a time-out inside the handler is the handler's business
                raise
            raise PracticeError(
                ErrorCode.DEADLINE_EXCEEDED, f"The call took longer than {limit_s:.3g} s."
            ) from error


class Validation(CallInterceptor):
    """Checks unary requests against the contract; streams check each message themselves."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wrap the handler, and let bytes that are no message come as far as `around`."""
        handler = await super().intercept_service(continuation, handler_call_details)
        if handler is None or handler.request_streaming:
            return handler
        deserialize = _forgiving(handler.request_deserializer or bytes)
        known: Any = handler  # a named tuple, which its type stub does not say
        forgiving: Handler = known._replace(request_deserializer=deserialize)
        return forgiving

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Run the call, or raise MALFORMED_REQUEST or FIELD_INVALID."""
        if request is _MALFORMED:
            raise PracticeError(ErrorCode.MALFORMED_REQUEST, "The bytes are no request.")
        if isinstance(request, Message):
            validate(request)
        return await proceed()


def _forgiving(deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return a deserializer that never fails: grpc would answer UNKNOWN and tell of our insides."""

    def attempt(data: bytes) -> Any:
        try:
            return deserialize(data)
        except DecodeError:
            return _MALFORMED

    return attempt


async def _hear_first_message(context: Context) -> None:
    """Take the message that is on its way: a client whose write fails never learns the status."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_FIRST_MESSAGE_S):
            await context.read()


def metadata_of(context: Context) -> tuple[tuple[str, str | bytes], ...]:
    """Return the metadata that a call came with."""
    pairs: Any = context.invocation_metadata() or ()
    return tuple((key, value) for key, value in pairs)


async def _abort(context: Context, error: PracticeError) -> None:
    """Send the status; a peer that leaves no room for it for long loses its connection."""
    request_id = current_request_id()
    status: Any = rpc_status.to_status(error_to_status(error, request_id))
    if request_id is not None:
        trailing = (*status.trailing_metadata, (REQUEST_ID, request_id))
        status = status._replace(trailing_metadata=trailing)
    try:
        async with asyncio.timeout(_STATUS_LIMIT_S):
            await context.abort_with_status(status)
    except (TimeoutError, grpc.aio.InternalError) as failure:
        # grpc can't reset one call: it would wait for as long as the peer likes. It takes no status
        # at all behind a first answer that found no room; other broken batches are gone peers.
        if isinstance(failure, TimeoutError) or error.code is ErrorCode.READER_TOO_SLOW:
            await asyncio.to_thread(cut_connection, context.peer())
        raise asyncio.CancelledError from error
