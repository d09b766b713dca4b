"""The OpenAPI document: what it says is what the contract says, and what the server does."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from google.protobuf import descriptor_pb2, message_factory
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.web.comments import comments
from gateway.web.contract import bindings
from gateway.web.examples import example
from gateway.web.lifecycle import Lifecycle
from gateway.web.openapi import OpenApi
from practice.json_reading import read_into
from practice.rpc.validation import validate
from tests.gateway.web.serving import Door, authorized
from tests.gateway.web.test_contract import contract_files, contract_services

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FUZZED = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def the_document() -> dict[str, Any]:
    rules = bindings(contract_services())
    return OpenApi("Practice Tracker", "1", rules, (), Lifecycle()).document()


def test_comments_are_those_that_the_compiler_reads() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "protos" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    compiled = descriptor_pb2.FileDescriptorSet.FromString(
        generate.contract_set("--include_source_info")
    )
    expected: dict[str, str] = {}
    for file in compiled.file:
        expected.update(compiled_comments(file))
    assert comments(contract_files()) == expected


def compiled_comments(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[str, str]]:
    for location in file.source_code_info.location:
        at: Any = file
        names, path = [file.package], list(location.path)
        while path and hasattr(at, "DESCRIPTOR"):
            field = at.DESCRIPTOR.fields_by_number.get(path.pop(0))
            if field is None:  # inside an option, which is no declaration
                names.append("")
                break
            at = getattr(at, field.name)
            if path and field.is_repeated:
                at = at[path.pop(0)]
            names.append(getattr(at, "name", ""))
        if location.leading_comments and all(names):
            text = "\n".join(line.strip() for line in location.leading_comments.splitlines())
            yield ".".join(names), text


def test_limits_and_comments_are_told() -> None:
    document = the_document()
    schemas = document["components"]["schemas"]
    request = schemas["accounts.v1.RegisterRequest"]
    assert request["required"] == [
        "email", "password", "display_name", "role", "birth_year", "consents"
    ]  # fmt: skip
    password = request["properties"]["password"]
    assert (password["minLength"], password["maxLength"]) == (10, 256)
    assert re.fullmatch(password["pattern"], "correct horse")
    assert not re.fullmatch(password["pattern"], "correct\nhorse")
    assert request["properties"]["role"]["enum"] == ["STUDENT", "TEACHER"]
    listing = document["paths"]["/api/v1/users"]["get"]
    assert listing["summary"] == "Everyone, oldest first; admins only"
    assert "page_token" in {item["name"] for item in listing["parameters"]}
    assert all("{" not in name or "." not in name for name in document["paths"])


@pytest.mark.parametrize("rule", bindings(contract_services()), ids=lambda rule: rule.method.name)
def test_every_example_keeps_the_rules(rule: Any) -> None:
    if rule.body != "*":
        return
    message = message_factory.GetMessageClass(rule.method.input_type)()
    read_into(message, example(rule.method.input_type))
    validate(message)


async def test_the_pages_need_nobody_else(web: Door) -> None:
    page = await web.client.get("/docs")
    assert page.status_code == 200
    assert "sha256-" in page.headers["content-security-policy"]
    linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(linked) >= 3
    for address in linked:
        assert address.startswith("/"), address
        assert (await web.client.get(address)).status_code == 200
    document = (await web.client.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"


@pytest.mark.slow
async def test_the_server_does_what_its_document_says(web: Door) -> None:
    headers = authorized(await web.services.admin())
    base_url = str(web.client.base_url)
    document = (await web.client.get("/openapi.json")).json()
    statuses = await asyncio.to_thread(call_everything, document, base_url, headers)
    assert {200, 422} <= set(statuses), "neither only refused, nor never"


def call_everything(
    document: dict[str, Any], base_url: str, headers: dict[str, str]
) -> Counter[int]:
    statuses: Counter[int] = Counter()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=base_url)
    for result in schema.get_all_operations():
        found: Any = result
        operation = found.ok()

        @FUZZED
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            answer = case.call_and_validate(base_url=base_url, headers=headers, checks=CHECKS)
            statuses[answer.status_code] += 1

        call()
    return statuses
