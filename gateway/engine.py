"""The composition root of live analysis: its limits, its kernels, its streams."""

from __future__ import annotations

import asyncio
import dataclasses
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from analysis_engine import kernel_cache
from analysis_engine.serving import kernels
from analysis_engine.serving.admission import Admission, LoopLoadGauge
from analysis_engine.serving.limits import ServingConfig
from analysis_engine.serving.metrics_sink import MetricsSink
from analysis_engine.serving.pacing import FastQuota
from analysis_engine.serving.resume_store import MemoryResumeStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import grpc

    from analysis_engine.serving.live_streams import LiveStreams
    from gateway.settings import Settings

__all__ = ["Engine", "MetricsSink", "ServingConfig", "kernel_cache_dir", "kernel_count"]

_DISTRIBUTION: Final = "practice-tracker"
_GOODBYE: Final = "The server is going down; resume the stream when one is back."


class Engine:
    """Live analysis of one process.

    Parameters
    ----------
    settings
        Folders, and the cap on streams.
    serving
        Limits; the contract's when None.
    """

    def __init__(self, settings: Settings, serving: ServingConfig | None = None) -> None:
        self._settings = settings
        self._serving = serving or _serving_config(settings)
        self._gauge = LoopLoadGauge(self._serving.admission.sample_interval_s)
        self._admission = Admission(self._serving.admission, self._gauge)
        self._live_streams: LiveStreams | None = None
        self._measuring: asyncio.Task[None] | None = None

    @property
    def stream_count(self) -> int:
        """Live streams and clips under way."""
        return self._admission.stream_count

    @property
    def live_streams(self) -> LiveStreams | None:
        """Serves streams over any wire; None before `add_to`."""
        return self._live_streams

    async def add_to(
        self,
        server: grpc.aio.Server,
        sink: MetricsSink | None,
        on_progress: Callable[[str], None],
    ) -> str:
        """Get the kernels ready and register the servicer; returns the service's name.

        Parameters
        ----------
        server
            Not started yet.
        sink
            Keeps the results of streams with a session_id; nobody does when None.
        on_progress
            Told in a sentence what takes so long.
        """
        kernel_cache.use_data_dir(self._settings.data_dir)
        on_progress(_preparation(kernel_cache_dir(self._settings)))
        await asyncio.to_thread(kernels.warm_up_kernels)
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
            metrics=sink,
        )
        clips = ClipAnalysis(self._serving, self._admission, fast_quota)
        analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(
            AnalysisServicer(self._live_streams, clips), server
        )
        return SERVICE_NAME

    def start_measuring(self) -> None:
        """Watch how late the event loop is, which decides who is let in."""
        self._measuring = asyncio.create_task(self._gauge.run())

    def say_goodbye(self) -> None:
        """Tell every live stream that the server goes."""
        if self._live_streams is not None:
            self._live_streams.go_away(_GOODBYE)

    def stop(self) -> None:
        """Watch no more."""
        if self._measuring is not None:
            self._measuring.cancel()


def kernel_cache_dir(settings: Settings) -> Path:
    """Return where compiled kernels are kept."""
    return kernel_cache.cache_folder(settings.data_dir)


def kernel_count(folder: Path) -> int:
    """Return how many compiled kernels are kept there."""
    return kernel_cache.compiled_count(folder)


def _serving_config(settings: Settings) -> ServingConfig:
    limits = ServingConfig()
    admission = dataclasses.replace(
        limits.admission,
        max_streams=settings.max_streams,
        max_streams_per_user=settings.max_streams_per_user,
        max_lag_s=settings.max_lag_seconds,
        busy_lag_s=settings.max_lag_seconds / 5,
    )
    return dataclasses.replace(limits, admission=admission)


def _preparation(folder: Path) -> str:
    if kernel_cache.compiled_count(folder):
        return "Loading the analysis kernels …"
    return "Compiling the analysis kernels, once for this version; it can take a minute …"
