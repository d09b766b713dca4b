"""A real server in a process of its own, to be killed: prints its address, serves until then."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gateway.settings import Settings
from gateway.standalone import EmbeddedServer


async def serve(data_dir: Path) -> None:
    async with EmbeddedServer(
        Settings(grpc_port=0, http_port=0, metrics_port=0, data_dir=data_dir)
    ) as server:
        sys.stdout.write(server.address + "\n")
        sys.stdout.flush()
        await server.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
