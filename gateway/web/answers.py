"""From a call's answer to an HTTP response: status, body, Location, ETag, caching, next page."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from starlette.responses import Response

from gateway.web.problems import JSON
from practice.json_format import message_to_dict, to_json_line

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from google.protobuf.message import Message
    from starlette.requests import Request

    from gateway.web.contract import Binding

#: RPCs whose names begin so make something new.
_CREATING: Final = ("Create", "Register", "Start")
_PUBLIC: Final = "public, max-age=300"
_REVALIDATED: Final = "private, no-cache"
_NOT_KEPT: Final = "no-store"
_DIGEST_BYTES: Final = 12


class Answers:
    """Turns answers of one service landscape into responses.

    Parameters
    ----------
    bindings
        Every route there is; what was created is found under one of them.
    open_methods
        Full names of calls that need no token, whose answers are the same for everybody.
    """

    def __init__(self, bindings: Sequence[Binding], open_methods: Collection[str]) -> None:
        self._getters = {_made(binding): binding for binding in bindings if _is_getter(binding)}
        self._open_methods = frozenset(open_methods)

    def response(self, binding: Binding, answer: Message, request: Request) -> Response:
        """Return the response to a call that went well."""
        status = status_of(binding)
        if status is HTTPStatus.NO_CONTENT:
            return Response(status_code=status, headers={"cache-control": _NOT_KEPT})
        body = to_json_line(message_to_dict(answer)).encode()
        headers = {"cache-control": self._caching(binding)}
        if (etag := _etag(binding, answer, body)) is not None:
            headers["etag"] = etag
        if binding.verb == "GET" and _is_known(etag, request.headers.get("if-none-match")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if status is HTTPStatus.CREATED and (location := self._location(answer)) is not None:
            headers["location"] = location
        if (token := getattr(answer, "next_page_token", "")) != "":
            following = request.url.include_query_params(page_token=token)
            headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
        return Response(body, status, headers, JSON)

    def _caching(self, binding: Binding) -> str:
        if binding.verb != "GET":
            return _NOT_KEPT
        return _PUBLIC if binding.full_name in self._open_methods else _REVALIDATED

    def _location(self, answer: Message) -> str | None:
        """Return where to read what was made, if there is such a place."""
        resource: Any = resource_of(answer)
        if resource is None:
            return None
        getter = self._getters.get(resource.DESCRIPTOR.full_name)
        if getter is None:
            return None
        (name,) = getter.variables
        key = quote(str(getattr(resource, name)), safe="")
        return getter.path.replace(f"{{{name}}}", key)


def status_of(binding: Binding) -> HTTPStatus:
    """Return the status of success: 201 for what makes something, 204 where nothing is said."""
    if not binding.method.output_type.fields:
        return HTTPStatus.NO_CONTENT
    is_made = binding.verb == "POST" and binding.method.name.startswith(_CREATING)
    return HTTPStatus.CREATED if is_made else HTTPStatus.OK


def resource_of(answer: Message) -> Message | None:
    """Return the first message that an answer holds, which is what the call was about."""
    for field in answer.DESCRIPTOR.fields:
        if field.message_type is not None and not field.is_repeated:
            resource: Message = getattr(answer, field.name)
            return resource
    return None


def _is_getter(binding: Binding) -> bool:
    made = _made(binding)
    if binding.verb != "GET" or made is None or len(binding.variables) != 1:
        return False
    resource: Any = binding.method.output_type.fields[0].message_type
    return binding.variables[0] in resource.fields_by_name


def _made(binding: Binding) -> str | None:
    """Return the type of what ``Get…`` reads."""
    fields = binding.method.output_type.fields
    if not fields or fields[0].message_type is None or fields[0].is_repeated:
        return None
    name: str = fields[0].message_type.full_name
    return name if binding.method.name == f"Get{fields[0].message_type.name}" else None


def _etag(binding: Binding, answer: Message, body: bytes) -> str | None:
    """Return the resource's own etag, which If-Match takes; a weak one for other reading."""
    own = getattr(resource_of(answer), "etag", "")
    if own:
        return f'"{own}"'
    if binding.verb != "GET":
        return None
    return f'W/"{hashlib.blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()}"'


def _is_known(etag: str | None, if_none_match: str | None) -> bool:
    if etag is None or if_none_match is None:
        return False
    offered = {item.strip().removeprefix("W/") for item in if_none_match.split(",")}
    return "*" in offered or etag.removeprefix("W/") in offered
