"""Examples for the documentation: requests that the contract's own rules accept."""

from __future__ import annotations

from typing import Any, Final

from gateway.web.schemas import Schemas, is_required

_IDENTIFIER: Final = "0199c4de-3c5b-7a51-9e0f-5d1c2b3a4f60"
_BY_NAME: Final[dict[str, Any]] = {
    "audio": "AAAAAAAAAAA=",
    "birth_year": 2009,
    "code": "7K3D-9QXA-M2TF-C8ZP",
    "color": "#FF9800",
    "composer": "Clara Schumann",
    "display_name": "Ada",
    "document_version": "2026-01",
    "email": "ada@example.org",
    "new_password": "another horse battery",
    "note": "Left hand alone, then both.",
    "page_size": 50,
    "password": "correct horse battery",
    "sample_rate_hz": 44100,
    "target_bpm": 96,
    "timezone": "Europe/Berlin",
    "title": "Romance in A minor",
}
_BY_FORMAT: Final = {
    "date-time": "2026-09-01T16:30:00Z",
    "uuid": _IDENTIFIER,
    "email": "ada@example.org",
    "byte": "AAAA",
}
_WORD: Final = "example"
_STANDARD_PACKAGE: Final = "google.protobuf."
_REPEATS: Final = frozenset({"request_id", "etag", "update_mask"})


def example(message: Any) -> dict[str, Any]:
    """Return an example of a request: what it must have, and what tells something.

    Parameters
    ----------
    message
        The descriptor.
    """
    chosen: dict[str, Any] = {}
    choices: set[str] = set()
    for field in message.fields:
        choice = "" if field.containing_oneof is None else field.containing_oneof.name
        is_told = is_required(field) or field.name in _BY_NAME
        if is_told and field.name not in _REPEATS and choice not in choices:
            choices |= {choice} - {""}
            chosen[field.name] = [_value(field)] if field.is_repeated else _value(field)
    return chosen


def _value(field: Any) -> Any:
    message = field.message_type
    if message is not None and not message.full_name.startswith(_STANDARD_PACKAGE):
        return example(message)
    if field.name in _BY_NAME:
        return _BY_NAME[field.name]
    schema = Schemas({}).field(field, is_request=True)
    schema = schema.get("items", schema)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema["type"] == "string":
        return _BY_FORMAT.get(schema.get("format", ""), _WORD)
    return schema["type"] == "boolean" or max(schema.get("minimum", 1), 1)
