"""What a client can do to a server that it should not, each as a function over one connection.

Each goes on until the server has ended it or the time is up, and returns how it ended.
"""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hyperframe.frame import PingFrame

from benchmarks.load.rude_client import CUT, UNCUT, RudeConnection
from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    Attempt = Callable[[str, float], str]

_RATE_HZ: Final = 8000
_FRAME: Final = bytes(_RATE_HZ // 10)
_BOMB_BYTES: Final = 16 << 20
_FAST_HOP_S: Final = 0.1
_MANY_STREAMS: Final = 200


@dataclass(frozen=True, slots=True)
class Abuse:
    """One way to do harm.

    Parameters
    ----------
    name
        For the table.
    attempt
        Takes the server's address and a monotonic time at which to give up.
    ends
        How the server may end it; `UNCUT` where it harms nobody and is let go on.
    """

    name: str
    attempt: Attempt
    ends: frozenset[str]

    @property
    def is_suffered(self) -> bool:
        """Whether the server lets it go on."""
        return UNCUT in self.ends


def _config(**fields: object) -> bytes:
    config = pb.StreamConfig(
        encoding=pb.AUDIO_ENCODING_MULAW,
        sample_rate_hz=_RATE_HZ,
        **fields,  # type: ignore[arg-type] # a test of what the server takes
    )
    return pb.StreamingAnalyzeRequest(config=config).SerializeToString()


def _audio(data: bytes, first_sample: int | None = None) -> bytes:
    chunk = pb.AudioChunk(data=data, first_sample=first_sample)
    return pb.StreamingAnalyzeRequest(audio=chunk).SerializeToString()


def _repeat(address: str, until_s: float, first: bytes, then: bytes) -> str:
    with RudeConnection(address, until_s) as connection:
        stream_id = connection.open_stream()
        connection.send_message(stream_id, first)
        while connection.stream_goes_on(stream_id):
            connection.send_message(stream_id, then)
        return connection.end_of(stream_id)


def _endless_configs(address: str, until_s: float) -> str:
    return _repeat(address, until_s, _config(), _config())


def _endless_controls(address: str, until_s: float) -> str:
    control = pb.Control(set_target_bpm=100.0)
    message = pb.StreamingAnalyzeRequest(control=control).SerializeToString()
    return _repeat(address, until_s, _config(), message)


def _tiny_messages(address: str, until_s: float) -> str:
    return _repeat(address, until_s, _config(), _audio(b"\0"))


def _tiny_messages_of_a_file(address: str, until_s: float) -> str:
    config = _config(pace=pb.PACE_AS_FAST_AS_POSSIBLE)
    return _repeat(address, until_s, config, _audio(b"\0"))


def _too_much_audio(address: str, until_s: float) -> str:
    return _repeat(address, until_s, _config(), _audio(bytes(1 << 15)))


def _gaps(address: str, until_s: float) -> str:
    """Let the sample clock jump on with every message: the server hears silence for it."""
    with RudeConnection(address, until_s) as connection:
        stream_id = connection.open_stream()
        connection.send_message(stream_id, _config(pace=pb.PACE_AS_FAST_AS_POSSIBLE))
        sample = 0
        while connection.stream_goes_on(stream_id):
            sample += 10 * _RATE_HZ
            connection.send_message(stream_id, _audio(_FRAME, sample))
        return connection.end_of(stream_id)


def _tiny_frames(address: str, until_s: float) -> str:
    """Send each message byte by byte, every byte in an HTTP/2 frame of its own."""
    with RudeConnection(address, until_s) as connection:
        stream_id = connection.open_stream()
        connection.send_message(stream_id, _config())
        message = _audio(_FRAME)
        message = struct.pack(">BI", 0, len(message)) + message
        while connection.stream_goes_on(stream_id):
            for number in range(len(message)):
                connection.send_data(stream_id, message[number : number + 1])
        return connection.end_of(stream_id)


def _huge_metadata(address: str, until_s: float) -> str:
    with RudeConnection(address, until_s) as connection:
        headers = [(f"x-{number}", "y" * 4000) for number in range(32)]
        return connection.end_of(connection.open_stream(*headers))


def _compressed_bomb(address: str, until_s: float) -> str:
    with RudeConnection(address, until_s) as connection:
        stream_id = connection.open_stream(("grpc-encoding", "gzip"))
        connection.send_message(stream_id, gzip.compress(bytes(_BOMB_BYTES))[:60_000], flag=1)
        return connection.end_of(stream_id)


def _endless_message(address: str, until_s: float) -> str:
    """Announce 4 GiB, and send a beginning of it."""
    with RudeConnection(address, until_s) as connection:
        stream_id = connection.open_stream()
        connection.send_data(stream_id, b"\0\xff\xff\xff\xff" + bytes(1000))
        return connection.end_of(stream_id)


def _ping_flood(address: str, until_s: float) -> str:
    pings = 16 * PingFrame(0, opaque_data=bytes(8)).serialize()
    with RudeConnection(address, until_s) as connection:
        stream_id = connection.open_stream()
        connection.send_message(stream_id, _config())
        while connection.goes_on:
            connection.send_bytes(pings)
            connection.read(0.0)
        return connection.end


def _rapid_resets(address: str, until_s: float) -> str:
    with RudeConnection(address, until_s) as connection:
        while connection.goes_on:
            stream_id = connection.open_stream()
            connection.send_message(stream_id, _config())
            connection.reset_stream(stream_id)
        return connection.end


def _endless_openings(address: str, until_s: float) -> str:
    """Open one stream after the other with a config that is refused."""
    with RudeConnection(address, until_s) as connection:
        while connection.goes_on:
            stream_id = connection.open_stream()
            connection.send_message(stream_id, _config(hop_seconds=1e9))
            connection.end_of(stream_id)
        return connection.end


def _many_streams(address: str, until_s: float) -> str:
    """Open far more streams at once on a connection than the server allows."""
    with RudeConnection(address, until_s) as connection:
        connection.read(0.5)
        streams = [connection.open_stream() for _ in range(_MANY_STREAMS)]
        return connection.end_of(streams[-1])


def _slow_reader(address: str, until_s: float) -> str:
    """Send on, and never let the server send anything."""
    with RudeConnection(address, until_s, window_bytes=0) as connection:
        stream_id = connection.open_stream()
        connection.send_message(stream_id, _config(hop_seconds=_FAST_HOP_S))
        while connection.stream_goes_on(stream_id):
            connection.send_message(stream_id, _audio(_FRAME))
            connection.read(0.1)
        return connection.end_of(stream_id)


def _half_open(address: str, until_s: float) -> str:
    """Open a stream, and be gone without a word: no answer to any ping."""
    with RudeConnection(address, until_s) as connection:
        stream_id = connection.open_stream()
        connection.send_message(stream_id, _config())
        return connection.wait_for_close()


def _mute_connection(address: str, until_s: float) -> str:
    """Connect, and never say what one wants."""
    with RudeConnection(address, until_s, speaks=False) as connection:
        return connection.wait_for_close()


def _abuse(name: str, attempt: Attempt, *ends: str) -> Abuse:
    return Abuse(name, attempt, frozenset(ends))


ABUSES: Final = (
    _abuse("endless configs", _endless_configs, "INVALID_ARGUMENT"),
    _abuse("endless controls", _endless_controls, "RESOURCE_EXHAUSTED"),
    _abuse("messages of 1 byte", _tiny_messages, "RESOURCE_EXHAUSTED"),
    _abuse("the same as a file", _tiny_messages_of_a_file, "RESOURCE_EXHAUSTED"),
    _abuse("too much audio", _too_much_audio, "RESOURCE_EXHAUSTED"),
    _abuse("gaps in the clock", _gaps, "RESOURCE_EXHAUSTED"),
    _abuse("frames of 1 byte", _tiny_frames, UNCUT),
    _abuse("huge metadata", _huge_metadata, "RESOURCE_EXHAUSTED"),
    _abuse("compressed bomb", _compressed_bomb, "UNIMPLEMENTED"),
    _abuse("message of 4 GiB", _endless_message, "RESOURCE_EXHAUSTED"),
    _abuse("ping flood", _ping_flood, "ENHANCE_YOUR_CALM"),
    _abuse("rapid resets", _rapid_resets, CUT),
    _abuse("endless openings", _endless_openings, CUT),
    _abuse("200 streams at once", _many_streams, "REFUSED_STREAM"),
    _abuse("slow reader", _slow_reader, CUT, "CANCELLED"),
    _abuse("half-open peer", _half_open, CUT),
    _abuse("mute connection", _mute_connection, CUT),
)
