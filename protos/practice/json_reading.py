"""Plain JSON values into proto messages: the other direction of `practice.json_format`.

Names are snake_case, enum values may leave out their enum's prefix, 64-bit integers are numbers,
null is the same as absent. What does not fit is an error that names the field's path.
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import TYPE_CHECKING, Any, Final, NoReturn

from google.protobuf import json_format
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from practice.json_format import enum_label
from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

_STANDARD_PACKAGE: Final = "google.protobuf."
_FIELD_MASK: Final = "google.protobuf.FieldMask"
_FLOATS: Final = frozenset({FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT})
_TRUTHS: Final = {"true": True, "false": False}


def read_into(message: Message, value: object, path: str = "", *, is_text: bool = False) -> None:
    """Fill a message from a JSON object.

    Parameters
    ----------
    message
        Is changed; an empty one, or one with other fields set.
    value
        What a JSON parser made.
    path
        Where the message is in the request, for errors.
    is_text
        Whether numbers and truth values come as text, as they do in a URL.

    Raises
    ------
    PracticeError
        FIELD_INVALID, with the path of the field.
    """
    _Reader(is_text=is_text).read(message, value, path)


class _Reader:
    def __init__(self, *, is_text: bool) -> None:
        self._is_text = is_text

    def read(self, message: Message, value: object, path: str) -> None:
        if not isinstance(value, dict):
            _refuse(path, "must be a JSON object")
        fields: Mapping[str, Any] = message.DESCRIPTOR.fields_by_name
        for name, item in value.items():
            here = f"{path}.{name}" if path else str(name)
            field = fields.get(name)
            if field is None:
                _refuse(here, "there is no such field")
            if item is not None:
                _check_choice(message, field, here)
                self._read_field(message, field, item, here)

    def _read_field(self, message: Message, field: FieldDescriptor, item: Any, path: str) -> None:
        target = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            self._read_map(target, field, item, path)
        elif field.is_repeated:
            self._read_list(target, field, item, path)
        elif field.message_type is not None:
            target.SetInParent()
            self._read_message(target, item, path)
        else:
            scalar = self.scalar(field, item, path)
            try:
                setattr(message, field.name, scalar)
            except (TypeError, ValueError):
                _refuse(path, "is out of range or holds characters that are none")

    def _read_list(self, target: Any, field: FieldDescriptor, items: Any, path: str) -> None:
        if not isinstance(items, list):
            _refuse(path, "must be a list")
        for index, item in enumerate(items):
            here = f"{path}[{index}]"
            if field.message_type is not None:
                self._read_message(target.add(), item, here)
                continue
            try:
                target.append(self.scalar(field, item, here))
            except (TypeError, ValueError):
                _refuse(here, "is out of range or holds characters that are none")

    def _read_map(self, target: Any, field: FieldDescriptor, items: Any, path: str) -> None:
        if not isinstance(items, dict):
            _refuse(path, "must be a JSON object")
        entry: Any = field.message_type
        key_field, value_field = (entry.fields_by_name[name] for name in ("key", "value"))
        for name, item in items.items():
            here = f"{path}.{name}"
            key = _Reader(is_text=True).scalar(key_field, name, here)
            if value_field.message_type is not None:
                self._read_message(target[key], item, here)
            else:
                target[key] = self.scalar(value_field, item, here)

    def _read_message(self, target: Message, item: Any, path: str) -> None:
        name = target.DESCRIPTOR.full_name
        if name == _FIELD_MASK:
            _read_mask(target, item, path)
        elif name.startswith(_STANDARD_PACKAGE):
            try:
                json_format.ParseDict(item, target)
            except (json_format.ParseError, ArithmeticError, TypeError, ValueError):
                _refuse(path, f"is no {target.DESCRIPTOR.name} as protobuf writes it in JSON")
        else:
            self.read(target, item, path)

    def scalar(self, field: FieldDescriptor, item: Any, path: str) -> Any:
        if field.enum_type is not None:
            return _enum_number(field.enum_type, item, path)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return _bytes(item, path)
        if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            return item if isinstance(item, str) else _refuse(path, "must be a text")
        if self._is_text and isinstance(item, str):
            item = _from_text(field, item)
        if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
            return item if isinstance(item, bool) else _refuse(path, "must be true or false")
        if isinstance(item, bool) or not isinstance(item, int | float):
            _refuse(path, "must be a number")
        if field.cpp_type in _FLOATS:
            return item if _is_finite(item) else _refuse(path, "must be a finite number")
        if isinstance(item, float) and not item.is_integer():
            _refuse(path, "must be a whole number")
        return int(item)


def _check_choice(message: Message, field: FieldDescriptor, path: str) -> None:
    """Refuse a second member of a oneof, which would silently replace the first."""
    choice = field.containing_oneof
    if choice is not None and (taken := message.WhichOneof(choice.name)) not in {None, field.name}:
        _refuse(path, f"can't be given together with {taken}")


def _read_mask(target: Any, item: Any, path: str) -> None:
    if not isinstance(item, str):
        _refuse(path, "must be a text: names of fields with commas between")
    target.paths.extend(name.strip() for name in item.split(",") if name.strip())


def _enum_number(enum: EnumDescriptor, item: Any, path: str) -> int:
    numbers: dict[str, int] = {}
    for value in enum.values:
        numbers |= {value.name: value.number, enum_label(enum, value.number): value.number}
    if not isinstance(item, str) or item not in numbers:
        known = ", ".join(enum_label(enum, value.number) for value in enum.values if value.number)
        _refuse(path, f"must be one of {known}")
    return numbers[item]


def _bytes(item: Any, path: str) -> bytes:
    try:
        return base64.b64decode(
            item, altchars=b"-_" if {"-", "_"} & set(item) else None, validate=True
        )
    except (TypeError, ValueError, binascii.Error):
        _refuse(path, "must be a text in base64")


def _from_text(field: FieldDescriptor, item: str) -> object:
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _TRUTHS.get(item, item)
    try:
        return float(item) if field.cpp_type in _FLOATS else int(item)
    except ValueError:
        return item


def _is_finite(item: float) -> bool:
    try:
        return math.isfinite(item)
    except OverflowError:  # a whole number beyond any float
        return False


def _refuse(path: str, reason: str) -> NoReturn:
    shown = path or "request"
    raise PracticeError(ErrorCode.FIELD_INVALID, f"{shown}: {reason}", field=path or None)
