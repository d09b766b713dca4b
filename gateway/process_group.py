"""Several server processes on one port: an event loop and an engine for each core.

The operating system deals connections out to them (SO_REUSEPORT). A stream lives in the process
that its connection went to, so one that resumes may find that another process knows nothing of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from typing import TYPE_CHECKING, Final

import click

from gateway import program
from gateway.addresses import obstacle, place
from gateway.front_door import HTTP_PORT_SETTING
from gateway.settings import environment_name
from gateway.standalone import GRPC_PORT_SETTING, HOST_SETTING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Iterator

    from gateway.settings import Settings

RESTART_AFTER_S: Final = 1.0
_SERVES: Final = "serves gRPC on "


async def serve_in_processes(settings: Settings, only: str | None = None) -> None:
    """Serve in as many processes as the settings say until SIGTERM or Ctrl-C.

    A process that ends is started again. A second signal does not wait for the streams.

    Parameters
    ----------
    settings
        Addresses and folders.
    only
        The one part that each serves; all when None.

    Raises
    ------
    click.ClickException
        When the address can't be had or a process does not come up.
    """
    host, http_port = settings.host, 0 if only else settings.http_port
    with (
        _reserved_port(host, settings.grpc_port, GRPC_PORT_SETTING) as grpc_port,
        _reserved_port(host, http_port, HTTP_PORT_SETTING) as http_port,
        program.stop_signals() as stopped,
    ):
        group = _ProcessGroup(settings, {"grpc_port": grpc_port, "http_port": http_port}, only)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                metrics = await group.start()
                rest = "" if only else f"REST on http://{place(host, http_port)}/docs, "
                click.echo(
                    f"Practice Tracker {_SERVES}{place(host, grpc_port)}, {rest}"
                    f"in {settings.processes} processes, metrics on {', '.join(metrics)}"
                )
                await stopped.wait()
                program.say("Stopping.")
                await group.stop()
        finally:
            group.kill()


class _ProcessGroup:
    """Starts, keeps and ends the processes."""

    def __init__(self, settings: Settings, ports: dict[str, int], only: str | None) -> None:
        self._settings = settings
        self._arguments = () if only is None else ("--only", only)
        self._ports = ports
        self._processes: dict[int, Process] = {}
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self) -> list[str]:
        """Start them one by one, as the first compiles for all; returns where their metrics are."""
        places = [await self._start(number) for number in range(self._settings.processes)]
        self._keepers = [asyncio.create_task(self._keep(number)) for number in self._processes]
        return places

    async def stop(self) -> None:
        """Let every process say goodbye to its streams, and wait for them."""
        self._give_up_keeping()
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*(process.wait() for process in self._processes.values()))

    def kill(self) -> None:
        """End at once what is still there."""
        self._give_up_keeping()
        for process in self._processes.values():
            if process.returncode is None:
                process.kill()

    async def _start(self, number: int) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "practice.cli.main", "serve", *self._arguments),
            env={**os.environ, **self._environment(number)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is this process's to pass on, once
        )
        self._processes[number] = process
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        line = (await process.stdout.readline()).decode()
        if _SERVES not in line:
            raise click.ClickException(f"process {number + 1} ended before it served")
        return line.split("metrics on ")[1].strip()

    def _environment(self, number: int) -> dict[str, str]:
        chosen = self._settings.model_dump(mode="json")
        metrics_port = self._settings.metrics_port
        chosen |= {
            **self._ports,
            "metrics_port": metrics_port + number if metrics_port else 0,
            "processes": 1,
            "shared_port": True,
        }
        return {
            environment_name(name): str(value)
            for name, value in chosen.items()
            if value is not None
        }

    def _give_up_keeping(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()

    async def _keep(self, number: int) -> None:
        while True:
            code = await self._processes[number].wait()
            program.say(f"Process {number + 1} ended with {code}; it is started again.")
            await asyncio.sleep(RESTART_AFTER_S)
            with contextlib.suppress(click.ClickException):  # the next round tells of it
                await self._start(number)


@contextlib.contextmanager
def _reserved_port(host: str, port: int, setting: str) -> Iterator[int]:
    """Hold the port without listening, so that it stays ours while processes come and go."""
    reason = obstacle(host, port, setting, HOST_SETTING)
    if reason is not None:
        raise click.ClickException(f"cannot listen: {reason}")
    if sys.platform == "win32":
        raise click.ClickException(f"{environment_name('processes')} must be 1 on Windows.")
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(address)
        yield reserved.getsockname()[1]
