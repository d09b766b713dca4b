"""The embedded server: everything in one process. The composition root of `practice serve`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

from prometheus_client import CollectorRegistry

from gateway import persistence
from gateway.addresses import obstacle, place
from gateway.engine import Engine
from gateway.front_door import FrontDoor, listed_sites
from gateway.limits.counting import Counting
from gateway.metrics_endpoint import MetricsEndpoint
from gateway.web.live import LiveDoor
from practice.rpc.connection_guard import GuardLimits
from practice.rpc.drain import Drain
from practice.rpc.server import make_server
from practice.rpc.server_options import ServerOptions
from practice.rpc.services import Services

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import grpc
    from starlette.routing import WebSocketRoute

    from gateway.engine import MetricsSink, ServingConfig
    from gateway.settings import Settings
    from practice.rpc.principals import Authenticator

#: The parts of a server, as `practice serve --only` names them.
ENGINE: Final = "engine"
SERVICES: Final = "services"

HOST_SETTING: Final = "--host or PRACTICE_HOST"
GRPC_PORT_SETTING: Final = "--grpc-port or PRACTICE_GRPC_PORT"
_METRICS_PORT_SETTING: Final = "PRACTICE_METRICS_PORT"


class CannotListenError(Exception):
    """An address that the server should listen on can't be had; the text says why."""


class EmbeddedServer:
    """One process with the analysis engine and what is kept, behind gRPC and REST.

    Parameters
    ----------
    settings
        Addresses and folders.
    serving
        Limits of live analysis; the contract's when None, with the settings' cap on streams.
    options
        Connection limits; the measured ones when None.
    authenticator
        Says who calls; when None who has an access token, and anyone on this machine if the host
        is a loopback one.
    sink
        Keeps the results of streams with a session_id; the database's own when None.
    only
        The one part that is served; all when None.
    on_progress
        Told in a sentence what start-up is doing.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        serving: ServingConfig | None = None,
        options: ServerOptions | None = None,
        authenticator: Authenticator | None = None,
        sink: MetricsSink | None = None,
        only: str | None = None,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._engine = Engine(settings, serving)
        self._options = options or ServerOptions(reuse_port=settings.shared_port)
        self._authenticator = authenticator
        self._sink = sink
        self._live_metrics: persistence.LiveMetrics | None = None
        self._parts = {ENGINE, SERVICES} if only is None else {only}
        self._persistence: persistence.PersistenceServices | None = None
        self._counting: Counting | None = None
        self._on_progress = on_progress
        self._registry = CollectorRegistry()
        self._metrics = MetricsEndpoint(self._registry, settings.host)
        shared = self._options.reuse_port
        self._door = FrontDoor(settings, persistence.ACCESS, shared=shared) if not only else None
        self._services = Services()
        self._drain = Drain()
        self._server: grpc.aio.Server | None = None
        self._grpc_port = 0

    @property
    def address(self) -> str:
        """Where clients connect to, ``host:port``."""
        return place(self._settings.host, self._grpc_port)

    @property
    def http_address(self) -> str | None:
        """Where REST is, ``host:port``; None when only a part is served."""
        return None if self._door is None else self._door.address

    @property
    def metrics_address(self) -> str:
        """Where Prometheus asks, ``host:port``."""
        return place(self._settings.host, self._metrics.port)

    @property
    def stream_count(self) -> int:
        """Live streams and clips under way."""
        return self._engine.stream_count

    async def start(self) -> None:
        """Take the ports, get the kernels ready, and serve.

        Raises
        ------
        CannotListenError
            When an address can't be had; nothing is left running then.
        gateway.persistence.UnusableStoreError
            When the database is not one that can be used.
        OSError
            When the data folder can't be made.
        """
        settings = self._settings
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self._counting = counting = Counting(settings, self._registry)
        if SERVICES in self._parts:
            self._persistence = persistence.open_services(settings, counting.buckets)
        authenticator = self._authenticator or persistence.token_authenticator(
            settings, self._persistence
        )
        server = make_server(
            authenticator=authenticator,
            access=persistence.ACCESS,
            limits=counting.limits,
            origins=counting.origins,
            drain=self._drain,
            registry=self._registry,
            options=self._options,
            guard=GuardLimits(failure_burst=settings.max_failed_calls),
        )
        try:
            self._bind(server)
            names = await self._add_services(server)
            await server.start()
            if self._door is not None:
                await self._door.open(names, self._live_routes(authenticator, counting))
            if self._persistence is not None:
                await self._persistence.watch(self._services)
        except BaseException:
            await self._close_edges()
            await server.stop(None)
            await self._close_store()
            raise
        self._engine.start_measuring()
        self._server = server

    def _bind(self, server: grpc.aio.Server) -> None:
        host, port = self._settings.host, self._settings.grpc_port
        wanted = place(host, port)
        # grpc itself would not tell the reasons apart, and write a log line of its own. On a shared
        # port others that listen are no reason.
        reason = obstacle(host, port, GRPC_PORT_SETTING, HOST_SETTING)
        if reason is not None and not self._options.reuse_port:
            raise CannotListenError(f"cannot listen: {reason}")
        try:
            self._grpc_port = int(server.add_insecure_port(wanted))
        except RuntimeError as error:
            raise CannotListenError(f"cannot listen on {wanted}: {error}") from error
        port = self._settings.metrics_port
        try:
            self._metrics.start(port)
        except OSError as error:
            reason = obstacle(host, port, _METRICS_PORT_SETTING, HOST_SETTING) or str(error)
            raise CannotListenError(f"cannot listen for metrics: {reason}") from error
        if self._door is not None and (reason := self._door.bind(server, HOST_SETTING)):
            raise CannotListenError(f"cannot listen for HTTP: {reason}")

    async def _add_services(self, server: grpc.aio.Server) -> list[str]:
        names: list[str] = []
        if self._persistence is not None:
            await persistence.prepare(self._persistence)
            self._persistence.add_to(server)
            names += persistence.SERVICE_NAMES
        if ENGINE in self._parts:
            await self._open_live_metrics()
            names.append(await self._engine.add_to(server, self._sink, self._on_progress))
        await self._services.add_to(server, names)
        if ENGINE in self._parts:
            await self._services.set_serving(names[-1], serving=True)
        return names

    def _live_routes(
        self, authenticator: Authenticator, counting: Counting
    ) -> list[WebSocketRoute]:
        """Return what the HTTP side offers of this process's own engine."""
        live = self._engine.live_streams
        if live is None:
            return []
        door = LiveDoor(
            live=live,
            authenticator=authenticator,
            limits=counting.limits,
            origins=counting.origins,
            drain=self._drain,
            sites=listed_sites(self._settings),
        )
        return [door.route()]

    async def _close_edges(self) -> None:
        self._metrics.stop()
        if self._door is not None:
            await self._door.close()

    async def _open_live_metrics(self) -> None:
        if self._sink is not None:
            return
        live_metrics = persistence.LiveMetrics(self._settings, self._persistence, self._registry)
        await live_metrics.recorder.open()
        self._live_metrics = live_metrics
        self._sink = live_metrics.recorder

    async def _close_store(self) -> None:
        if self._live_metrics is not None:
            await self._live_metrics.close()
            self._live_metrics = self._sink = None
        if self._persistence is not None:
            await self._persistence.close()
            self._persistence = None
        if self._counting is not None:
            await self._counting.close()
            self._counting = None

    async def stop(self, grace_s: float | None = None) -> bool:
        """Say goodbye to every stream, wait for calls to end, then stop.

        Parameters
        ----------
        grace_s
            How long calls may take; the setting when None.

        Returns
        -------
        bool
            Whether every call ended by itself.
        """
        is_clean = True
        if self._server is not None:
            goodbye = asyncio.create_task(self._say_goodbye())
            is_clean = await self._drain.run(
                self._server, self._services, grace_s or self._settings.drain_seconds
            )
            await goodbye
            self._server = None
        self._engine.stop()
        await self._close_edges()
        await self._close_store()
        return is_clean

    async def _say_goodbye(self) -> None:
        await self._drain.started.wait()
        self._engine.say_goodbye()

    async def wait(self) -> None:
        """Serve until stopped."""
        if self._server is not None:
            await self._server.wait_for_termination()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
