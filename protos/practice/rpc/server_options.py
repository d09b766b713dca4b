"""The grpc settings that matter for thousands of small, long-lived streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Connection limits of one server.

    Parameters
    ----------
    max_streams_per_connection
        A client that opens and resets streams rapidly starves the others unless this is small.
    max_message_bytes
        For every method; the live stream checks its own 64 KiB per message.
    lookahead_bytes
        How much of a stream is taken in before it is read; with the bandwidth probe off it
        bounds the memory of unread streams.
    keepalive_s, keepalive_timeout_s
        A connection that is quiet for so long is pinged, and closed when no answer comes.
    handshake_s
        A connection that has not said so soon what it wants is closed.
    shortest_client_ping_s
        Clients may ping this often; more is abuse.
    max_connection_age_s, max_connection_age_grace_s
        A connection is asked to go after the one and cut off after the other; the longest stream
        must fit into the second.
    max_connection_idle_s
        A connection without a call is closed after this.
    reuse_port
        Whether several processes may share one port (one engine per core).
    """

    max_streams_per_connection: int = 16
    max_message_bytes: int = 4 * MIB
    lookahead_bytes: int = 65_536
    keepalive_s: float = 30.0
    keepalive_timeout_s: float = 10.0
    handshake_s: float = 10.0
    shortest_client_ping_s: float = 10.0
    max_connection_age_s: float = 3600.0
    max_connection_age_grace_s: float = 4.1 * 3600.0
    max_connection_idle_s: float = 600.0
    reuse_port: bool = False

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if name != "reuse_port" and not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)} is not positive")

    def to_grpc(self) -> tuple[tuple[str, int], ...]:
        """Return the settings as grpc channel arguments."""
        return (
            ("grpc.max_concurrent_streams", self.max_streams_per_connection),
            # Otherwise streams beyond that number, sent before the client has read it from the
            # settings, are reset at random: a refusal without RetryInfo. They wait instead.
            ("grpc.http.overload_protection", 0),
            ("grpc.max_receive_message_length", self.max_message_bytes),
            ("grpc.max_send_message_length", self.max_message_bytes),
            ("grpc.http2.lookahead_bytes", self.lookahead_bytes),
            ("grpc.http2.bdp_probe", 0),
            # Dead peers are closed only with all of these four set.
            ("grpc.keepalive_time_ms", _ms(self.keepalive_s)),
            ("grpc.keepalive_timeout_ms", _ms(self.keepalive_timeout_s)),
            ("grpc.http2.ping_timeout_ms", _ms(self.keepalive_timeout_s)),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.server_handshake_timeout_ms", _ms(self.handshake_s)),
            (
                "grpc.http2.min_recv_ping_interval_without_data_ms",
                _ms(self.shortest_client_ping_s),
            ),
            ("grpc.max_connection_age_ms", _ms(self.max_connection_age_s)),
            ("grpc.max_connection_age_grace_ms", _ms(self.max_connection_age_grace_s)),
            ("grpc.max_connection_idle_ms", _ms(self.max_connection_idle_s)),
            # Only "identity": audio does not shrink, and inflating it would cost CPU per message.
            ("grpc.compression_enabled_algorithms_bitset", 1),
            ("grpc.enable_channelz", 1),
            ("grpc.so_reuseport", int(self.reuse_port)),
        )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
