"""REST: one route for every rule of the contract, generated and never written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor import FieldDescriptor
from starlette.routing import Route

from gateway.web.decoding import decode
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.metadata import AUTHORIZATION, REQUEST_ID
from practice.rpc.principals import current_request_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from gateway.web.answers import Answers
    from gateway.web.contract import Binding
    from gateway.web.lifecycle import Lifecycle
    from gateway.web.upstream import Upstream

FORWARDED_FOR: Final = "x-forwarded-for"
API_VERSION: Final = "api-version"
#: Sound is the one thing that is large: 3 MiB of it in base64, and a little around it.
_LARGEST_SOUND_BYTES: Final = 5 << 20


class RestRoutes:
    """Makes the routes.

    Parameters
    ----------
    upstream
        Where calls go.
    answers
        Turns answers into responses.
    lifecycle
        Which calls go away, and when.
    largest_body_bytes
        Of a request, unless the contract lets it hold bytes.
    """

    def __init__(
        self, upstream: Upstream, answers: Answers, lifecycle: Lifecycle, largest_body_bytes: int
    ) -> None:
        self._upstream = upstream
        self._answers = answers
        self._lifecycle = lifecycle
        self._largest_body_bytes = largest_body_bytes

    def routes(self, bindings: Sequence[Binding]) -> list[Route]:
        """Return one route for each binding, in their order."""
        return [
            Route(
                binding.route_path,
                self._endpoint(binding),
                methods=[binding.verb],
                name=f"{binding.full_name} {binding.verb} {binding.path}",
            )
            for binding in bindings
        ]

    def _endpoint(self, binding: Binding) -> Callable[[Request], Awaitable[Response]]:
        largest_bytes = self._largest_body_bytes
        if any(f.type == FieldDescriptor.TYPE_BYTES for f in binding.method.input_type.fields):
            largest_bytes = max(largest_bytes, _LARGEST_SOUND_BYTES)
        version = binding.full_name.split(".")[-2]
        leaving = self._lifecycle.headers(binding)

        async def endpoint(request: Request) -> Response:
            message = await decode(binding, request, largest_bytes)
            answer = await self._upstream.call(binding, message, metadata_of(request))
            response = self._answers.response(binding, answer, request)
            response.headers[API_VERSION] = version
            response.headers.update(leaving)
            return response

        return endpoint


def metadata_of(request: Request) -> list[tuple[str, str]]:
    """Return what a call must know of the request that it is made for.

    Raises
    ------
    PracticeError
        TOKEN_INVALID for an authorization that can't even be passed on.
    """
    metadata = [(REQUEST_ID, current_request_id() or "")]
    addresses = request.headers.getlist(FORWARDED_FOR)
    if request.client is not None:
        addresses.append(request.client.host)
    if addresses:
        metadata.append((FORWARDED_FOR, _printable(", ".join(addresses))))
    if (authorization := request.headers.get(AUTHORIZATION)) is not None:
        if authorization != _printable(authorization):
            raise PracticeError(
                ErrorCode.TOKEN_INVALID, "The authorization header holds no access token."
            )
        metadata.append((AUTHORIZATION, authorization))
    return metadata


def _printable(text: str) -> str:
    """Return the text without what gRPC metadata can't carry."""
    return "".join(character for character in text if " " <= character <= "~")
