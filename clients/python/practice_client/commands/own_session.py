"""A practice session that lasts as long as a stream: `--session new`."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Final

import click

from practice.rpc.errors import PracticeError
from practice_client.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from practice_client.endpoint import Endpoint
    from practice_client.live_view import ViewOptions

NEW: Final = "new"


def within_session(
    endpoint: Endpoint, options: ViewOptions, play: Callable[[ViewOptions], int]
) -> int:
    """Play, in a new session if one was asked for; it is finished with the stream.

    Raises
    ------
    click.ClickException
        When the server does not begin or finish the session.
    """
    if options.session_id != NEW:
        return play(options)
    session_id = asyncio.run(_begin(endpoint, options.music.target_bpm))
    click.echo(f"practice: session {session_id}", err=True)
    try:
        return play(dataclasses.replace(options, session_id=session_id))
    finally:
        asyncio.run(_finish(endpoint, session_id))


async def _begin(endpoint: Endpoint, target_bpm: float | None) -> str:
    try:
        async with Sessions(endpoint) as sessions:
            return (await sessions.start(target_bpm=target_bpm)).session_id
    except PracticeError as error:
        raise click.ClickException(str(error)) from error


async def _finish(endpoint: Endpoint, session_id: str) -> None:
    try:
        async with Sessions(endpoint) as sessions:
            await sessions.finish(session_id)
    except PracticeError as error:
        raise click.ClickException(f"session {session_id} is not finished: {error}") from error
