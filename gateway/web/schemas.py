"""Messages of the contract as JSON schemas, with the limits that stand in the .proto files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor import FieldDescriptor

from buf.validate import validate_pb2
from practice.json_format import enum_label

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

_STANDARD: Final[Mapping[str, Schema]] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]{1,9}(\.[0-9]{1,9})?s$"},
    "google.protobuf.FieldMask": {"type": "string", "pattern": "^([a-z0-9_.]+(,[a-z0-9_.]+)*)?$"},
    "google.protobuf.Struct": {"type": "object"},
}
_INT_KINDS: Final = {
    FieldDescriptor.CPPTYPE_INT32: "int32",
    FieldDescriptor.CPPTYPE_INT64: "int64",
    FieldDescriptor.CPPTYPE_UINT32: "uint32",
    FieldDescriptor.CPPTYPE_UINT64: "uint64",
}
_FLOAT_KINDS: Final = {
    FieldDescriptor.CPPTYPE_DOUBLE: "double",
    FieldDescriptor.CPPTYPE_FLOAT: "float",
}
_LARGEST: Final = {"int32": 2**31 - 1, "int64": 2**63 - 1, "uint32": 2**32 - 1, "uint64": 2**64 - 1}
_BOUNDS: Final = {
    "gte": "minimum",
    "gt": "exclusiveMinimum",
    "lte": "maximum",
    "lt": "exclusiveMaximum",
    "const": "const",
}
#: Control characters, as every dialect of regular expressions can say it.
_CONTROL: Final = r"\u0000-\u001F\u007F-\u009F"
_PORTABLE: Final = (
    (r"[\n\P{Cc}]", r"[^\u0000-\u0009\u000B-\u001F\u007F-\u009F]"),
    (r"\P{Cc}", f"[^{_CONTROL}]"),
    (r"\p{Cc}", _CONTROL),
)
_BASE64_GROWTH: Final = 4 / 3
#: Rules that an empty text or false breaks.
_FILLED: Final = ("min_len", "email", "uuid", "const")


class Schemas:
    """Collects the schemas of messages as components that refer to each other.

    Parameters
    ----------
    comments
        Descriptions by full name.
    """

    def __init__(self, comments: Mapping[str, str]) -> None:
        self._comments = comments
        self.components: dict[str, Schema] = {}

    def reference(self, message: Any, *, is_request: bool) -> Schema:
        """Return a reference to a message, whose schema becomes a component.

        Parameters
        ----------
        message
            Its descriptor.
        is_request
            Whether it must be complete, and have nothing else.
        """
        if message.full_name in _STANDARD:
            return dict(_STANDARD[message.full_name])
        name = component_name(message)
        if name not in self.components:
            self.components[name] = {}  # messages may hold each other
            self.components[name] = self._message(message, is_request=is_request)
        return {"$ref": f"#/components/schemas/{name}"}

    def field(self, field: Any, *, is_request: bool) -> Schema:
        """Return the schema of a field, with its limits and its comment."""
        rules = rules_of(field)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"]
            schema: Schema = {
                "type": "object",
                "additionalProperties": self._single(value, None, is_request=is_request),
            }
        elif field.is_repeated:
            schema = self._list(field, rules.repeated, is_request=is_request)
        else:
            schema = self._single(field, rules, is_request=is_request)
        comment = self._comments.get(field.full_name)
        return schema if comment is None else {**schema, "description": comment}

    def _message(self, message: Any, *, is_request: bool) -> Schema:
        schema: Schema = {
            "type": "object",
            "properties": {
                field.name: self.field(field, is_request=is_request) for field in message.fields
            },
        }
        required = [field.name for field in message.fields if is_required(field)]
        if is_request:
            schema["additionalProperties"] = False
        if is_request and required:
            schema["required"] = required
        if (comment := self._comments.get(message.full_name)) is not None:
            schema["description"] = comment
        return schema

    def _list(self, field: Any, rules: Any, *, is_request: bool) -> Schema:
        items = rules.items if rules.HasField("items") else None
        schema: Schema = {
            "type": "array",
            "items": self._single(field, items, is_request=is_request),
        }
        if rules.HasField("min_items"):
            schema["minItems"] = rules.min_items
        if rules.HasField("max_items"):
            schema["maxItems"] = rules.max_items
        if rules.unique:
            schema["uniqueItems"] = True
        return schema

    def _single(self, field: Any, rules: Any, *, is_request: bool) -> Schema:
        if field.message_type is not None:
            return self.reference(field.message_type, is_request=is_request)
        if field.enum_type is not None:
            return _enum(field.enum_type, rules)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return _bytes(rules)
        if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            return _string(rules)
        return _number(field.cpp_type, rules)


def component_name(message: Any) -> str:
    """Return what a message is called in the document."""
    name: str = message.full_name.removeprefix("practice.")
    return name


def rules_of(field: Any) -> Any:
    """Return a field's ``buf.validate`` rules, empty ones when it has none."""
    extension: Any = validate_pb2.field
    return field.GetOptions().Extensions[extension]


def is_required(field: Any) -> bool:
    """Whether a request without the field breaks a rule."""
    rules = rules_of(field)
    if rules.required:
        return True
    if field.has_presence:
        return False
    return bool(rules.repeated.min_items) if field.is_repeated else _refuses_zero(rules)


def _refuses_zero(rules: Any) -> bool:
    kind = rules.WhichOneof("type")
    if kind is None:
        return False
    limits = getattr(rules, kind)
    if kind == "enum":
        allowed = getattr(limits, "in")
        return 0 in limits.not_in or bool(allowed and 0 not in allowed)
    if kind in {"string", "bytes", "bool"}:
        return any(_has(limits, name) and getattr(limits, name) for name in _FILLED)
    is_above = _has(limits, "gte") and limits.gte > 0
    return is_above or (_has(limits, "gt") and limits.gt >= 0)


def _enum(enum: Any, rules: Any) -> Schema:
    allowed = set(enum.values_by_number) - {0}
    if rules is not None and getattr(rules.enum, "in"):
        allowed &= set(getattr(rules.enum, "in"))
    return {"type": "string", "enum": [enum_label(enum, number) for number in sorted(allowed)]}


def _string(rules: Any) -> Schema:
    schema: Schema = {"type": "string"}
    if rules is None:
        return schema
    text = rules.string
    if text.HasField("min_len"):
        schema["minLength"] = text.min_len
    if text.HasField("max_len"):
        schema["maxLength"] = text.max_len
    if text.HasField("pattern") and (pattern := _portable(text.pattern)) is not None:
        schema["pattern"] = pattern
    for name in ("uuid", "email"):
        if getattr(text, name):
            schema["format"] = name
    return schema


def _bytes(rules: Any) -> Schema:
    schema: Schema = {"type": "string", "format": "byte"}
    if rules is not None and rules.bytes.HasField("min_len"):
        schema["minLength"] = rules.bytes.min_len
    if rules is not None and rules.bytes.HasField("max_len"):
        schema["maxLength"] = int(rules.bytes.max_len * _BASE64_GROWTH) + 4
    return schema


def _number(cpp_type: int, rules: Any) -> Schema:
    if cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return {"type": "boolean", **_bounds(rules, "bool")}
    if (kind := _FLOAT_KINDS.get(cpp_type)) is not None:
        return {"type": "number", "format": kind, **_bounds(rules, kind)}
    kind = _INT_KINDS[cpp_type]
    largest = _LARGEST[kind]
    limits = {"minimum": 0 if kind.startswith("u") else -largest - 1, "maximum": largest}
    return {"type": "integer", "format": kind, **limits, **_bounds(rules, kind)}


def _bounds(rules: Any, kind: str) -> Schema:
    if rules is None or not rules.HasField(kind):
        return {}
    limits = getattr(rules, kind)
    return {name: getattr(limits, rule) for rule, name in _BOUNDS.items() if _has(limits, rule)}


def _has(rules: Any, name: str) -> bool:
    return name in rules.DESCRIPTOR.fields_by_name and bool(rules.HasField(name))


def _portable(pattern: str) -> str | None:
    """Return an RE2 pattern as ECMAScript and Python read it, None when that can't be said."""
    for ours, theirs in _PORTABLE:
        pattern = pattern.replace(ours, theirs)
    pattern = pattern.replace(r"\x{", r"\u{")
    parts = pattern.split(r"\u{")
    pattern = parts[0] + "".join(rf"\u{part.replace('}', '', 1)}" for part in parts[1:])
    return None if r"\p" in pattern.lower() else pattern
