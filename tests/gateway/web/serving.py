"""The persistence services behind the HTTP server, and a client for it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from gateway.persistence import ACCESS
from gateway.web.app import WebConfig, make_app
from gateway.web.server import HttpServer
from gateway.web.upstream import Upstream
from session_service.app import SERVICE_NAMES
from tests.accounts.serving import Clock, Person, Served, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastapi import FastAPI

    from session_service.db.config import DatabaseConfig

HOST = "127.0.0.1"
GRACE_S = 5.0


@dataclass
class Door:
    """A running HTTP server with the services behind it."""

    services: Served
    app: FastAPI
    client: httpx.AsyncClient


@contextlib.asynccontextmanager
async def door(
    database: DatabaseConfig, keys_dir: Path, config: WebConfig | None = None
) -> AsyncIterator[Door]:
    async with (
        served(database, keys_dir, Clock()) as services,
        contextlib.AsyncExitStack() as stack,
    ):
        upstream = Upstream(services.address)
        stack.push_async_callback(upstream.close)
        app = make_app(
            upstream, SERVICE_NAMES, config or WebConfig(open_methods=ACCESS.open_methods)
        )
        http = HttpServer(HOST)
        http.bind(0)
        stack.push_async_callback(http.stop)
        await http.start(app, GRACE_S)
        base_url = f"http://{HOST}:{http.port}"
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=base_url, timeout=60))
        yield Door(services, app, client)


def authorized(person: Person) -> dict[str, str]:
    return {"authorization": f"Bearer {person.tokens.access_token}"}
