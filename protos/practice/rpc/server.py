"""One server with the whole chain around its handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc

from practice.rpc.connection_guard import ConnectionGuard, GuardLimits
from practice.rpc.interceptors import (
    Admission,
    Authentication,
    Correlation,
    Deadline,
    ErrorBoundary,
    Validation,
)
from practice.rpc.metrics import Metrics
from practice.rpc.origins import Origins
from practice.rpc.rate_limits import AddressLimit, UserLimit

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from practice.rpc.calls import CallInterceptor
    from practice.rpc.drain import Drain
    from practice.rpc.principals import Access, Authenticator
    from practice.rpc.rate_limits import RateLimits
    from practice.rpc.server_options import ServerOptions


def make_server(
    *,
    authenticator: Authenticator,
    drain: Drain,
    registry: CollectorRegistry,
    options: ServerOptions,
    access: Access | None = None,
    limits: RateLimits | None = None,
    origins: Origins | None = None,
    longest_unary_s: float = 60.0,
    guard: GuardLimits | None = None,
) -> grpc.aio.Server:
    """Make a server; add servicers and a port to it, then start it.

    Parameters
    ----------
    authenticator
        Says who calls.
    drain
        Counts the calls, and refuses new ones once the server goes down.
    registry
        Where metrics are collected.
    options
        Connection limits.
    access
        Which methods need no token, and which roles may call the others; all need one when None.
    limits
        How often one address and one user may call; without limit when None.
    origins
        Knows the proxies in front; none is trusted when None.
    longest_unary_s
        Longest time for a unary call.
    guard
        What a connection may do before it is cut; the usual when None.

    Returns
    -------
    grpc.aio.Server
        Not started.
    """
    origins = origins or Origins()
    by_address, by_user = _counting(limits, origins)
    return grpc.aio.server(
        # From the outside in: an error raised by one is mapped by the boundary outside of it.
        interceptors=(
            Correlation(),
            Metrics(registry),
            ErrorBoundary(),
            ConnectionGuard(guard or GuardLimits(), origins),
            Admission(drain),
            *by_address,
            Authentication(authenticator, access),
            *by_user,
            Deadline(longest_unary_s),
            Validation(),
        ),
        options=options.to_grpc(),
    )


def _counting(
    limits: RateLimits | None, origins: Origins
) -> tuple[list[CallInterceptor], list[CallInterceptor]]:
    """Return what counts calls before and after it is known whose they are."""
    if limits is None:
        return [], []
    return [AddressLimit(limits, origins)], [UserLimit(limits)]
