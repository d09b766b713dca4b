"""A bounded queue on disk: what is in it survives the program, whatever ends it.

Records are appended by a thread of its own, several at once, and count as durable after one
fdatasync. They are read back in order and forgotten once they have arrived elsewhere; after a
crash some may be read again, so whoever takes them must be able to tell repeats.

Overflow policy: when the disk's share or the queue before it is full, new records are refused.
What was accepted is never dropped for newer ones.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from practice.identifiers import uuid7
from session_service.progress import segments
from session_service.progress.lane import Lane

if TYPE_CHECKING:
    import io
    from collections.abc import Callable
    from pathlib import Path

_LOG: Final = structlog.get_logger()
# Neither macOS nor Windows has fdatasync.
_SYNC: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """Bounds of a spool.

    Parameters
    ----------
    max_bytes
        On the disk; a window takes about 120 bytes, so these last for about 15 minutes of 1,000
        streams.
    segment_bytes
        Size at which a file is followed by a new one, and the most that is read again after a
        crash.
    max_queued
        Records that may wait for the disk.
    max_group
        Records that share one fdatasync.
    gather_s
        How long a record waits for others to share it with.
    retry_s
        Wait after the disk refused to write.
    """

    max_bytes: int = 256 << 20
    segment_bytes: int = 1 << 20
    max_queued: int = 4096
    max_group: int = 1024
    gather_s: float = 0.02
    retry_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Position:
    """How far the spool has been read: everything before it."""

    path: Path
    offset: int


@dataclass(slots=True)
class _Segment:
    path: Path
    durable_bytes: int
    read_bytes: int = len(segments.MAGIC)


@dataclass(frozen=True, slots=True)
class _Queued:
    payload: bytes
    on_durable: Callable[[], None]


class Spool:
    """The records of one process; `open` it in an event loop, and `close` it there.

    Parameters
    ----------
    folder
        Shared with other processes; each has a lane of its own in it.
    limits
        Bounds.
    """

    def __init__(self, folder: Path, limits: SpoolLimits | None = None) -> None:
        self._folder = folder
        self._limits = limits or SpoolLimits()
        self._segments: list[_Segment] = []
        self._guard = threading.Lock()  # of the list, which the writer appends to
        self._queue: queue.SimpleQueue[_Queued | None] = queue.SimpleQueue()
        self._queued = 0
        self._queued_bytes = 0
        self._file: io.FileIO | None = None
        self._is_closing = threading.Event()
        self.arrived = asyncio.Event()

    @property
    def size_bytes(self) -> int:
        """What is on the disk, or soon will be."""
        with self._guard:
            return self._size_bytes()

    def _size_bytes(self) -> int:
        return self._queued_bytes + sum(segment.durable_bytes for segment in self._segments)

    @property
    def unread_bytes(self) -> int:
        """What is durable and has not been forgotten."""
        with self._guard:
            return sum(segment.durable_bytes - segment.read_bytes for segment in self._segments)

    async def open(self) -> None:
        """Take a lane, recover what is in it, and start to write.

        Raises
        ------
        OSError
            When the folder can't be used.
        """
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._recover)
        if self._segments:
            self.arrived.set()
        self._writer = threading.Thread(target=self._write_all, name="spool", daemon=True)
        self._writer.start()

    def _recover(self) -> None:
        self._lane = Lane.take(self._folder)
        for path in self._lane.segments():
            recovery = segments.recover(path)
            if recovery.torn_bytes:
                _LOG.warning("spool_torn", file=path.name, torn_bytes=recovery.torn_bytes)
            if recovery.damaged_bytes:
                _LOG.error("spool_damaged", file=path.name, damaged_bytes=recovery.damaged_bytes)
            if recovery.sound_bytes <= len(segments.MAGIC):
                path.unlink()
            else:
                self._segments.append(_Segment(path, recovery.sound_bytes))

    def offer(self, payload: bytes, on_durable: Callable[[], None]) -> bool:
        """Take a record, if there is room; call in the event loop.

        Parameters
        ----------
        payload
            At least one byte.
        on_durable
            Called in the event loop once it is on the disk.

        Returns
        -------
        bool
            Whether it was taken.
        """
        size_bytes = segments.HEADER_BYTES + len(payload)
        if self._queued >= self._limits.max_queued:
            return False
        with self._guard:
            if self._size_bytes() + size_bytes > self._limits.max_bytes:
                return False
            self._queued_bytes += size_bytes
        self._queued += 1
        self._queue.put(_Queued(payload, on_durable))
        return True

    def read(self, max_bytes: int) -> tuple[list[bytes], Position | None]:
        """Return the oldest records, about ``max_bytes`` of one file; call in a thread.

        Returns
        -------
        payloads, position
            The position to `forget` once they have arrived; None when there is nothing.

        Raises
        ------
        OSError
            When the file can't be read.
        """
        with self._guard:
            unread = (one for one in self._segments if one.read_bytes < one.durable_bytes)
            segment = next(unread, None)
            if segment is None:
                return [], None
            path, start, stop = segment.path, segment.read_bytes, segment.durable_bytes
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(stop - start)
        payloads: list[bytes] = []
        end = 0
        for payload, end in segments.records(data):
            payloads.append(payload)
            if end >= max_bytes:
                break
        if not payloads:
            raise OSError(f"{path}: what was written at {start} can't be read back")
        return payloads, Position(path, start + end)

    def forget(self, position: Position) -> None:
        """Let go of everything before a position; call in a thread."""
        with self._guard:
            for segment in self._segments:
                if segment.path == position.path:
                    segment.read_bytes = position.offset
            done = [one for one in self._segments[:-1] if one.read_bytes >= one.durable_bytes]
            self._segments = [one for one in self._segments if one not in done]
        for segment in done:
            segment.path.unlink()

    def set_aside(self, payload: bytes) -> str:
        """Keep a record that nobody can use in a file of its own, for a person; returns its name.

        Raises
        ------
        OSError
            When it can't be written.
        """
        path = self._lane.folder / f"{uuid7().hex}{segments.DAMAGED_SUFFIX}"
        path.write_bytes(segments.encoded(payload))
        return path.name

    async def close(self) -> None:
        """Write what was accepted, and let go of the lane; nothing may be offered any more."""
        self._is_closing.set()
        self._queue.put(None)
        await asyncio.to_thread(self._writer.join)
        with self._guard:
            left = [one for one in self._segments if one.read_bytes < one.durable_bytes]
            drained = [one for one in self._segments if one not in left]
            self._segments = left
        for segment in drained:
            segment.path.unlink()
        self._lane.close()

    def _write_all(self) -> None:
        is_open = True
        while is_open:
            group, is_open = self._gather()
            if group and not self._write_patiently(b"".join(map(_record, group))):
                _LOG.error("spool_lost", record_count=len(group))  # none of them acknowledged
                break
            self._loop.call_soon_threadsafe(self._tell_durable, group)
        self._leave_segment()

    def _gather(self) -> tuple[list[_Queued], bool]:
        """Return the next records to write, and whether more may follow."""
        first = self._queue.get()
        if first is None:
            return [], False
        group = [first]
        self._is_closing.wait(self._limits.gather_s)
        while len(group) < self._limits.max_group:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                return group, False
            group.append(item)
        return group, True

    def _write_patiently(self, data: bytes) -> bool:
        """Write until the disk takes it, or the program ends; returns whether it did."""
        while True:
            try:
                self._write(data)
            except OSError as error:
                _LOG.error("spool_not_writable", reason=str(error))
                self._leave_segment()
            else:
                return True
            if self._is_closing.wait(self._limits.retry_s):
                return False

    def _write(self, data: bytes) -> None:
        segment = self._segments[-1] if self._file is not None else None
        if segment is None or segment.durable_bytes >= self._limits.segment_bytes:
            segment = self._begin_segment()
        self._append(data)
        with self._guard:
            segment.durable_bytes += len(data)
            self._queued_bytes -= len(data)

    def _begin_segment(self) -> _Segment:
        self._leave_segment()
        path = self._lane.folder / f"{uuid7().hex}{segments.SUFFIX}"
        self._file = path.open("xb", buffering=0)
        self._append(segments.MAGIC)
        _sync_folder(self._lane.folder)
        segment = _Segment(path, len(segments.MAGIC))
        with self._guard:
            self._segments.append(segment)
        return segment

    def _append(self, data: bytes) -> None:
        assert self._file is not None  # noqa: S101 - a segment has been begun
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]
        _SYNC(self._file.fileno())

    def _leave_segment(self) -> None:
        """Write no more to this file; what was torn in it is told on recovery."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _tell_durable(self, group: list[_Queued]) -> None:
        self.arrived.set()
        for item in group:
            self._queued -= 1
            item.on_durable()


def _record(item: _Queued) -> bytes:
    return segments.encoded(item.payload)


def _sync_folder(folder: Path) -> None:
    """Make a new file's name as durable as what is in it."""
    if sys.platform == "win32":  # folders can't be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
