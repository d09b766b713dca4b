"""The HTTP application: routes from the contract, and what goes around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from gateway.web.answers import Answers
from gateway.web.around import AroundRequests
from gateway.web.contract import bindings
from gateway.web.documentation import documentation_routes
from gateway.web.health import health_routes
from gateway.web.lifecycle import Lifecycle
from gateway.web.openapi import OpenApi
from gateway.web.problems import on_http_error, on_practice_error
from gateway.web.rest import RestRoutes
from practice.rpc.errors import PracticeError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from starlette.routing import BaseRoute

    from gateway.web.upstream import Upstream

_TITLE: Final = "Practice Tracker"
_DISTRIBUTION: Final = "practice-tracker"
_CORS_AGE_S: Final = 600
_SENT_HEADERS: Final = (
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-request-id",
)
_READ_HEADERS: Final = (
    "api-version",
    "deprecation",
    "etag",
    "link",
    "location",
    "retry-after",
    "sunset",
    "x-request-id",
)


@dataclass(frozen=True, slots=True)
class WebConfig:
    """What can be chosen about the HTTP side.

    Parameters
    ----------
    cors_origins
        Sites whose pages may call from a browser (``https://example.org``).
    largest_body_bytes
        Of a request; those that carry sound may be larger.
    open_methods
        Full names of calls that need no token.
    lifecycle
        Calls that go away.
    """

    cors_origins: tuple[str, ...] = ()
    largest_body_bytes: int = 1 << 20
    open_methods: frozenset[str] = frozenset()
    lifecycle: Lifecycle = field(default_factory=Lifecycle)


def make_app(
    upstream: Upstream,
    service_names: Collection[str],
    config: WebConfig,
    middleware: Sequence[Middleware] = (),
    more_routes: Sequence[BaseRoute] = (),
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    upstream
        The services, started or not; closed by whoever made it.
    service_names
        Full names of the services that are offered; their stubs are loaded.
    config
        What was chosen.
    middleware
        Goes between the headers and the routes; may raise `PracticeError`.
    more_routes
        What is not made from the contract's rules.

    Raises
    ------
    gateway.web.contract.UnusableRuleError
        When a unary RPC has no rule.
    """
    offered = bindings(service_names)
    answers = Answers(offered, config.open_methods)
    program = version(_DISTRIBUTION)
    document = OpenApi(_TITLE, program, offered, config.open_methods, config.lifecycle).document()
    rest = RestRoutes(upstream, answers, config.lifecycle, config.largest_body_bytes)
    return FastAPI(
        title=_TITLE,
        version=program,
        routes=[
            *health_routes(upstream, service_names),
            *documentation_routes(_TITLE, document),
            *rest.routes(offered),
            *more_routes,
        ],
        exception_handlers={PracticeError: on_practice_error, HTTPException: on_http_error},
        middleware=[_cors(config.cors_origins), Middleware(AroundRequests), *middleware],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )


def _cors(origins: Sequence[str]) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["DELETE", "GET", "PATCH", "POST", "PUT"],
        allow_headers=list(_SENT_HEADERS),
        expose_headers=list(_READ_HEADERS),
        max_age=_CORS_AGE_S,
    )
