"""Servers and generators as other processes, and what they cost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ROOT: Final = Path(__file__).parents[2]
BUILD: Final = ROOT / "build" / "load"
START_LIMIT_S: Final = 300.0
STOP_LIMIT_S: Final = 20.0
_ADDRESS_MARK: Final = "serves gRPC on "


@dataclass(frozen=True, slots=True)
class Server:
    """How to start a server that says on stdout where it serves.

    Parameters
    ----------
    name
        For the table.
    arguments
        Of the Python interpreter.
    settings
        Environment variables beside this process's own.
    """

    name: str
    arguments: tuple[str, ...]
    settings: Mapping[str, str]


PRACTICE: Final = Server(
    "practice",
    ("-m", "practice.cli.main", "serve", "--grpc-port", "0", "--host", "127.0.0.1"),
    # The cap is not what is measured; what the event loop bears is.
    {
        "PRACTICE_HTTP_PORT": "0",
        "PRACTICE_METRICS_PORT": "0",
        "PRACTICE_MAX_STREAMS": "100000",
        "PRACTICE_DATA_DIR": str(BUILD / "data"),
    },
)
ECHO: Final = Server("echo", ("-m", "benchmarks.load.echo"), {})


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor time (s, user and system) and resident memory (bytes) of a program so far."""

    cpu_s: float
    resident_bytes: int


def usage_of(pid: int) -> Usage:
    """Return what a process and those that it started have used."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    times = [member.cpu_times() for member in family]
    return Usage(
        cpu_s=sum(time.user + time.system for time in times),
        resident_bytes=sum(member.memory_info().rss for member in family),
    )


@contextlib.asynccontextmanager
async def started(server: Server) -> AsyncIterator[tuple[str, int]]:
    """Yield a running server's address and process id; it is ended at the end.

    Raises
    ------
    RuntimeError
        When it ends before it serves.
    TimeoutError
        When it does not serve within five minutes.
    """
    async with running(*server.arguments, settings=server.settings) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        async with asyncio.timeout(START_LIMIT_S):
            while _ADDRESS_MARK not in (line := (await process.stdout.readline()).decode()):
                if not line:
                    raise RuntimeError(f"the {server.name} server ended before it served")
        yield line.split(_ADDRESS_MARK)[1].split(",")[0].strip(), process.pid


@contextlib.asynccontextmanager
async def running(
    *arguments: str, settings: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Yield a Python program with its stdin and stdout in hand; it is ended at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, **settings},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 28,  # a harvest is one long line
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
