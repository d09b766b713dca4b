"""`practice doctor`: every setting with its origin, and checks that can fail."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from gateway.checks import Outcome, check_data_dir, check_kernel_cache, check_port, check_server
from gateway.health_report import MASKED, setting_rows
from gateway.settings import Settings, environment_name
from tests.gateway.processes import environment, run
from tests.serving.live import embedded_server

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "PRACTICE_DATABASE_URL"


def test_every_setting_is_listed_with_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTICE_GRPC_PORT", "4711")
    rows = {row.name: row for row in setting_rows(Settings(), {"PRACTICE_GRPC_PORT": "4711"})}
    assert {environment_name(name) for name in Settings.model_fields} <= rows.keys()
    assert (rows["PRACTICE_GRPC_PORT"].value, rows["PRACTICE_GRPC_PORT"].source) == (
        "4711",
        "environment",
    )
    assert (rows["PRACTICE_HOST"].value, rows["PRACTICE_HOST"].source) == ("127.0.0.1", "default")
    assert all(row.description for row in rows.values())


@pytest.mark.parametrize("name", ["PRACTICE_TOKEN", "PRACTICE_S3_SECRET_KEY"])
def test_secrets_are_never_shown(name: str) -> None:
    rows = {row.name: row.value for row in setting_rows(Settings(), {name: "hunter2"})}
    assert rows[name] == MASKED


def test_a_database_is_shown_without_its_password() -> None:
    address = "postgresql://ada:hunter2@db.example/practice"
    rows = {row.name: row.value for row in setting_rows(Settings(), {DATABASE: address})}
    assert rows[DATABASE] == "postgresql://ada:***@db.example/practice"


def test_a_misspelt_variable_is_pointed_out() -> None:
    rows = {row.name: row for row in setting_rows(Settings(), {"PRACTICE_GRPCPORT": "1"})}
    assert "nothing reads it" in rows["PRACTICE_GRPCPORT"].description


def test_a_port_is_free_taken_or_our_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert check_port("port", "127.0.0.1", port, is_up=False).outcome is Outcome.FAILED
        assert check_port("port", "127.0.0.1", port, is_up=True).outcome is Outcome.OK
    assert check_port("port", "127.0.0.1", 0, is_up=False).outcome is Outcome.OK


def test_the_data_folder_is_tried(tmp_path: Path) -> None:
    assert check_data_dir(tmp_path / "new" / "folder").outcome is Outcome.OK
    assert not (tmp_path / "new").exists()
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert check_data_dir(in_the_way / "below").outcome is Outcome.FAILED


def test_a_cold_kernel_cache_is_worth_a_warning(tmp_path: Path) -> None:
    assert check_kernel_cache(tmp_path).outcome is Outcome.WARNING
    (tmp_path / "kernel.1.nbc").write_text("")
    assert check_kernel_cache(tmp_path).outcome is Outcome.OK


async def test_a_running_server_is_reached(tmp_path: Path) -> None:
    async with embedded_server(tmp_path) as server:
        assert (await check_server(server.address)).outcome is Outcome.OK
        address = server.address
    assert (await check_server(address)).outcome is Outcome.WARNING


async def test_json_is_one_object_with_one_key_per_line(tmp_path: Path) -> None:
    env = environment(tmp_path, PRACTICE_GRPC_PORT="0", PRACTICE_TOKEN="hunter2")  # noqa: S106
    code, out, err = await run("doctor", "--json", env=env)
    assert (code, err) == (0, "")
    lines: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    assert {tuple(line) for line in lines} == {("setting",), ("check",)}
    assert "hunter2" not in out
    names = {line["check"]["name"] for line in lines if "check" in line}
    assert {"data folder", "kernel cache", "gRPC port", "server", "microphone"} <= names


async def test_a_failed_check_fails_the_command(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, _ = await run("doctor", env=environment(tmp_path, PRACTICE_GRPC_PORT=port))
    assert code == 1
    assert "failed" in out
    code, out, _ = await run("doctor", env=environment(tmp_path, PRACTICE_GRPC_PORT="many"))
    assert code == 1
    assert "PRACTICE_GRPC_PORT" in out
