"""Programs under test, as a person starts them: other processes on free ports."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_START_TIMEOUT_S = 100.0


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """Return this environment without its own settings, and with the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRACTICE_")}
    own = {"PRACTICE_METRICS_PORT": "0", "PRACTICE_HTTP_PORT": "0", "COLUMNS": "120"}
    own["PRACTICE_DATA_DIR"] = str(data_dir)
    own["PRACTICE_CREDENTIALS_DIR"] = str(data_dir / "credentials")
    return {**kept, **own, **settings}


async def start(
    *arguments: str, env: dict[str, str], stdin: int = asyncio.subprocess.DEVNULL
) -> asyncio.subprocess.Process:
    """Start `practice` with arguments."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "practice.cli.main",
        *arguments,
        env=env,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(
    *arguments: str, env: dict[str, str], typed: str | None = None
) -> tuple[int, str, str]:
    """Run `practice` to its end, with something on stdin; returns exit code, stdout and stderr."""
    stdin = asyncio.subprocess.DEVNULL if typed is None else asyncio.subprocess.PIPE
    process = await start(*arguments, env=env, stdin=stdin)
    out, err = await process.communicate(None if typed is None else typed.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def address_of(server: asyncio.subprocess.Process) -> str:
    """Wait for the line with the server's address and return it."""
    assert server.stdout is not None
    async with asyncio.timeout(_START_TIMEOUT_S):
        line = (await server.stdout.readline()).decode()
    assert "serves gRPC on " in line, line
    return line.split("serves gRPC on ")[1].split(",")[0]


@contextlib.asynccontextmanager
async def served(
    *arguments: str, env: dict[str, str]
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Yield a `practice serve` process and its address; it is ended at the end."""
    process = await start("serve", *arguments, env=env)
    try:
        yield process, await address_of(process)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.communicate()
