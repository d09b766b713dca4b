"""Errors over HTTP: ``{"detail", "code", "field"}`` and the status that each reason has."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Match

from practice.json_format import to_json_line
from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

HTTP_STATUS: Final[dict[ErrorCode, HTTPStatus]] = {
    ErrorCode.MALFORMED_REQUEST: HTTPStatus.BAD_REQUEST,
    ErrorCode.FIELD_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.METHOD_UNKNOWN: HTTPStatus.METHOD_NOT_ALLOWED,
    ErrorCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.TOKEN_INVALID: HTTPStatus.UNAUTHORIZED,
    ErrorCode.TOKEN_EXPIRED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.LOGIN_FAILED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.LOGIN_ENDED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.ACCOUNT_DEACTIVATED: HTTPStatus.FORBIDDEN,
    ErrorCode.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.ALREADY_EXISTS: HTTPStatus.CONFLICT,
    ErrorCode.PRECONDITION_FAILED: HTTPStatus.CONFLICT,
    ErrorCode.ETAG_STALE: HTTPStatus.CONFLICT,  # 412 when it came as If-Match
    ErrorCode.CONFIG_MISSING: HTTPStatus.BAD_REQUEST,
    ErrorCode.CONFIG_REPEATED: HTTPStatus.BAD_REQUEST,
    ErrorCode.PARTIAL_SAMPLE: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.CHUNK_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.CLIP_TOO_LONG: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.REQUEST_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.PACE_EXCEEDED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.STREAM_IDLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.STREAM_TOO_LONG: HTTPStatus.CONFLICT,
    ErrorCode.STREAM_TAKEN_OVER: HTTPStatus.CONFLICT,
    ErrorCode.STREAM_NOT_YOURS: HTTPStatus.FORBIDDEN,
    ErrorCode.STREAM_NOT_RESUMABLE: HTTPStatus.CONFLICT,
    ErrorCode.RESUME_TOKEN_WRONG: HTTPStatus.FORBIDDEN,
    ErrorCode.READER_TOO_SLOW: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.SERVER_FULL: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.SERVER_DRAINING: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.STORE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.SERVER_UNREACHABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.DEADLINE_EXCEEDED: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.CANCELLED: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.DATA_LOST: HTTPStatus.INTERNAL_SERVER_ERROR,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}

JSON: Final = "application/json"
_WAITING: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_SHORTEST_WAIT_S: Final = 1.0


def problem(error: PracticeError, *, is_conditional: bool = False) -> Response:
    """Return an error as a response.

    Parameters
    ----------
    error
        What went wrong.
    is_conditional
        Whether the request had an ``If-Match``; only then a stale etag is 412.
    """
    status = HTTP_STATUS[error.code]
    if error.code is ErrorCode.ETAG_STALE and is_conditional:
        status = HTTPStatus.PRECONDITION_FAILED
    content = {"detail": error.message, "code": error.code.value}
    if error.field is not None:
        content["field"] = error.field
    headers = {"cache-control": "no-store"}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if status in _WAITING:
        wait_s = max(_SHORTEST_WAIT_S, error.retry_after_s or 0.0)
        headers["retry-after"] = str(math.ceil(wait_s))
    return Response(to_json_line(content), status, headers, JSON)


async def on_practice_error(request: Request, error: Exception) -> Response:
    """Answer what an endpoint raised."""
    if not isinstance(error, PracticeError):
        raise TypeError(f"not an error to be shown: {error!r}") from error
    return problem(error, is_conditional="if-match" in request.headers)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router found: no such path, or not with this method."""
    known: HTTPException = error  # type: ignore[assignment] # registered for these only
    if known.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        sentence = f"{request.url.path} can't be called with {request.method}."
        answer = problem(PracticeError(ErrorCode.METHOD_UNKNOWN, sentence))
    elif known.status_code == HTTPStatus.NOT_FOUND:
        answer = problem(PracticeError(ErrorCode.NOT_FOUND, f"There is no {request.url.path}."))
    else:
        answer = problem(PracticeError(ErrorCode.MALFORMED_REQUEST, str(known.detail)))
    answer.headers.update(known.headers or {})
    if "allow" in answer.headers:  # the router tells of one route only
        answer.headers["allow"] = ", ".join(_verbs(request))
    return answer


def _verbs(request: Request) -> list[str]:
    """Return every method that a path can be called with."""
    verbs: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            verbs |= getattr(route, "methods", None) or set()
    return sorted(verbs)
