"""Students who call a server, and how long their calls take."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from practice.accounts.v1 import auth_pb2, auth_pb2_grpc, users_pb2, users_pb2_grpc
from practice.identifiers import uuid7
from practice.sessions.v1 import sessions_pb2, sessions_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    import psutil

PASSWORD = "correct horse battery"  # noqa: S105 - everybody's in this benchmark


@dataclass(frozen=True, slots=True)
class Timing:
    """Calls of one kind under one load; times of one call."""

    store: str
    call: str
    caller_count: int
    call_count: int
    per_s: float
    p50_ms: float
    p99_ms: float
    # Of the server's process, user and system; PostgreSQL's own is not in it.
    server_cpu_ms: float


class Student:
    """Somebody who is logged in, with a connection of their own."""

    def __init__(self, channel: grpc.aio.Channel, email: str) -> None:
        self.email = email
        self.auth: Any = auth_pb2_grpc.AuthServiceStub(channel)
        self._users: Any = users_pb2_grpc.UserServiceStub(channel)
        self._practice: Any = sessions_pb2_grpc.PracticeServiceStub(channel)
        self._metadata: tuple[tuple[str, str], ...] = ()

    async def register(self) -> None:
        """Register, and log in."""
        consent = auth_pb2.ConsentGrant(kind=users_pb2.CONSENT_KIND_TERMS, document_version="1")
        await self.auth.Register(
            auth_pb2.RegisterRequest(
                email=self.email,
                password=PASSWORD,
                display_name="Someone",
                role=users_pb2.ROLE_STUDENT,
                birth_year=1990,
                consents=[consent],
            )
        )
        answer = await self.log_in()
        self._metadata = (("authorization", f"Bearer {answer.tokens.access_token}"),)

    async def log_in(self) -> auth_pb2.LoginResponse:
        """Log in once more."""
        request = auth_pb2.LoginRequest(email=self.email, password=PASSWORD)
        answer: auth_pb2.LoginResponse = await self.auth.Login(request)
        return answer

    async def get_me(self) -> None:
        """Ask who one is."""
        await self._users.GetMe(users_pb2.GetMeRequest(), metadata=self._metadata)

    async def start_session(self) -> str:
        """Begin a session and return its id."""
        request = sessions_pb2.StartSessionRequest(session_id=str(uuid7()), focus="Scales")
        answer = await self._practice.StartSession(request, metadata=self._metadata)
        session_id: str = answer.session.session_id
        return session_id

    async def finish_session(self, session_id: str) -> None:
        """End a session."""
        request = sessions_pb2.FinishSessionRequest(
            session_id=session_id, self_rating=4, note="Better than yesterday."
        )
        await self._practice.FinishSession(request, metadata=self._metadata)

    async def list_sessions(self) -> None:
        """Read the newest 50 sessions."""
        await self._practice.ListSessions(
            sessions_pb2.ListSessionsRequest(page_size=50), metadata=self._metadata
        )


@asynccontextmanager
async def students(address: str, count: int) -> AsyncIterator[list[Student]]:
    """Yield so many registered students."""
    # A pool of its own for each, or all of them would share one connection.
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(address, options=options) for _ in range(count)]
    people = [Student(channel, f"{uuid7()}@example.org") for channel in channels]
    for person in people:
        await person.register()
    try:
        yield people
    finally:
        for channel in channels:
            await channel.close()


class Stopwatch:
    """Times calls, and what they cost the server, from when it is made.

    Parameters
    ----------
    server
        The server's process.
    """

    def __init__(self, server: psutil.Process) -> None:
        self._server = server
        self._spans_s: list[float] = []
        self._began_s = time.perf_counter()
        self._began_cpu_s = self._cpu_s()

    async def time(self, call: Callable[[], Awaitable[object]]) -> None:
        """Make a call."""
        started_s = time.perf_counter()
        await call()
        self._spans_s.append(time.perf_counter() - started_s)

    async def work_off(self, queues: Sequence[Sequence[Callable[[], Awaitable[object]]]]) -> None:
        """Make the calls of a queue for each caller, all callers at once."""

        async def work(queue: Sequence[Callable[[], Awaitable[object]]]) -> None:
            for call in queue:
                await self.time(call)

        await asyncio.gather(*map(work, queues))

    def read(self, store: str, call: str, caller_count: int) -> Timing:
        """Return how long the calls took up to now."""
        took_s, count = time.perf_counter() - self._began_s, len(self._spans_s)
        hundredths = statistics.quantiles(self._spans_s, n=100, method="inclusive")
        return Timing(
            store=store,
            call=call,
            caller_count=caller_count,
            call_count=count,
            per_s=count / took_s,
            p50_ms=1e3 * hundredths[49],
            p99_ms=1e3 * hundredths[98],
            server_cpu_ms=1e3 * (self._cpu_s() - self._began_cpu_s) / count,
        )

    def _cpu_s(self) -> float:
        times = self._server.cpu_times()
        return float(times.user + times.system)
