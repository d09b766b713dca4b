"""What a stream and a server need besides processor time: memory, and time to start."""

from __future__ import annotations

import gc
import os
import pickle
import socket
import subprocess
import sys
import time
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

import grpc
import psutil
from grpc_health.v1 import health_pb2, health_pb2_grpc

from analysis_engine.tracking.tracker import Tracker
from benchmarks.stages import config_for

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.stages import Material

ANALYSIS_SERVICE: Final = "practice.analysis.v1.AnalysisService"
START_LIMIT_S: Final = 300.0
POLL_S: Final = 0.02
STREAM_COUNT: Final = 200


def memory_per_stream(material: Material, count: int = STREAM_COUNT) -> dict[str, float]:
    """KiB of one tracker that has heard some audio: traced, resident, and as pickled for a resume.

    Parameters
    ----------
    material
        What each tracker hears, from its beginning, for two seconds.
    count
        Trackers alive at once.
    """
    _listening_trackers(material, 1)  # what all of them share is made before
    gc.collect()
    process = psutil.Process()
    resident_before = process.memory_info().rss
    trackers = _listening_trackers(material, count)
    resident = process.memory_info().rss - resident_before
    tracemalloc.start()
    traced_trackers = _listening_trackers(material, count)
    traced, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del traced_trackers
    return {
        "traced KiB": traced / count / 1024,
        "resident KiB": resident / count / 1024,
        "pickled KiB": len(pickle.dumps(trackers[0])) / 1024,
    }


def memory_in_fresh_process(material: Material) -> dict[str, float]:
    """Measure in a process of its own: here, earlier work has left memory to be used again."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(memory_per_stream, material).result()


def _listening_trackers(material: Material, count: int) -> list[Tracker]:
    slices, config = material.slices()[:20], config_for(material)
    trackers = [Tracker(config) for _ in range(count)]
    for tracker in trackers:
        for data in slices:
            tracker.process(data)
    return trackers


def start_to_serving_s(data_dir: Path) -> float:
    """Seconds from starting `practice serve` until AnalysisService is SERVING; ends it again.

    Parameters
    ----------
    data_dir
        Its data folder, with the kernel cache in it: the second start finds it warm.

    Raises
    ------
    RuntimeError
        When the server ends before it serves.
    TimeoutError
        When it does not serve within five minutes.
    """
    port = _free_port()
    command = [sys.executable, "-c", "from practice.cli.main import main; main()", "serve"]
    command += ["--grpc-port", str(port), "--data-dir", str(data_dir)]
    environment = os.environ | {
        "PRACTICE_HTTP_PORT": "0",
        "PRACTICE_METRICS_PORT": "0",
        "NUMBA_CACHE_DIR": str(data_dir / "kernels"),
    }
    started_s = time.perf_counter()
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            _wait_until_serving(server, port, started_s + START_LIMIT_S)
            return time.perf_counter() - started_s
        finally:
            server.terminate()
            server.communicate()


def _wait_until_serving(server: subprocess.Popen[str], port: int, until_s: float) -> None:
    request = health_pb2.HealthCheckRequest(service=ANALYSIS_SERVICE)
    # The channel would back off for a second after the first refused connection.
    options = [("grpc.initial_reconnect_backoff_ms", 20), ("grpc.max_reconnect_backoff_ms", 50)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        while time.perf_counter() < until_s:
            if server.poll() is not None:
                last_words = server.stderr.read().strip() if server.stderr else ""
                raise RuntimeError(f"the server ended with {server.returncode}: {last_words}")
            try:
                if (
                    health.Check(request, timeout=1).status
                    == health_pb2.HealthCheckResponse.SERVING
                ):
                    return
            except grpc.RpcError:
                pass  # not listening yet, or the service is not known yet
            time.sleep(POLL_S)
    raise TimeoutError(f"not serving after {START_LIMIT_S:g} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
