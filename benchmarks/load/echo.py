"""The yardstick: a bare grpc.aio server that does nothing but answer, at the engine's cadence.

No interceptors, no protobuf, no limits: bytes in, and one ready-made window for every hop.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any, Final

import grpc
import uvloop

from benchmarks.load.material import FRAMES_PER_HOP, HOP_S, RATE_HZ
from practice.analysis.v1 import analysis_pb2 as pb

SERVICE: Final = "practice.analysis.v1.AnalysisService"
LONGEST_S: Final = 2 * 3600.0


def main() -> None:
    """Serve on a free port of this machine until the process is ended; says where on stdout."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.echo", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(options.port))


async def _serve(port: int) -> None:
    answers = _answers()

    async def echo(_: Any, context: Any) -> None:
        await context.read()
        await context.write(READY)
        for answer in answers:
            for _frame in range(FRAMES_PER_HOP):
                if await context.read() is grpc.aio.EOF:
                    return
            await context.write(answer)

    server = grpc.aio.server(options=[("grpc.so_reuseport", 1)])
    handler: Any = grpc.stream_stream_rpc_method_handler(echo)
    methods = {"StreamingAnalyze": handler}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, methods)])
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    print(f"serves gRPC on 127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


READY: Final = pb.StreamingAnalyzeResponse(ready=pb.StreamReady()).SerializeToString()


def _answers() -> tuple[bytes, ...]:
    """Encode the windows of the longest stream, each as large as an honest one."""
    hop_samples = round(HOP_S * RATE_HZ)
    return tuple(
        pb.StreamingAnalyzeResponse(
            window=pb.WindowResult(
                end_sample=(number + 1) * hop_samples,
                state=pb.WINDOW_STATE_LOCKED,
                bpm=96.0,
                raw_bpm=96.0,
                confidence=0.9,
                accuracy=90.0,
                steadiness=90.0,
                level_dbfs=-20.0,
            )
        ).SerializeToString()
        for number in range(round(LONGEST_S / HOP_S))
    )


if __name__ == "__main__":
    main()
