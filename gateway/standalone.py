"""The embedded server: everything in one process. The composition root of `practice serve`."""

from __future__ import annotations

import asyncio
import dataclasses
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Self

from prometheus_client import CollectorRegistry

from analysis_engine import kernel_cache
from analysis_engine.serving import kernels
from analysis_engine.serving.admission import Admission, LoopLoadGauge
from analysis_engine.serving.limits import ServingConfig
from analysis_engine.serving.pacing import FastQuota
from analysis_engine.serving.resume_store import MemoryResumeStore
from gateway import persistence
from gateway.addresses import obstacle, place
from gateway.metrics_endpoint import MetricsEndpoint
from practice.rpc.drain import Drain
from practice.rpc.server import make_server
from practice.rpc.server_options import ServerOptions
from practice.rpc.services import Services

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    import grpc

    from analysis_engine.serving.live_streams import LiveStreams
    from analysis_engine.serving.metrics_sink import MetricsSink
    from gateway.settings import Settings
    from practice.cli.options import MusicOptions, OutputOptions
    from practice.rpc.principals import Authenticator
    from practice_client.source import AudioSource

#: The parts of a server, as `practice serve --only` names them.
ENGINE: Final = "engine"
SERVICES: Final = "services"

_DISTRIBUTION: Final = "practice-tracker"
_GOODBYE: Final = "The server is going down; resume the stream when one is back."

HOST_SETTING: Final = "--host or PRACTICE_HOST"
GRPC_PORT_SETTING: Final = "--grpc-port or PRACTICE_GRPC_PORT"
_METRICS_PORT_SETTING: Final = "PRACTICE_METRICS_PORT"


class CannotListenError(Exception):
    """An address that the server should listen on can't be had; the text says why."""


class EmbeddedServer:
    """One process with the analysis engine and the accounts behind gRPC, metrics behind HTTP.

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
        self._serving = serving or _serving_config(settings)
        self._options = options or ServerOptions(reuse_port=settings.shared_port)
        self._authenticator = authenticator
        self._sink = sink
        self._parts = {ENGINE, SERVICES} if only is None else {only}
        self._persistence: persistence.PersistenceServices | None = None
        self._on_progress = on_progress
        self._registry = CollectorRegistry()
        self._metrics = MetricsEndpoint(self._registry, settings.host)
        self._services = Services()
        self._drain = Drain()
        self._gauge = LoopLoadGauge(self._serving.admission.sample_interval_s)
        self._admission = Admission(self._serving.admission, self._gauge)
        self._measuring: asyncio.Task[None] | None = None
        self._live_streams: LiveStreams | None = None
        self._server: grpc.aio.Server | None = None
        self._grpc_port = 0

    @property
    def address(self) -> str:
        """Where clients connect to, ``host:port``."""
        return place(self._settings.host, self._grpc_port)

    @property
    def metrics_address(self) -> str:
        """Where Prometheus asks, ``host:port``."""
        return place(self._settings.host, self._metrics.port)

    @property
    def stream_count(self) -> int:
        """Live streams and clips under way."""
        return self._admission.stream_count

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
        kernel_cache.use_data_dir(settings.data_dir)
        if SERVICES in self._parts:
            self._persistence = persistence.open_services(settings)
        server = make_server(
            authenticator=self._authenticator
            or persistence.token_authenticator(settings, self._persistence),
            access=persistence.ACCESS,
            drain=self._drain,
            registry=self._registry,
            options=self._options,
        )
        try:
            self._bind(server)
            await self._add_services(server)
            await server.start()
            if self._persistence is not None:
                await self._persistence.watch(self._services)
        except BaseException:
            self._metrics.stop()
            await server.stop(None)
            await self._close_store()
            raise
        self._measuring = asyncio.create_task(self._gauge.run())
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

    async def _add_services(self, server: grpc.aio.Server) -> None:
        names: list[str] = []
        if self._persistence is not None:
            await persistence.prepare(self._persistence)
            self._persistence.add_to(server)
            names += persistence.SERVICE_NAMES
        if ENGINE in self._parts:
            self._on_progress(_preparation(kernel_cache_dir(self._settings)))
            await asyncio.to_thread(kernels.warm_up_kernels)
            names.append(self._add_engine(server))
        await self._services.add_to(server, names)
        if ENGINE in self._parts:
            await self._services.set_serving(names[-1], serving=True)

    async def _close_store(self) -> None:
        if self._persistence is not None:
            await self._persistence.close()
            self._persistence = None

    def _add_engine(self, server: grpc.aio.Server) -> str:
        """Register live analysis; returns the service's name."""
        # These import numba, whose cache has a place only now.
        from analysis_engine.serving.clip_analysis import ClipAnalysis  # noqa: PLC0415
        from analysis_engine.serving.live_streams import LiveStreams  # noqa: PLC0415
        from analysis_engine.serving.servicer import (  # noqa: PLC0415
            SERVICE_NAME,
            AnalysisServicer,
        )
        from practice.analysis.v1 import analysis_pb2_grpc  # noqa: PLC0415

        fast_quota = FastQuota(self._serving.as_fast_as_possible)
        store = MemoryResumeStore(self._serving.resume, asyncio.get_running_loop().time)
        self._live_streams = LiveStreams(
            self._serving,
            self._admission,
            store,
            fast_quota,
            version(_DISTRIBUTION),
            metrics=self._sink,
        )
        clips = ClipAnalysis(self._serving, self._admission, fast_quota)
        analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(
            AnalysisServicer(self._live_streams, clips), server
        )
        return SERVICE_NAME

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
        if self._measuring is not None:
            self._measuring.cancel()
        self._metrics.stop()
        await self._close_store()
        return is_clean

    async def _say_goodbye(self) -> None:
        await self._drain.started.wait()
        if self._live_streams is not None:
            self._live_streams.go_away(_GOODBYE)

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


def _serving_config(settings: Settings) -> ServingConfig:
    limits = ServingConfig()
    admission = dataclasses.replace(
        limits.admission,
        max_streams=settings.max_streams,
        max_lag_s=settings.max_lag_seconds,
        busy_lag_s=settings.max_lag_seconds / 5,
    )
    return dataclasses.replace(limits, admission=admission)


def open_source(path: Path | None) -> AudioSource:
    """Return a recording in real time, or the microphone when there is no path.

    Raises
    ------
    practice.media.MediaError, practice_client.capture.CaptureError
        When it can't be opened; the text is one sentence.
    """
    if path is None:
        from practice_client.microphone import MicrophoneSource  # noqa: PLC0415 - audio library

        return MicrophoneSource()
    from practice_client.file_source import FileSource  # noqa: PLC0415 - numpy

    return FileSource(path)


async def show_stream(
    address: str, source: AudioSource, music: MusicOptions, output: OutputOptions
) -> int:
    """Stream a source to a server with the client's live view; returns the exit code."""
    from practice_client.live_view import ViewOptions, run_stream_view  # noqa: PLC0415 - rich

    return await run_stream_view(address, source, ViewOptions(music=music, output=output))


def microphone_name() -> str:
    """Return the name of the default capture device.

    Raises
    ------
    practice_client.capture.CaptureError
        When nothing can be captured; the text says why.
    """
    from practice_client.capture import open_capture  # noqa: PLC0415 - audio library

    capture = open_capture(None, None, 0.1)
    try:
        return capture.device_name
    finally:
        capture.close()


def kernel_cache_dir(settings: Settings) -> Path:
    """Return where compiled kernels are kept."""
    return kernel_cache.cache_folder(settings.data_dir)


def kernel_count(folder: Path) -> int:
    """Return how many compiled kernels are kept there."""
    return kernel_cache.compiled_count(folder)


def _preparation(folder: Path) -> str:
    if kernel_cache.compiled_count(folder):
        return "Loading the analysis kernels …"
    return "Compiling the analysis kernels, once for this version; it can take a minute …"
