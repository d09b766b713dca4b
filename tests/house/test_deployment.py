"""The container files name only what exists."""

from __future__ import annotations

import re
import shlex
from typing import Any

import click
import pytest
import yaml

from gateway.settings import Settings, environment_name
from practice.cli.main import cli
from practice.rpc.principals import is_loopback
from tests.house.tree import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KNOWN_ENVIRONMENT = {environment_name(name) for name in Settings.model_fields}


def check_command(words: list[str]) -> None:
    """Fail unless the words are a command of ours with options that it has."""
    assert words[0] == "practice"
    command = cli.get_command(click.Context(cli), words[1])
    assert command is not None
    command.make_parser(click.Context(command)).parse_args(words[2:])


def test_the_image_runs_a_command_that_exists() -> None:
    (command,) = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)
    check_command(yaml.safe_load(command))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_runs_a_command_that_exists(name: str) -> None:
    check_command(SERVICES[name]["command"])


def test_a_wrong_option_would_be_noticed() -> None:
    with pytest.raises(click.UsageError):
        check_command(["practice", "serve", "--never-heard-of"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_configured_with_settings_that_exist_and_fit(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment: dict[str, str] = SERVICES[name]["environment"]
    assert environment.keys() <= KNOWN_ENVIRONMENT
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert is_loopback(Settings().host), "nobody could call it without an account"


def test_the_image_sets_only_what_somebody_reads() -> None:
    (environment,) = re.findall(r"^ENV (.+)$", DOCKERFILE, re.MULTILINE)
    names = {word.partition("=")[0] for word in shlex.split(environment)}
    assert names - {"PATH", "NUMBA_CACHE_DIR"} <= KNOWN_ENVIRONMENT


def test_the_exposed_ports_are_the_defaults() -> None:
    (exposed,) = re.findall(r"^EXPOSE (.+)$", DOCKERFILE, re.MULTILINE)
    ports = {Settings.model_fields[name].default for name in ("grpc_port", "metrics_port")}
    assert set(map(int, exposed.split())) == ports


def test_everything_that_is_copied_exists() -> None:
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source


def test_every_declared_volume_is_used() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service["volumes"]]
    assert {mount.partition(":")[0] for mount in mounts} == set(COMPOSE["volumes"])
