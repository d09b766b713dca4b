"""The services behind the door, reached over gRPC, so that every call passes their interceptors."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc

from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.server_options import MIB, ServerOptions
from practice.rpc.status import error_from_rpc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

    from gateway.web.contract import Binding

#: A server takes few calls at once from one connection, and more must not wait for each other.
_CONNECTIONS: Final = 8
_LARGEST_MESSAGE_BYTES: Final = ServerOptions().max_message_bytes
_HEALTH_TIMEOUT_S: Final = 2.0
_OPTIONS: Final = (
    ("grpc.use_local_subchannel_pool", 1),  # else all of them would share one connection
    ("grpc.max_receive_message_length", 4 * _LARGEST_MESSAGE_BYTES),
    ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES + MIB),
    ("grpc.enable_http_proxy", 0),
)


class Upstream:
    """A server of this project, over a few connections.

    Parameters
    ----------
    target
        Where it is, as grpc names it: ``unix:…`` or ``host:port``.
    timeout_s
        Longest time for a call.
    """

    def __init__(self, target: str, timeout_s: float = 60.0) -> None:
        self.target = target
        self._timeout_s = timeout_s
        self._channels = [
            grpc.aio.insecure_channel(target, options=_OPTIONS) for _ in range(_CONNECTIONS)
        ]
        self._turns = itertools.cycle(self._channels)

    async def call(
        self, binding: Binding, message: Message, metadata: Sequence[tuple[str, str]]
    ) -> Message:
        """Make a unary call and return its answer.

        Parameters
        ----------
        binding
            Names the method.
        message
            The request.
        metadata
            Sent with it.

        Raises
        ------
        PracticeError
            What the server meant.
        """
        data = message.SerializeToString()
        if len(data) > _LARGEST_MESSAGE_BYTES:
            raise PracticeError(
                ErrorCode.REQUEST_TOO_LARGE,
                f"The request must have at most {_LARGEST_MESSAGE_BYTES} bytes in protobuf.",
            )
        answer_class = message_factory.GetMessageClass(binding.method.output_type)
        invoke: Any = next(self._turns).unary_unary(
            binding.full_name, response_deserializer=answer_class.FromString
        )
        try:
            answer: Message = await invoke(data, metadata=metadata, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as failure:
            raise error_from_rpc(failure) from failure
        return answer

    async def is_serving(self, service_name: str) -> bool:
        """Whether a service says that it takes calls; "" asks for the server as a whole."""
        stub: Any = health_pb2_grpc.HealthStub(next(self._turns))
        request = health_pb2.HealthCheckRequest(service=service_name)
        try:
            answer = await stub.Check(request, timeout=_HEALTH_TIMEOUT_S)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def close(self) -> None:
        """Close every connection; calls under way are cancelled."""
        for channel in self._channels:
            await channel.close()
