"""Where a call comes from: the other end of its connection, or whom a trusted proxy names."""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from practice.rpc.principals import SOCKET_FILE, peer_host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from practice.rpc.calls import Context

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDED_FOR: Final = "x-forwarded-for"

#: What one household or machine is given of IPv6: whoever has it has all 2^64 addresses.
_IPV6_PREFIX_BITS: Final = 64


class Origins:
    """Finds out who is behind a connection.

    Parameters
    ----------
    trusted
        Networks of proxies whose ``x-forwarded-for`` is believed. A socket file's other end, which
        is this user's, is always believed: the HTTP side of the same process.
    """

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = tuple(trusted)

    def host_of(self, connected: str, forwarded_for: str | None) -> str:
        """Return the address of the nearest party that is no trusted proxy.

        Parameters
        ----------
        connected
            Address of the other end of the connection.
        forwarded_for
            What it sent: addresses, the nearest last, all but the trusted ones' own words.
        """
        host = connected
        for named in reversed((forwarded_for or "").split(",")):
            if not (self.is_trusted(host) and _is_address(named.strip())):
                break
            host = named.strip()
        return host

    def is_trusted(self, host: str) -> bool:
        """Whether a connection from there may carry other parties' calls."""
        if not _is_address(host):
            return host == SOCKET_FILE
        address = _unmapped(host)
        return any(address in network for network in self._trusted)


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks (``10.0.0.0/8``) of a list with commas.

    Raises
    ------
    ValueError
        When one of them is none.
    """
    return tuple(ipaddress.ip_network(word.strip()) for word in text.split(",") if word.strip())


def place_of(host: str) -> str:
    """Return what counts as one place: an IPv4 address, or an IPv6 network of 64 bits."""
    if not _is_address(host):
        return host
    address = _unmapped(host)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_PREFIX_BITS), strict=False))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _unmapped(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


# The call's own task carries it.
_origin: ContextVar[str | None] = ContextVar("origin", default=None)


def set_origin(host: str) -> None:
    """Remember where the current call comes from."""
    _origin.set(host)


def origin_of(context: Context) -> str:
    """Return where the current call comes from, as an address of the network."""
    return _origin.get() or peer_host(context.peer())
