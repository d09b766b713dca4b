"""What the account commands do: one line of result, one line of failure."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click

from practice.accounts.v1 import auth_pb2, users_pb2
from practice.json_format import enum_label, message_to_dict
from practice.rpc.errors import PracticeError
from practice_client.accounts import Accounts, signed_in, to_credentials
from practice_client.commands.server_options import endpoint_of
from practice_client.credentials import CredentialStore

if TYPE_CHECKING:
    from collections.abc import Coroutine


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command; what the server refused becomes one line."""
    try:
        asyncio.run(work)
    except (PracticeError, ValueError) as error:
        raise click.ClickException(str(error)) from error


async def register(server: str | None, request: auth_pb2.RegisterRequest) -> None:
    """Make an account, and log in to it."""
    address = endpoint_of(server).address
    async with Accounts(address) as accounts:
        user = await accounts.register(request)
    click.echo(f"{user.email} is registered.", err=True)
    await log_in(server, request.email, request.password)


async def log_in(server: str | None, email: str, password: str) -> None:
    """Start a login and remember it."""
    address = endpoint_of(server).address
    async with Accounts(address) as accounts:
        login = await accounts.log_in(email, password)
    CredentialStore().keep(address, to_credentials(login.user.email, login.tokens))
    click.echo(f"Logged in at {address} as {login.user.email}.")


async def log_out(server: str | None) -> None:
    """End the login and forget it, also when the server is away."""
    address = endpoint_of(server).address
    store = CredentialStore()
    known = store.find(address)
    if known is None:
        click.echo(f"You were not logged in at {address}.")
        return
    store.forget(address)
    async with Accounts(address) as accounts:
        await accounts.log_out(known.refresh_token)
    click.echo(f"Logged out at {address}.")


async def show_me(server: str | None, *, as_json: bool) -> None:
    """Say who is logged in."""
    endpoint = endpoint_of(server)
    if endpoint.token is None:
        endpoint = await signed_in(endpoint.address)
    if endpoint.token is None:
        raise click.ClickException(f"nobody is logged in at {endpoint.address}: practice login")
    async with Accounts(endpoint) as accounts:
        user = await accounts.me()
    if as_json:
        click.echo(json.dumps({"user": message_to_dict(user)}, ensure_ascii=False))
        return
    role = enum_label(users_pb2.Role.DESCRIPTOR, user.role).lower()
    click.echo(f"{user.display_name} <{user.email}>, {role}, at {endpoint.address}")
