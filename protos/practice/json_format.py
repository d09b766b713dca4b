"""Proto messages as plain JSON values, by the project's rules.

Names are snake_case, enum values lose their enum's prefix (``LOCKED``), 64-bit integers are
numbers, absent fields are left out, and NaN, infinity and null never appear. Fields without
presence (plain proto3 scalars and lists) always appear, so that a reader can rely on them; an
enum at its zero value says nothing and is left out. ``google.protobuf`` types keep the standard
mapping (a FieldMask with the names as they are here), and bytes are base64.
"""

from __future__ import annotations

import base64
import json
import math
import re
from typing import TYPE_CHECKING, Final

from google.protobuf import json_format
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JsonValue = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]

_STANDARD_PACKAGE: Final = "google.protobuf."
_CAMEL_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FLOATS: Final = frozenset({FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT})


def message_to_dict(message: Message) -> dict[str, JsonValue]:
    """Return the message's fields by the rules of this module, in the order of the contract."""
    fields: dict[str, JsonValue] = {}
    descriptor_fields: Iterable[FieldDescriptor] = message.DESCRIPTOR.fields  # type: ignore[assignment]
    for field in descriptor_fields:
        if field.has_presence and not message.HasField(field.name):
            continue
        value = _field_value(field, getattr(message, field.name))
        if value is not None:
            fields[field.name] = value
    return fields


def to_json_line(value: Mapping[str, object]) -> str:
    """Return the value as one line of JSON without a line end.

    Raises
    ------
    ValueError
        When a NaN or an infinity is inside.
    """
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def enum_label(enum: EnumDescriptor, number: int) -> str:
    """Return the name of an enum's value without the enum's prefix, ``str(number)`` if unknown."""
    value = enum.values_by_number.get(number)
    if value is None:
        return str(number)
    prefix = _CAMEL_BOUNDARY.sub("_", enum.name).upper() + "_"
    return value.name.removeprefix(prefix)


def _field_value(field: FieldDescriptor, value: object) -> JsonValue | None:
    if _is_map(field):
        return _map_value(field, value)
    if field.is_repeated:
        items = (_single_value(field, item) for item in value)  # type: ignore[attr-defined]
        return [item for item in items if item is not None]
    return _single_value(field, value)


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _map_value(field: FieldDescriptor, value: object) -> JsonValue:
    entry = field.message_type
    value_field: FieldDescriptor = entry.fields_by_name["value"]  # type: ignore[union-attr]
    items: dict[str, JsonValue] = {}
    for key, item in value.items():  # type: ignore[attr-defined]
        converted = _single_value(value_field, item)
        if converted is not None:
            items[str(key).lower() if isinstance(key, bool) else str(key)] = converted
    return items


def _single_value(field: FieldDescriptor, value: object) -> JsonValue | None:
    if isinstance(value, Message):
        return _message_value(value)
    if field.enum_type is not None:
        return enum_label(field.enum_type, int(value)) if value else None  # type: ignore[call-overload]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if field.type in _FLOATS:
        number = float(value)  # type: ignore[arg-type]
        return number if math.isfinite(number) else None
    return value  # type: ignore[return-value]


def _message_value(value: Message) -> JsonValue:
    if isinstance(value, FieldMask):  # the standard mapping would have camelCase names
        return ",".join(value.paths)
    if value.DESCRIPTOR.full_name.startswith(_STANDARD_PACKAGE):
        standard: JsonValue = json.loads(json_format.MessageToJson(value))
        return standard
    return message_to_dict(value)
