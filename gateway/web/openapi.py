"""The OpenAPI document, made from the contract as the routes are."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from gateway.web.answers import status_of
from gateway.web.comments import comments
from gateway.web.contract import WHOLE_REQUEST
from gateway.web.decoding import ETAG, query_fields
from gateway.web.examples import example
from gateway.web.schemas import Schema, Schemas, component_name, is_required

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from gateway.web.contract import Binding
    from gateway.web.lifecycle import Lifecycle

_JSON: Final = "application/json"
_BEARER: Final = "access_token"
_PROBLEM: Final[Schema] = {
    "type": "object",
    "required": ["detail", "code"],
    "properties": {
        "detail": {"type": "string", "description": "What to do about it, for a person."},
        "code": {"type": "string", "description": "The reason, for a program."},
        "field": {"type": "string", "description": "Path of the field that is wrong."},
    },
    "example": {
        "detail": "email: must be a valid email address",
        "code": "FIELD_INVALID",
        "field": "email",
    },
}
_ALWAYS: Final = (400, 401, 403, 404, 409, 422, 429, 500, 503)
_WITH_BODY: Final = (413,)
_WITH_ETAG: Final = (412,)
_WAITING: Final = frozenset({429, 503})


class OpenApi:
    """Makes the document.

    Parameters
    ----------
    title, version
        Of the program.
    bindings
        Every route.
    open_methods
        Full names of calls that need no token.
    lifecycle
        Calls that go away.
    """

    def __init__(
        self,
        title: str,
        version: str,
        bindings: Sequence[Binding],
        open_methods: Collection[str],
        lifecycle: Lifecycle,
    ) -> None:
        self._info = {"title": title, "version": version}
        self._bindings = bindings
        self._open_methods = frozenset(open_methods)
        self._lifecycle = lifecycle
        files = {binding.method.input_type.file for binding in bindings}
        self._comments = comments(sorted(files, key=lambda file: str(file.name)))
        self._schemas = Schemas(self._comments)

    def document(self) -> dict[str, Any]:
        """Return the document as plain values."""
        paths: dict[str, Any] = {}
        # Answers first: what is in both an answer and a request may be incomplete.
        answers = [self._answers(binding) for binding in self._bindings]
        for binding, responses in zip(self._bindings, answers, strict=True):
            operations = paths.setdefault(openapi_path(binding), {})
            operations[binding.verb.lower()] = self._operation(binding, responses)
        return {
            "openapi": "3.1.0",
            "info": self._info,
            "paths": dict(sorted(paths.items())),
            "components": {
                "schemas": {**self._schemas.components, "Problem": _PROBLEM},
                "securitySchemes": {_BEARER: {"type": "http", "scheme": "bearer"}},
            },
        }

    def _operation(self, binding: Binding, responses: Schema) -> Schema:
        comment = self._comments.get(binding.method.full_name, binding.method.name)
        summary = comment.replace("\n", " ").partition(". ")[0].rstrip(".")
        operation: Schema = {
            "operationId": binding.full_name.strip("/").replace("/", "."),
            "tags": [binding.full_name.split("/")[1].rpartition(".")[2]],
            "summary": summary,
            "description": comment,
            "parameters": list(self._parameters(binding)),
            "responses": responses,
        }
        if binding.body:
            operation["requestBody"] = self._body(binding)
        if binding.full_name not in self._open_methods:
            operation["security"] = [{_BEARER: []}]
        if self._lifecycle.is_leaving(binding):
            operation["deprecated"] = True
        return operation

    def _parameters(self, binding: Binding) -> Iterator[Schema]:
        for path in binding.variables:
            field = _field_at(binding.method.input_type, path)
            schema = self._schemas.field(field, is_request=True)
            # A path can't have an empty part.
            schema["minLength"] = max(1, schema.get("minLength", 0))
            yield {"name": _short(path), "in": "path", "required": True, "schema": schema}
        for name, field in query_fields(binding):
            schema = self._schemas.field(field, is_request=True)
            is_needed = is_required(field) and "." not in name and not _is_implied(binding, name)
            yield {"name": name, "in": "query", "required": is_needed, "schema": schema}
        text = {"type": "string"}
        if _is_conditional(binding):
            yield {"name": "If-Match", "in": "header", "required": False, "schema": text}
        if binding.verb == "GET":
            yield {"name": "If-None-Match", "in": "header", "required": False, "schema": text}

    def _body(self, binding: Binding) -> Schema:
        message: Any = binding.method.input_type
        if binding.body != WHOLE_REQUEST:
            message = message.fields_by_name[binding.body].message_type
            schema = self._schemas.reference(message, is_request=True)
        else:
            schema = self._whole(binding)
        content = {"schema": schema, "example": _without(example(message), binding)}
        return {"required": bool(message.fields), "content": {_JSON: content}}

    def _whole(self, binding: Binding) -> Schema:
        """Return a request without what stands in the path."""
        message: Any = binding.method.input_type
        reference = self._schemas.reference(message, is_request=True)
        if not binding.variables:
            return reference
        schema = dict(self._schemas.components[component_name(message)])
        schema["properties"] = _without(schema["properties"], binding)
        if "required" in schema:
            schema["required"] = [n for n in schema["required"] if n not in binding.variables]
            if not schema["required"]:
                del schema["required"]
        return schema

    def _answers(self, binding: Binding) -> Schema:
        status = status_of(binding)
        told: Schema = {"description": status.phrase}
        if status is not HTTPStatus.NO_CONTENT:
            schema = self._schemas.reference(binding.method.output_type, is_request=False)
            told["content"] = {_JSON: {"schema": schema}}
        answers: Schema = {str(status.value): told}
        statuses = [*_ALWAYS]
        if binding.verb == "GET":
            answers["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase}
        if binding.body:
            statuses += _WITH_BODY
        if _is_conditional(binding):
            statuses += _WITH_ETAG
        answers.update({str(number): _problem(number) for number in sorted(statuses)})
        return answers


def openapi_path(binding: Binding) -> str:
    """Return the path with the last name of each variable only."""
    path = binding.path
    for variable in binding.variables:
        path = path.replace(variable, _short(variable))
    return path


def _problem(number: int) -> Schema:
    content = {_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told: Schema = {"description": HTTPStatus(number).phrase, "content": content}
    if number in _WAITING:
        seconds = {"schema": {"type": "integer", "minimum": 1}}
        told["headers"] = {"Retry-After": seconds}
    return told


def _short(field_path: str) -> str:
    return field_path.rpartition(".")[2]


def _field_at(message: Any, path: str) -> Any:
    *steps, name = path.split(".")
    for step in steps:
        message = message.fields_by_name[step].message_type
    return message.fields_by_name[name]


def _is_conditional(binding: Binding) -> bool:
    return binding.verb != "GET" and ETAG in binding.method.input_type.fields_by_name


def _is_implied(binding: Binding, name: str) -> bool:
    return binding.verb == "PATCH" and name == "update_mask"


def _without(fields: dict[str, Any], binding: Binding) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in binding.variables}
