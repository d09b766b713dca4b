"""Whether the process lives (``/healthz``) and whether it should get requests (``/readyz``)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from gateway.web.problems import JSON
from practice.json_format import to_json_line

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request

    from gateway.web.upstream import Upstream

_HEADERS = {"cache-control": "no-store"}


def health_routes(upstream: Upstream, service_names: Collection[str]) -> list[Route]:
    """Return both routes.

    Parameters
    ----------
    upstream
        Whom to ask.
    service_names
        Full names of the services that must serve.
    """

    async def alive(_request: Request) -> Response:
        return Response(to_json_line({"status": "ok"}), headers=_HEADERS, media_type=JSON)

    async def ready(_request: Request) -> Response:
        names = sorted(service_names)
        answers = await asyncio.gather(*(upstream.is_serving(name) for name in names))
        is_ready = all(answers)
        states = ("serving" if answer else "not serving" for answer in answers)
        content = {
            "status": "ok" if is_ready else "unavailable",
            "services": dict(zip(names, states, strict=True)),
        }
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(to_json_line(content), status, _HEADERS, JSON)

    return [Route("/healthz", alive), Route("/readyz", ready)]
