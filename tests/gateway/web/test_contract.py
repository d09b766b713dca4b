"""Every unary RPC has its route, and every route its RPC."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from starlette.routing import Route

import practice
from gateway.web.app import WebConfig, make_app
from gateway.web.contract import UnusableRuleError, bindings, unary_methods
from gateway.web.upstream import Upstream

if TYPE_CHECKING:
    from google.protobuf.descriptor import FileDescriptor


def contract_files() -> list[FileDescriptor]:
    found = pkgutil.walk_packages(practice.__path__, "practice.")
    names = sorted(info.name for info in found if info.name.endswith("_pb2"))
    return [importlib.import_module(name).DESCRIPTOR for name in names]


def contract_services() -> list[str]:
    return [
        service.full_name for file in contract_files() for service in file.services_by_name.values()
    ]


async def test_routes_are_exactly_the_contracts_rules() -> None:
    names = contract_services()
    assert len(names) >= 4
    upstream = Upstream("127.0.0.1:1")
    app = make_app(upstream, names, WebConfig())
    await upstream.close()
    routes = [
        (sorted((route.methods or set()) - {"HEAD"}), route.path)
        for route in app.routes
        if isinstance(route, Route) and route.name.startswith("/practice.")
    ]
    rules = bindings(names)
    assert sorted(routes) == sorted(([rule.verb], rule.route_path) for rule in rules)
    assert len({(rule.verb, rule.path) for rule in rules}) == len(rules), "one path, two RPCs"
    assert {rule.full_name.rpartition("/")[2] for rule in rules} == {
        method.name for method in unary_methods(names)
    }


def test_every_rule_names_fields_that_its_request_has() -> None:
    for rule in bindings(contract_services()):
        for path in (*rule.variables, *({rule.body} - {"", "*"})):
            message: Any = rule.method.input_type
            for step in path.split("."):
                assert message is not None, f"{rule.full_name}: {path}"
                assert step in message.fields_by_name, f"{rule.full_name}: {path}"
                message = message.fields_by_name[step].message_type


def test_a_unary_rpc_without_a_rule_is_refused() -> None:
    file = descriptor_pb2.FileDescriptorProto(name="bare.proto", package="bare")
    file.message_type.add(name="Nothing")
    method = file.service.add(name="Bare").method.add(name="Ask")
    method.input_type = method.output_type = ".bare.Nothing"
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    with pytest.raises(UnusableRuleError, match=r"bare\.Bare\.Ask"):
        bindings(["bare.Bare"])
