"""Whether an address can be listened on, and if not, what a person can do about it."""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

_NOT_OURS: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


def obstacle(host: str, port: int, port_setting: str, host_setting: str) -> str | None:
    """Return why a server could not listen there, as one sentence, or None when it could.

    Parameters
    ----------
    host, port
        What to try; nothing is left open.
    port_setting, host_setting
        How to choose others, for the sentence.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a host name"
        return f"the host {host!r} has no address: {reason} (choose another with {host_setting})"
    refusals = [_refusal(family, address) for family, _, _, _, address in found]
    real = [number for number in refusals if number not in _NOT_OURS]
    if not real:
        return f"{host} is no address of this machine (choose another with {host_setting})"
    failed = next((number for number in real if number is not None), None)
    if failed is None:
        return None
    if failed == errno.EADDRINUSE:
        return f"{place(host, port)} is in use (choose another port with {port_setting})"
    return f"{place(host, port)}: {os.strerror(failed)} (choose another port with {port_setting})"


def place(host: str, port: int) -> str:
    """Return ``host:port``, with brackets around an IPv6 host."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refusal(family: int, address: tuple[object, ...]) -> int | None:
    """Return the errno of listening there, or None."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name == "posix":  # elsewhere it would take over a port in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error.errno
    return None
