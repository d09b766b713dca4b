"""The contract's comments, read from the .proto files that are shipped beside the stubs.

The stubs leave comments out, and the compiler that could tell them is no part of an installation.
A test compares what is read here with what the compiler says.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import FileDescriptor

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCOPE: Final = re.compile(r"(message|enum|service|oneof)\s+(\w+)")
_RPC: Final = re.compile(r"rpc\s+(\w+)")
_FIELD: Final = re.compile(r"(?:repeated\s+|optional\s+)?(?:map<[^>]*>|[\w.]+)\s+(\w+)\s*=\s*\d+")
_VALUE: Final = re.compile(r"(\w+)\s*=\s*\d+")
_MEMBERS: Final = {"message": _FIELD, "oneof": _FIELD, "enum": _VALUE, "service": _RPC}
_SILENT: Final = ("", "")


def comments(files: Iterable[FileDescriptor]) -> dict[str, str]:
    """Return the comment of everything that has one, by its full name.

    Parameters
    ----------
    files
        Of this project; a value of an enum is named inside its enum.
    """
    told: dict[str, str] = {}
    for file in files:
        source = resources.files("practice") / file.name.removeprefix("practice/")
        told.update(_of_source(source.read_text(encoding="utf-8"), file.package))
    return told


def _of_source(source: str, package: str) -> Iterator[tuple[str, str]]:
    scopes: list[tuple[str, str]] = []
    said: list[str] = []
    for raw in source.splitlines():
        line = raw.strip()
        if line.startswith("//"):
            said.append(line.removeprefix("//").strip())
            continue
        code = _STRING.sub('""', line).partition("//")[0]
        declared = _declared(code, scopes)
        if declared is not None and said:
            names = [name for kind, name in scopes if kind not in {"", "oneof"}]
            yield ".".join([package, *names, declared[1]]), "\n".join(said)
        said = []
        _follow(code, declared or _SILENT, scopes)


def _declared(code: str, scopes: list[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the kind and name of what a line declares; the kind is "" for members."""
    if (match := _SCOPE.match(code)) is not None:
        return match[1], match[2]
    member = _MEMBERS.get(scopes[-1][0]) if scopes else None
    if member is not None and (match := member.match(code)) is not None:
        return "", match[1]
    return None


def _follow(code: str, declared: tuple[str, str], scopes: list[tuple[str, str]]) -> None:
    for character in code:
        if character == "{":
            scopes.append(declared)
            declared = _SILENT
        elif character == "}":
            scopes.pop()
