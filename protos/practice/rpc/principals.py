"""Who calls: found out once per call, kept for as long as the call's task runs."""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.metadata import AUTHORIZATION, BEARER, metadata_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from practice.rpc.calls import Context

ANONYMOUS_SUBJECT: Final = "anonymous"
#: What stands for the host of a peer that came through a socket file.
SOCKET_FILE: Final = "unix"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller; ``subject`` is the user's id, ``login_id`` the login it came by."""

    subject: str
    roles: frozenset[str] = frozenset()
    login_id: str | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether no token was needed."""
        return self.subject == ANONYMOUS_SUBJECT


def _everybody(_method: str, _principal: Principal) -> None:
    """Refuse nobody."""


@dataclass(frozen=True, slots=True)
class Access:
    """What may be called without a token, and what else a caller needs.

    ``open_methods`` are full names (``/package.Service/Method``); ``check`` is called with the
    full name and the caller, and raises PERMISSION_DENIED or UNAUTHENTICATED.
    """

    open_methods: frozenset[str] = frozenset()
    check: Callable[[str, Principal], None] = _everybody


class Authenticator(Protocol):
    """Says who calls."""

    async def authenticate(self, token: str | None, peer: str) -> Principal:
        """Return the caller.

        Parameters
        ----------
        token
            Access token without ``Bearer``, or None.
        peer
            The connection's other end as grpc names it (``ipv4:127.0.0.1:40000``).

        Raises
        ------
        PracticeError
            UNAUTHENTICATED or TOKEN_INVALID.
        """
        ...


class AnonymousOnLoopback:
    """Lets anyone in who is on this machine, when the server listens to this machine only.

    Parameters
    ----------
    listen_host
        The address that the server was told to listen on. Any other than a loopback address
        closes the door, because no issuer of tokens is wired in.
    """

    def __init__(self, listen_host: str) -> None:
        self._is_open = is_loopback(listen_host)

    async def authenticate(self, token: str | None, peer: str) -> Principal:
        """Return the anonymous principal, or raise UNAUTHENTICATED or TOKEN_INVALID."""
        if token is not None:
            raise PracticeError(
                ErrorCode.TOKEN_INVALID,
                "This server has no accounts and takes no tokens; call it without one.",
            )
        if not (self._is_open and is_loopback(peer_host(peer))):
            raise PracticeError(
                ErrorCode.UNAUTHENTICATED,
                "This server listens beyond this machine, so every call needs an access token.",
            )
        return Principal(ANONYMOUS_SUBJECT)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be reached from the same machine."""
    if host in {"localhost", SOCKET_FILE}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def peer_host(peer: str) -> str:
    """Host of a grpc peer: ``ipv4:127.0.0.1:40000``, ``ipv6:[::1]:40000`` or ``unix:…``."""
    scheme, _, rest = peer.partition(":")
    if scheme in {"unix", "unix-abstract"}:
        return SOCKET_FILE
    return rest.replace("%5B", "[").replace("%5D", "]").rpartition(":")[0].strip("[]")


def bearer_token(metadata: Iterable[tuple[str, str | bytes]] | None) -> str | None:
    """Access token of the ``authorization`` metadata, or None when there is none.

    Raises
    ------
    PracticeError
        TOKEN_INVALID for another scheme than Bearer.
    """
    value = metadata_value(metadata, AUTHORIZATION)
    if value is None:
        return None
    if not value.startswith(BEARER):
        raise PracticeError(
            ErrorCode.TOKEN_INVALID, "The authorization metadata must be 'Bearer <access token>'."
        )
    return value[len(BEARER) :].strip()


# The call's own task carries these; nothing is shared between calls.
_principal: ContextVar[Principal | None] = ContextVar("principal", default=None)
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def set_principal(principal: Principal) -> None:
    """Remember who makes the current call."""
    _principal.set(principal)


def principal_of(context: Context) -> Principal:  # noqa: ARG001 - names whose principal is asked
    """Return who makes the current call.

    Raises
    ------
    PracticeError
        UNAUTHENTICATED outside a call that passed the authentication interceptor.
    """
    principal = current_principal()
    if principal is None:
        raise PracticeError(ErrorCode.UNAUTHENTICATED, "This call was not authenticated.")
    return principal


def current_principal() -> Principal | None:
    """Return who makes the current call, or None where nobody was asked."""
    return _principal.get()


def set_request_id(request_id: str) -> None:
    """Remember the current call's correlation id."""
    _request_id.set(request_id)


def current_request_id() -> str | None:
    """Return the current call's correlation id, or None outside a call."""
    return _request_id.get()
