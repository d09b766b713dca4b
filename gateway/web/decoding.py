"""From an HTTP request to the message of a call: body, query, path and preconditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import message_factory
from pydantic_core import from_json

from gateway.web.contract import WHOLE_REQUEST, parameter
from practice.json_reading import read_into
from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from google.protobuf.message import Message
    from starlette.requests import Request

    from gateway.web.contract import Binding

ETAG: Final = "etag"
UPDATE_MASK: Final = "update_mask"
_STANDARD_PACKAGE: Final = "google.protobuf."


async def decode(binding: Binding, request: Request, largest_body_bytes: int) -> Message:
    """Return the message that a request means.

    Raises
    ------
    PracticeError
        REQUEST_TOO_LARGE, MALFORMED_REQUEST, FIELD_INVALID.
    """
    message = message_factory.GetMessageClass(_input(binding))()
    content: object = {}
    if binding.body:
        content = await _read_json(request, largest_body_bytes)
    if binding.body == WHOLE_REQUEST:
        read_into(message, content)
    elif binding.body:
        read_into(message, {binding.body: content})
    _read_query(binding, request, message)
    if _wants_mask(binding, message):
        _imply_mask(message, getattr(message, binding.body).DESCRIPTOR, content)
    for field_path in binding.variables:
        _set_from_path(message, field_path, request.path_params[parameter(field_path)])
    _set_precondition(binding, request, message)
    return message


async def _read_json(request: Request, largest_bytes: int) -> object:
    body = await _read_body(request, largest_bytes)
    if not body:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        # Also what keeps other sites' forms out, which a browser sends without asking.
        raise _malformed("The body must be JSON, with the header content-type: application/json.")
    try:
        return from_json(body, allow_inf_nan=False, cache_strings="none")
    except ValueError as error:
        raise _malformed(f"The body is no JSON: {error}.") from error


async def _read_body(request: Request, largest_bytes: int) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > largest_bytes:
        raise _too_large(largest_bytes)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > largest_bytes:
            raise _too_large(largest_bytes)
    return bytes(body)


def _read_query(binding: Binding, request: Request, message: Message) -> None:
    """Read what is neither in the path nor in the body; dots lead into messages."""
    items = request.query_params.multi_items()
    if not items:
        return
    taken = {binding.body, *binding.variables}
    tree: dict[str, Any] = {}
    for name, text in items:
        field = _field_at(message.DESCRIPTOR, name)
        is_taken = binding.body == WHOLE_REQUEST or name.partition(".")[0] in taken or name in taken
        if field is None or is_taken:
            raise PracticeError(
                ErrorCode.FIELD_INVALID, f"{name}: there is no such query parameter", field=name
            )
        _plant(tree, name.split("."), text, is_list=field.is_repeated)
    read_into(message, tree, is_text=True)


def _field_at(descriptor: Any, name: str) -> Any:
    """Return the field that a dotted name leads to, if it is one value or a list of values."""
    field = None
    for step in name.split("."):
        field = None if descriptor is None else descriptor.fields_by_name.get(step)
        if field is None:
            return None
        descriptor = field.message_type
    is_value = descriptor is None or descriptor.full_name.startswith(_STANDARD_PACKAGE)
    return field if is_value else None


def _plant(tree: dict[str, Any], steps: list[str], text: str, *, is_list: bool) -> None:
    for step in steps[:-1]:
        tree = tree.setdefault(step, {})
    if is_list:
        tree.setdefault(steps[-1], []).append(text)
    elif steps[-1] in tree:
        name = ".".join(steps)
        raise PracticeError(ErrorCode.FIELD_INVALID, f"{name}: given more than once", field=name)
    else:
        tree[steps[-1]] = text


def query_fields(binding: Binding) -> Iterator[tuple[str, Any]]:
    """Yield the name and the field of everything that may stand in the query."""
    if binding.body != WHOLE_REQUEST:
        taken = {binding.body, *binding.variables}
        yield from _values(binding.method.input_type, "", taken)


def _values(message: Any, prefix: str, taken: Collection[str]) -> Iterator[tuple[str, Any]]:
    for field in message.fields:
        name = f"{prefix}{field.name}"
        inner = field.message_type
        if name in taken:
            continue
        if inner is None or inner.full_name.startswith(_STANDARD_PACKAGE):
            yield name, field
        elif not field.is_repeated:
            yield from _values(inner, f"{name}.", taken)


def _wants_mask(binding: Binding, message: Any) -> bool:
    return (
        binding.verb == "PATCH"
        and binding.body not in {"", WHOLE_REQUEST}
        and UPDATE_MASK in message.DESCRIPTOR.fields_by_name
        and not message.update_mask.paths
    )


def _imply_mask(message: Any, resource: Any, content: object) -> None:
    """Without an update_mask everything that the body names is meant, null to clear it."""
    message.update_mask.paths.extend(_leaves(resource, content, ""))


def _leaves(descriptor: Any, content: Any, prefix: str) -> Iterator[str]:
    for name, value in content.items():
        inner = descriptor.fields_by_name[name].message_type
        is_own = inner is not None and not inner.full_name.startswith(_STANDARD_PACKAGE)
        if is_own and isinstance(value, dict):
            yield from _leaves(inner, value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _set_from_path(message: Message, field_path: str, text: str) -> None:
    *steps, name = field_path.split(".")
    target: Any = message
    for step in steps:
        target = getattr(target, step)
    said = getattr(target, name)
    read_into(target, {name: text}, ".".join(steps), is_text=True)
    if said and said != getattr(target, name):
        raise PracticeError(
            ErrorCode.FIELD_INVALID,
            f"{field_path}: the body says another one than the path",
            field=field_path,
        )


def _set_precondition(binding: Binding, request: Request, message: Any) -> None:
    header = request.headers.get("if-match")
    if header is None or binding.verb == "GET":
        return
    fields: Mapping[str, Any] = message.DESCRIPTOR.fields_by_name
    if ETAG not in fields:
        raise _malformed("This call can't be made conditional with If-Match.")
    if header != "*":
        try:
            message.etag = header.strip().removeprefix("W/").strip('"')
        except ValueError as error:
            raise _malformed("If-Match holds characters that no etag has.") from error


def _input(binding: Binding) -> Any:
    return binding.method.input_type


def _malformed(sentence: str) -> PracticeError:
    return PracticeError(ErrorCode.MALFORMED_REQUEST, sentence)


def _too_large(largest_bytes: int) -> PracticeError:
    return PracticeError(
        ErrorCode.REQUEST_TOO_LARGE, f"The body must have at most {largest_bytes} bytes."
    )
