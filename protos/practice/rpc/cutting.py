"""Cutting a connection off at its socket: grpc has no call for it."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from typing import Any

import psutil

from practice.rpc.principals import peer_host

_Place = tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]


def cut_connection(peer: str) -> bool:
    """Shut the socket of a grpc peer; takes some milliseconds.

    Parameters
    ----------
    peer
        As grpc names it (``ipv4:127.0.0.1:40000``).

    Returns
    -------
    bool
        Whether the connection was there, and over IP.
    """
    with contextlib.suppress(ValueError):
        wanted = _address(peer_host(peer)), int(peer.rpartition(":")[2])
        for connection in psutil.Process().net_connections("tcp"):
            if connection.raddr and _is_at(wanted, connection.raddr):
                return _shut(connection.fd, wanted)
    return False


def _shut(fd: int, wanted: _Place) -> bool:
    # Of the copy: grpc may close its own meanwhile, and the number may be another socket's.
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(fd)) as connection:
        if _is_at(wanted, connection.getpeername()):
            connection.shutdown(socket.SHUT_RDWR)
            return True
    return False


def _is_at(wanted: _Place, address: tuple[Any, ...]) -> bool:
    host, port = address[:2]
    return (_address(host), port) == wanted


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Parse an address; grpc's sockets show IPv4 as mapped into IPv6."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
