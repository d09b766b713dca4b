"""The persistence services alone in a process of their own; its line on stdout is the address.

No limits on attempts, because the callers are all on one machine; all else is as it is served.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from prometheus_client import CollectorRegistry

from practice.rpc.drain import Drain
from practice.rpc.logs import configure_logs
from practice.rpc.principals import Access, AnonymousOnLoopback
from practice.rpc.server import make_server
from practice.rpc.server_options import ServerOptions
from practice.rpc.token_buckets import Allowance
from session_service import policy
from session_service.accounts.access_tokens import TokenAuthenticator
from session_service.accounts.throttle import ThrottleLimits
from session_service.app import PersistenceConfig, PersistenceServices
from session_service.db.config import DatabaseConfig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

UNLIMITED = ThrottleLimits(Allowance(1_000_000, 0.001), Allowance(1_000_000, 0.001))


@asynccontextmanager
async def running(database_url: str, data_dir: Path) -> AsyncIterator[tuple[str, psutil.Process]]:
    """Start a server; yield its address and its process, which is ended afterwards.

    Parameters
    ----------
    database_url
        As in PRACTICE_DATABASE_URL, with every table; empty is a file in the folder.
    data_dir
        For keys, and the database when there is no server of its own.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.services.server",
        database_url,
        str(data_dir),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the server has no stdout")
        address = (await process.stdout.readline()).decode().strip()
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _serve(database_url: str, data_dir: Path) -> None:
    config = DatabaseConfig.from_setting(database_url, data_dir)
    services = PersistenceServices(PersistenceConfig(config, data_dir / "keys", throttle=UNLIMITED))
    server = make_server(
        authenticator=TokenAuthenticator(services.access_tokens, AnonymousOnLoopback("127.0.0.1")),
        access=Access(policy.OPEN_METHODS, policy.check_role),
        drain=Drain(),
        registry=CollectorRegistry(),
        options=ServerOptions(),
    )
    services.add_to(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    configure_logs("WARNING")
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
