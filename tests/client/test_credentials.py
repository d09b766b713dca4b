"""Logins that are kept, and renewed once however many ask."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

import pytest

from gateway.settings import Settings
from gateway.standalone import SERVICES, EmbeddedServer
from practice.rpc.errors import ErrorCode, PracticeError
from practice_client.accounts import Accounts, signed_in, to_credentials
from practice_client.credentials import Credentials, CredentialStore
from tests.accounts.serving import PASSWORD, registration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LOGIN = Credentials("ada@example.org", "a", time.time() + 1800, "r")
SERVER = "localhost:50051"


@pytest.fixture
async def server_address(tmp_path: Path) -> AsyncIterator[str]:
    settings = Settings(
        grpc_port=0, http_port=0, metrics_port=0, data_dir=tmp_path / "data", drain_seconds=1
    )
    async with EmbeddedServer(settings, only=SERVICES) as server:
        yield server.address


@pytest.fixture
def store(tmp_path: Path) -> CredentialStore:
    return CredentialStore(tmp_path / "kept")


async def test_logins_are_kept_per_server_and_for_their_owner_only(
    store: CredentialStore, tmp_path: Path
) -> None:
    store.keep(SERVER, LOGIN)
    store.keep("other:1", dataclasses.replace(LOGIN, email="bob@example.org"))
    assert store.find(SERVER) == LOGIN
    store.forget(SERVER)
    assert store.find(SERVER) is None
    assert store.find("other:1") is not None
    assert not (tmp_path / "kept" / "credentials.json").stat().st_mode & 0o077
    assert (await signed_in(SERVER, store)).token is None


def test_a_broken_file_is_nobodys_login(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text("{", encoding="utf-8")
    assert CredentialStore(tmp_path).find(SERVER) is None


async def test_a_login_is_renewed_once_and_forgotten_when_it_has_ended(
    server_address: str, store: CredentialStore
) -> None:
    async with Accounts(server_address) as accounts:
        user = await accounts.register(registration())
        login = await accounts.log_in(user.email, PASSWORD)
        old = dataclasses.replace(to_credentials(user.email, login.tokens), access_expires_s=0.0)
        store.keep(server_address, old)
        endpoints = await asyncio.gather(*(signed_in(server_address, store) for _ in range(3)))
        assert len({endpoint.token for endpoint in endpoints}) == 1
        async with Accounts(endpoints[0]) as known:
            assert (await known.me()).user_id == user.user_id
        newest = store.find(server_address)
        assert newest is not None
        await accounts.log_out(newest.refresh_token)
    store.keep(server_address, dataclasses.replace(newest, access_expires_s=0.0))
    with pytest.raises(PracticeError, match="practice login") as ended:
        await signed_in(server_address, store)
    assert ended.value.code is ErrorCode.LOGIN_ENDED
    assert store.find(server_address) is None
