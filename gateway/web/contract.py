"""What the contract says about HTTP: the ``google.api.http`` rules of its methods."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.api import annotations_pb2
from google.protobuf import descriptor_pool

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

WHOLE_REQUEST: Final = "*"
_VARIABLE: Final = re.compile(r"\{(?P<field>[a-z0-9_.]+)(?:=\*)?\}")


class UnusableRuleError(Exception):
    """A method has no rule, or one that can't be served; the text names it."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One HTTP request line that makes one call.

    Parameters
    ----------
    method
        The unary RPC.
    verb
        ``GET`` and so on.
    path
        As the contract has it, with ``{field.path}`` for what is variable.
    body
        The field that the body holds, ``*`` for the whole request, "" for no body.
    """

    method: MethodDescriptor
    verb: str
    path: str
    body: str

    @property
    def full_name(self) -> str:
        """Name of the RPC, ``/package.Service/Method``."""
        return f"/{_service(self.method).full_name}/{self.method.name}"

    @property
    def variables(self) -> tuple[str, ...]:
        """Paths of the request's fields that stand in the path."""
        return tuple(match["field"] for match in _VARIABLE.finditer(self.path))

    @property
    def route_path(self) -> str:
        """The path as the router writes it, where a variable's name has no dots."""
        return _VARIABLE.sub(lambda match: "{" + parameter(match["field"]) + "}", self.path)


def parameter(field_path: str) -> str:
    """Return the name that the router has for a field in the path."""
    return field_path.replace(".", "__")


def services(names: Collection[str]) -> list[ServiceDescriptor]:
    """Return the descriptors of services whose stubs are loaded."""
    pool = descriptor_pool.Default()
    return [pool.FindServiceByName(name) for name in names]


def unary_methods(names: Collection[str]) -> Iterator[MethodDescriptor]:
    """Yield every method that has one request and one answer."""
    for service in services(names):
        for method in service.methods:
            if not (method.client_streaming or method.server_streaming):
                yield method


def bindings(names: Collection[str]) -> list[Binding]:
    """Return every rule of the services' unary methods; the most literal paths come first.

    Raises
    ------
    UnusableRuleError
        When a unary method has no rule or one that can't be served.
    """
    found = [binding for method in unary_methods(names) for binding in _of_method(method)]
    return sorted(found, key=lambda binding: (len(binding.variables), -len(binding.path)))


def _of_method(method: MethodDescriptor) -> Iterator[Binding]:
    extension: Any = annotations_pb2.http
    rule: Any = method.GetOptions().Extensions[extension]
    for item in (rule, *rule.additional_bindings):
        yield _binding(method, item)


def _binding(method: MethodDescriptor, rule: Any) -> Binding:
    pattern = rule.WhichOneof("pattern")
    if pattern is None:
        raise UnusableRuleError(f"{method.full_name} has no google.api.http rule")
    custom = pattern == "custom"
    verb = rule.custom.kind if custom else pattern.upper()
    path = rule.custom.path if custom else getattr(rule, pattern)
    if set("{}") & set(_VARIABLE.sub("", path)) or rule.response_body:
        raise UnusableRuleError(f"{method.full_name}: {path} is more than is served here")
    return Binding(method, verb, path, rule.body)


def _service(method: MethodDescriptor) -> ServiceDescriptor:
    service: ServiceDescriptor = method.containing_service
    return service
