"""The README shows commands that exist, with options that they have."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from practice.cli.main import cli
from tests.house.tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = [line.partition("#")[0] for line in re.findall(r"^practice .+$", README, re.MULTILINE)]


def parse(line: str) -> None:
    _, name, *rest = shlex.split(line)
    if name.startswith("-"):
        name, rest = "", [name]
    command = cli.get_command(click.Context(cli), name) if name else cli
    assert command is not None, line
    command.make_parser(click.Context(command)).parse_args(rest)


@pytest.mark.parametrize("line", SHOWN)
def test_a_shown_command_parses(line: str) -> None:
    parse(line)


def test_something_is_shown() -> None:
    assert len(SHOWN) >= 5


@pytest.mark.parametrize("line", ["practice stream --loudly x.wav", "practice analyze --target"])
def test_a_wrong_line_would_be_noticed(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)


@pytest.mark.parametrize("target", re.findall(r"]\(([^)#:]+)\)", README))
def test_a_linked_file_exists(target: str) -> None:
    assert (ROOT / target).exists()
