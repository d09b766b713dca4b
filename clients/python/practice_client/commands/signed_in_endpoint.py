"""The server that a person means, with the login there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from practice.rpc.errors import PracticeError
from practice_client.accounts import signed_in
from practice_client.commands.server_options import endpoint_of

if TYPE_CHECKING:
    from practice_client.endpoint import Endpoint


def signed_in_endpoint(server: str | None) -> Endpoint:
    """Return the endpoint with ``PRACTICE_TOKEN``, else with the login's token, if there is one.

    Raises
    ------
    click.ClickException
        When the login has ended.
    """
    endpoint = endpoint_of(server)
    if endpoint.token is not None:
        return endpoint
    try:
        return asyncio.run(signed_in(endpoint.address))
    except (PracticeError, ValueError) as error:
        raise click.ClickException(str(error)) from error
