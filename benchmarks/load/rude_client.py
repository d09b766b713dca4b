"""A client that keeps none of the rules that grpc's own clients keep: frames over a plain socket.

It blocks, so that one thread can send as fast as the kernel takes it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from typing import TYPE_CHECKING, Final, Self

import grpc
import hpack
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from benchmarks.load.paced_stream import METHOD

if TYPE_CHECKING:
    from types import TracebackType

#: How it ended, beside the names of gRPC's statuses and HTTP/2's error codes.
CUT: Final = "CUT"
UNCUT: Final = "UNCUT"

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_LIMIT_S: Final = 10.0
_POLL_S: Final = 0.05
_READ_BYTES: Final = 1 << 16
_FRAME_BYTES: Final = 16_384
_HEAD_BYTES: Final = 9
_FIRST_WINDOW_BYTES: Final = 65_535
_STATUS_NAMES: Final = {str(code.value[0]): code.name for code in grpc.StatusCode}
#: RFC 9113, section 7.
_ERROR_NAMES: Final = {
    0x0: "NO_ERROR",
    0x1: "PROTOCOL_ERROR",
    0x2: "INTERNAL_ERROR",
    0x7: "REFUSED_STREAM",
    0x8: "CANCEL",
    0xB: "ENHANCE_YOUR_CALM",
}


class RudeConnection:
    """One HTTP/2 connection, and what the server said about each of its streams.

    Parameters
    ----------
    address
        ``host:port`` of the server.
    until_s
        Monotonic time at which to give up.
    window_bytes
        What the server may send on a stream; nothing ever widens it.
    speaks
        Whether to begin as HTTP/2 does, with the preface.
    """

    def __init__(
        self,
        address: str,
        until_s: float,
        *,
        window_bytes: int = _FIRST_WINDOW_BYTES,
        speaks: bool = True,
    ) -> None:
        self._until_s = until_s
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=_LIMIT_S)
        self._encoder, self._decoder = hpack.Encoder(), hpack.Decoder()
        self._received = bytearray()
        self._header_block = b""
        self._next_stream_id = 1
        self._first_window_bytes = _FIRST_WINDOW_BYTES
        self._window_bytes: dict[int, int] = {0: _FIRST_WINDOW_BYTES}
        self._ends: dict[int, str] = {}
        self._goodbye: str | None = None
        if speaks:
            settings = {SettingsFrame.INITIAL_WINDOW_SIZE: window_bytes}
            self.send_bytes(_PREFACE + SettingsFrame(0, settings=settings).serialize())

    @property
    def end(self) -> str:
        """The error code of the server's GOAWAY, `CUT` when it just closed, or `UNCUT`."""
        return self._goodbye or UNCUT

    @property
    def goes_on(self) -> bool:
        """Whether the connection is there, and time is left."""
        return self._goodbye is None and time.monotonic() < self._until_s

    def open_stream(self, *headers: tuple[str, str]) -> int:
        """Begin a call; returns the stream's number, whether or not the server wants more."""
        stream_id = self._next_stream_id
        self._next_stream_id += 2
        self._window_bytes[stream_id] = self._first_window_bytes
        block = self._encoder.encode(
            (
                (":method", "POST"),
                (":scheme", "http"),
                (":path", METHOD),
                (":authority", "localhost"),
                ("content-type", "application/grpc"),
                ("te", "trailers"),
                *headers,
            )
        )
        parts = [block[i : i + _FRAME_BYTES] for i in range(0, len(block), _FRAME_BYTES)]
        frames: list[Frame] = [HeadersFrame(stream_id, parts[0])]
        frames += [ContinuationFrame(stream_id, part) for part in parts[1:]]
        frames[-1].flags.add("END_HEADERS")
        self.send_bytes(b"".join(frame.serialize() for frame in frames))
        return stream_id

    def send_message(self, stream_id: int, message: bytes, *, flag: int = 0) -> None:
        """Send one gRPC message, once the server has room for it."""
        data = struct.pack(">BI", flag, len(message)) + message
        for start in range(0, len(data), _FRAME_BYTES):
            self.send_data(stream_id, data[start : start + _FRAME_BYTES])

    def send_data(self, stream_id: int, data: bytes) -> None:
        """Send bytes of a stream in one frame; nothing happens once the stream has ended."""
        self.read(0.0)
        while min(self._window_bytes[0], self._window_bytes[stream_id]) < len(data):
            if not self.stream_goes_on(stream_id):
                return
            self.read(_POLL_S)
        self._window_bytes[0] -= len(data)
        self._window_bytes[stream_id] -= len(data)
        self.send_bytes(DataFrame(stream_id, data).serialize())

    def reset_stream(self, stream_id: int) -> None:
        """Break a call off."""
        self.send_bytes(RstStreamFrame(stream_id, error_code=8).serialize())

    def send_bytes(self, data: bytes) -> None:
        """Send frames as they are."""
        # After a cut, what came before it can still be read, and then shows it.
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(data)

    def read(self, wait_s: float) -> None:
        """Take in what has come, and wait for the first of it."""
        while self._goodbye is None and select.select([self._socket], [], [], wait_s)[0]:
            wait_s = 0.0
            try:
                data = self._socket.recv(_READ_BYTES)
            except ConnectionError:
                data = b""
            self._received += data
            self._take_frames()
            if not data:
                self._goodbye = self._goodbye or CUT

    def stream_goes_on(self, stream_id: int) -> bool:
        """Whether the server has not ended the stream, and time is left."""
        return stream_id not in self._ends and self.goes_on

    def end_of(self, stream_id: int) -> str:
        """Wait for the stream's end; returns `UNCUT` when it went on until the time was up."""
        while self.stream_goes_on(stream_id):
            self.read(_POLL_S)
        return self._ends.get(stream_id) or self.end

    def wait_for_close(self) -> str:
        """Answer nothing until the server closes the connection; returns `CUT` or `UNCUT`."""
        self._socket.settimeout(max(0.0, self._until_s - time.monotonic()))
        with contextlib.suppress(ConnectionError):
            try:
                while self._socket.recv(_READ_BYTES):
                    pass
            except TimeoutError:
                return UNCUT
        return CUT

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    def _take_frames(self) -> None:
        while len(self._received) >= _HEAD_BYTES:
            frame, length = Frame.parse_frame_header(memoryview(self._received[:_HEAD_BYTES]))
            if len(self._received) < _HEAD_BYTES + length:
                return
            frame.parse_body(memoryview(self._received[_HEAD_BYTES : _HEAD_BYTES + length]))
            del self._received[: _HEAD_BYTES + length]
            self._note(frame)

    def _note(self, frame: Frame) -> None:
        if isinstance(frame, HeadersFrame | ContinuationFrame):
            self._note_headers(frame)
        elif isinstance(frame, RstStreamFrame):
            self._ends.setdefault(frame.stream_id, _error_name(frame.error_code))
        elif isinstance(frame, GoAwayFrame):
            self._goodbye = _error_name(frame.error_code)
        elif isinstance(frame, WindowUpdateFrame):
            self._widen(frame.stream_id, frame.window_increment)
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self._take_settings(frame)
        elif isinstance(frame, PingFrame) and "ACK" not in frame.flags:
            answer = PingFrame(0, opaque_data=frame.opaque_data, flags=["ACK"])
            self.send_bytes(answer.serialize())

    def _note_headers(self, frame: HeadersFrame | ContinuationFrame) -> None:
        self._header_block += frame.data
        if "END_HEADERS" in frame.flags:
            headers = dict(self._decoder.decode(self._header_block, raw=True))
            self._header_block = b""
            if b"grpc-status" in headers:
                self._ends[frame.stream_id] = _STATUS_NAMES[headers[b"grpc-status"].decode()]

    def _take_settings(self, frame: SettingsFrame) -> None:
        first_bytes = frame.settings.get(SettingsFrame.INITIAL_WINDOW_SIZE)
        if first_bytes is not None:
            for stream_id in self._window_bytes.keys() - {0}:
                self._widen(stream_id, first_bytes - self._first_window_bytes)
            self._first_window_bytes = first_bytes
        self.send_bytes(SettingsFrame(0, flags=["ACK"]).serialize())

    def _widen(self, stream_id: int, byte_count: int) -> None:
        if stream_id in self._window_bytes:
            self._window_bytes[stream_id] += byte_count


def _error_name(code: int) -> str:
    return _ERROR_NAMES.get(code, hex(code))
