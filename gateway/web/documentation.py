"""``/openapi.json`` and ``/docs``, whose scripts come from this server and no other."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.web.problems import JSON

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

OPENAPI_PATH: Final = "/openapi.json"
DOCS_PATH: Final = "/docs"
_ASSETS: Final = "/docs-assets"
_INLINE: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_CACHED: Final = {"cache-control": "public, max-age=300"}


def documentation_routes(title: str, document: dict[str, Any]) -> list[BaseRoute]:
    """Return the routes of the document, of the page that shows it, and of what the page needs."""
    text = json.dumps(document, ensure_ascii=False).encode()
    page = get_swagger_ui_html(
        openapi_url=OPENAPI_PATH,
        title=title,
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
        swagger_ui_parameters={"persistAuthorization": False},
    )
    page.headers["content-security-policy"] = _policy(bytes(page.body))
    page.headers.update(_CACHED)

    async def openapi(_request: Request) -> Response:
        return Response(text, headers=_CACHED, media_type=JSON)

    async def docs(_request: Request) -> Response:
        return page

    assets = StaticFiles(directory=str(files("fastapi_offline") / "static"))
    return [Route(OPENAPI_PATH, openapi), Route(DOCS_PATH, docs), Mount(_ASSETS, assets)]


def _policy(page: bytes) -> str:
    """Return a policy that lets the page's own script run, and nothing from elsewhere."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
    )
