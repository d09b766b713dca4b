"""Practice sessions in the one program: from the command line, and through a kill."""

from __future__ import annotations

import asyncio
import json
import signal
import uuid
from typing import TYPE_CHECKING, Any

from practice.identifiers import uuid7
from practice.rpc.errors import PracticeError
from practice.sessions.v1 import sessions_pb2 as pb
from practice_client.accounts import Accounts
from practice_client.endpoint import Endpoint
from practice_client.sessions import Sessions
from tests.accounts.serving import PASSWORD, registration
from tests.gateway.processes import environment, run, served

if TYPE_CHECKING:
    from pathlib import Path

ONLY_SERVICES = ("--grpc-port", "0", "--only", "services")
ADA = ("--email", "ada@example.org", "--password-stdin")
NEW = ("--name", "Ada", "--birth-year", "1990", "--accept-terms")


async def test_a_session_from_the_command_line(tmp_path: Path) -> None:
    env = environment(tmp_path)
    async with served(*ONLY_SERVICES, env=env) as (_, address):

        async def practice(*words: str, typed: str | None = None) -> str:
            code, out, err = await run(*words, "--server", address, env=env, typed=typed)
            assert code == 0, err
            return out

        await practice("register", *ADA, *NEW, typed=f"{PASSWORD}\n")
        assert await practice("sessions") == "No sessions.\n"
        started = await practice("sessions", "start", "--focus", "even thirds", "--target", "96")
        session_id = str(uuid.UUID(started.strip()))
        assert "is paused" in await practice("sessions", "pause", session_id)
        assert "is active" in await practice("sessions", "resume", session_id)
        told = await practice("sessions", "finish", session_id, "--rating", "4", "--note", "good")
        assert "is finished" in told
        table = await practice("sessions")
        assert session_id in table
        assert "even thirds" in table
        line = await practice("sessions", "--json", "--state", "finished")
        shown: dict[str, Any] = json.loads(line)["session"]
        assert (shown["self_rating"], shown["note"], shown["target_bpm"]) == (4, "good", 96)
        assert "slow" not in await practice("sessions", "show", session_id)
        code, _, err = await run("sessions", "show", str(uuid7()), "--server", address, env=env)
        assert (code, err.count("\n")) == (1, 1)


async def test_acknowledged_sessions_survive_a_kill(tmp_path: Path) -> None:
    env = environment(tmp_path)
    acknowledged: dict[str, int] = {}
    token = ""
    for _ in range(3):
        async with served(*ONLY_SERVICES, env=env) as (process, address):
            token = token or await register(address)
            endpoint = Endpoint(address, token)
            await check(endpoint, acknowledged)
            enough = asyncio.Event()
            writers = [asyncio.create_task(write(endpoint, acknowledged, enough)) for _ in range(3)]
            await enough.wait()
            process.send_signal(signal.SIGKILL)
            await process.wait()
            await asyncio.gather(*writers)
    async with served(*ONLY_SERVICES, env=env) as (_, address):
        await check(Endpoint(address, token), acknowledged)
    assert len(acknowledged) >= 6


async def register(address: str) -> str:
    async with Accounts(address) as accounts:
        await accounts.register(registration(email="ada@example.org"))
        login = await accounts.log_in("ada@example.org", PASSWORD)
    return login.tokens.access_token


async def write(endpoint: Endpoint, acknowledged: dict[str, int], enough: asyncio.Event) -> None:
    """Practise until the server is gone; note how many events of a session were acknowledged."""
    async with Sessions(endpoint) as sessions:
        while True:
            session_id = str(uuid7())
            try:
                await sessions.start(session_id=session_id)
                for step in (sessions.pause, sessions.resume, sessions.finish):
                    acknowledged[session_id] = acknowledged.get(session_id, 0) + 1
                    await step(session_id)
                acknowledged[session_id] += 1
            except PracticeError:
                return
            if len(acknowledged) % 2 == 0:
                enough.set()


async def check(endpoint: Endpoint, acknowledged: dict[str, int]) -> None:
    """Look for everything that was acknowledged; one more event may have been stored unanswered."""
    async with Sessions(endpoint) as sessions:
        kept = {one.session_id: one for one in (await sessions.page(page_size=1000)).sessions}
        for session_id, count in acknowledged.items():
            assert session_id in kept
            events = await sessions.events(session_id)
            assert [event.sequence for event in events] == list(range(1, len(events) + 1))
            assert len(events) in {count, count + 1}
            is_over = kept[session_id].state == pb.SESSION_STATE_FINISHED
            assert is_over == (len(events) == 4)
