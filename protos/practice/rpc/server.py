"""One server with the whole chain around its handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc

from practice.rpc.interceptors import (
    Admission,
    Authentication,
    Correlation,
    Deadline,
    ErrorBoundary,
    Validation,
)
from practice.rpc.metrics import Metrics

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from practice.rpc.drain import Drain
    from practice.rpc.principals import Access, Authenticator
    from practice.rpc.server_options import ServerOptions


def make_server(
    *,
    authenticator: Authenticator,
    drain: Drain,
    registry: CollectorRegistry,
    options: ServerOptions,
    access: Access | None = None,
    longest_unary_s: float = 60.0,
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
    longest_unary_s
        Longest time for a unary call.

    Returns
    -------
    grpc.aio.Server
        Not started.
    """
    return grpc.aio.server(
        # From the outside in: an error raised by one is mapped by the boundary outside of it.
        interceptors=(
            Correlation(),
            Metrics(registry),
            ErrorBoundary(),
            Admission(drain),
            Authentication(authenticator, access),
            Deadline(longest_unary_s),
            Validation(),
        ),
        options=options.to_grpc(),
    )
