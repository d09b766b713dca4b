"""Where the server is, and how to open a channel to it."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import grpc.aio

DEFAULT_SERVER: Final = "localhost:50051"
_SECURE_SCHEMES: Final = ("grpcs", "https")
_PLAIN_SCHEMES: Final = ("grpc", "http")

# A dead network path is noticed after half a minute; without it a half-open connection would
# only end when TCP gives up. The local pool gives every attempt a connection of its own, so that
# a fresh attempt is not held back by an older one's connection backoff.
_CHANNEL_OPTIONS: Final = (
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's address and the caller's access token.

    Parameters
    ----------
    address
        ``host:port``; a ``grpcs://`` or ``https://`` in front asks for TLS.
    token
        Access token, or None. It is only sent over TLS or to this machine.

    Raises
    ------
    ValueError
        When the address is malformed, or the token would cross a network in the clear.
    """

    address: str = DEFAULT_SERVER
    token: str | None = None

    def __post_init__(self) -> None:
        scheme, host_port = self._parts()
        if scheme not in {*_SECURE_SCHEMES, *_PLAIN_SCHEMES}:
            raise ValueError(f"server {self.address!r}: unknown scheme {scheme!r}")
        host, separator, port = host_port.rpartition(":")
        if not (separator and host and port.isdigit() and 0 < int(port) <= 65_535):
            raise ValueError(f"server {self.address!r} is not of the form host:port")
        if self.token and not self.is_secure and not _is_loopback(host):
            raise ValueError(
                f"the access token is not sent to {host} in the clear; use grpcs://{host_port}"
            )

    @classmethod
    def from_environment(
        cls, address: str | None = None, environment: Mapping[str, str] | None = None
    ) -> Endpoint:
        """Return the endpoint of ``PRACTICE_SERVER`` and ``PRACTICE_TOKEN``.

        Parameters
        ----------
        address
            Takes precedence over ``PRACTICE_SERVER``.
        environment
            The environment; the process's own when None.
        """
        settings = os.environ if environment is None else environment
        chosen = address or settings.get("PRACTICE_SERVER") or DEFAULT_SERVER
        return cls(chosen, settings.get("PRACTICE_TOKEN") or None)

    @property
    def is_secure(self) -> bool:
        """Whether the connection uses TLS."""
        return self._parts()[0] in _SECURE_SCHEMES

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Call metadata: the access token, if any."""
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    def open_channel(self) -> grpc.aio.Channel:
        """Open a channel; the caller closes it."""
        import grpc  # noqa: PLC0415 - commands read the address without needing gRPC

        host_port = self._parts()[1]
        if self.is_secure:
            credentials = grpc.ssl_channel_credentials()
            return grpc.aio.secure_channel(host_port, credentials, options=_CHANNEL_OPTIONS)
        return grpc.aio.insecure_channel(host_port, options=_CHANNEL_OPTIONS)

    def _parts(self) -> tuple[str, str]:
        scheme, separator, rest = self.address.partition("://")
        return (scheme.lower(), rest.rstrip("/")) if separator else ("grpc", self.address)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
