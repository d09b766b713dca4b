"""Health, reflection and channelz: what every server offers beside its own services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pool
from grpc_channelz.v1 import channelz
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

if TYPE_CHECKING:
    from collections.abc import Collection

    import grpc

CHANNELZ_SERVICE: Final = "grpc.channelz.v1.Channelz"


class _PoolThatKnowsMethods:
    """The process's descriptors; a file is found by a method's name, too, as ghz asks for it.

    protobuf's own pool knows a file by its services, messages and enums only.
    """

    def __init__(self) -> None:
        self._pool = descriptor_pool.Default()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:
        """Return the file that declares a symbol; KeyError when there is none."""
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            service_name, _, method_name = symbol.rpartition(".")
            service = self._pool.FindServiceByName(service_name)
            return service.methods_by_name[method_name].containing_service.file


class Services:
    """A server's health entries, one per service, and its reflection and channelz.

    Every entry starts NOT_SERVING; whoever owns a service says when it is ready.
    """

    def __init__(self) -> None:
        self._health: Any = health.aio.HealthServicer()

    async def add_to(self, server: grpc.aio.Server, service_names: Collection[str]) -> None:
        """Register health, reflection and channelz on a server that is not started yet.

        Parameters
        ----------
        server
            The server.
        service_names
            Full names of the services that get a health entry.
        """
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        channelz.add_channelz_servicer(server)
        shown = (*service_names, health.SERVICE_NAME, CHANNELZ_SERVICE, reflection.SERVICE_NAME)
        pool: Any = _PoolThatKnowsMethods()
        reflection.enable_server_reflection(shown, server, pool)
        await self._health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        for name in service_names:
            await self.set_serving(name, serving=False)

    async def set_serving(self, service_name: str, *, serving: bool) -> None:
        """Say whether a service takes calls; the server as a whole ("") serves once any does."""
        status = health_pb2.HealthCheckResponse.ServingStatus
        await self._health.set(service_name, status.Value("SERVING" if serving else "NOT_SERVING"))
        if serving:
            await self._health.set("", status.Value("SERVING"))

    async def enter_shutdown(self) -> None:
        """Make every entry NOT_SERVING for good."""
        await self._health.enter_graceful_shutdown()
