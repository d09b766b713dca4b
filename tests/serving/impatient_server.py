"""A server program with short patience: ``python tests/serving/impatient_server.py DATA_DIR``."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from pathlib import Path

import uvloop

from analysis_engine.serving.limits import (
    AdmissionLimits,
    OutboxLimits,
    ServingConfig,
    SmallMessageLimit,
)
from gateway.settings import Settings
from gateway.standalone import ENGINE, EmbeddedServer
from practice.rpc.server_options import ServerOptions

# This machine may be busy with other things while tests run: only the hard cap refuses.
ADMISSION = AdmissionLimits(max_busy=10.0, max_lag_s=60.0)
SERVING = ServingConfig(
    admission=ADMISSION,
    outbox=OutboxLimits(cut_after_s=1.0),
    small_messages=SmallMessageLimit(burst=50.0),
)
OPTIONS = dataclasses.replace(
    ServerOptions(), keepalive_s=2.0, keepalive_timeout_s=5.0, handshake_s=1.0
)


async def serve(data_dir: Path) -> None:
    """Serve until the process is ended; says where on stdout."""
    settings = Settings(grpc_port=0, http_port=0, metrics_port=0, data_dir=data_dir)
    async with EmbeddedServer(settings, serving=SERVING, options=OPTIONS, only=ENGINE) as server:
        sys.stdout.write(f"serves gRPC on {server.address}\n")
        sys.stdout.flush()
        await server.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(Path(sys.argv[1])))
