"""Wrapping a handler once per call, whatever its arity, so that a message costs nothing extra."""

from __future__ import annotations

import abc
import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]
    Proceed = Callable[[], Awaitable[Any]]
    Behaviour = Callable[[Any, Context], Any]


class CallInterceptor(grpc.aio.ServerInterceptor):
    """An interceptor that is one coroutine around the whole call."""

    @abc.abstractmethod
    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:
        """Run the call by awaiting ``proceed()`` once and return what it returns.

        Parameters
        ----------
        proceed
            The rest of the chain, with the handler at its end.
        request
            The request message, or the iterator of messages of a streaming request.
        context
            The call's context.
        method
            Full name, ``/package.Service/Method``.
        """

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wrap the handler; called by grpc for every call."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        return _wrapped(handler, partial(self._run, handler_call_details.method))

    async def _run(self, method: str, behaviour: Behaviour, request: Any, context: Context) -> Any:
        return await self.around(partial(behaviour, request, context), request, context, method)


def _wrapped(handler: Handler, run: Callable[[Behaviour, Any, Context], Awaitable[Any]]) -> Handler:
    make: Any = _FACTORY[handler.request_streaming, handler.response_streaming]
    behaviour: Any = (
        handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    )
    if inspect.isasyncgenfunction(behaviour):
        behaviour = partial(_write_all, behaviour)

    async def call(request: Any, context: Context) -> Any:
        return await run(behaviour, request, context)

    wrapped: Handler = make(
        call,
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )
    return wrapped


async def _write_all(behaviour: Behaviour, request: Any, context: Context) -> None:
    """Run a generator handler through the read/write interface that coroutine handlers use."""
    async for response in behaviour(request, context):
        await context.write(response)


_FACTORY = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}
