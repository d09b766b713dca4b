"""A real server around the persistence services, and a client that people act through."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import grpc
from prometheus_client import CollectorRegistry

from practice.accounts.v1 import auth_pb2, auth_pb2_grpc, users_pb2, users_pb2_grpc
from practice.library.v1 import library_pb2_grpc
from practice.progress.v1 import progress_pb2_grpc
from practice.rpc.drain import Drain
from practice.rpc.principals import Access, AnonymousOnLoopback
from practice.rpc.server import make_server
from practice.rpc.server_options import ServerOptions
from practice.rpc.services import Services
from practice.rpc.status import error_from_rpc
from practice.rpc.token_buckets import Allowance
from practice.sessions.v1 import sessions_pb2_grpc
from practice.studio.v1 import studio_pb2, studio_pb2_grpc
from session_service import policy
from session_service.accounts.access_tokens import TokenAuthenticator
from session_service.accounts.passwords import PasswordCost
from session_service.accounts.throttle import ThrottleLimits
from session_service.app import SERVICE_NAMES, PersistenceConfig, PersistenceServices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from practice.rpc.errors import ErrorCode, PracticeError
    from session_service.db.config import DatabaseConfig

PASSWORD = "correct horse battery"  # noqa: S105 - everybody's in these tests
CHEAP = PasswordCost(passes=1, memory_kib=64)
PATIENT = ThrottleLimits(per_host=Allowance(10_000, 1.0), per_account=Allowance(10, 30.0))

_numbers = itertools.count(1)


class Clock:
    """Stands still until it is set; begins at the real time, which the database has, too."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> None:
        self.now += span


@dataclass
class Person:
    """Somebody who is logged in."""

    user: users_pb2.User
    tokens: auth_pb2.Tokens

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.tokens.access_token}"),)


class Served:
    """Stubs of a running server, and what tests do all the time."""

    def __init__(
        self,
        services: PersistenceServices,
        channel: grpc.aio.Channel,
        server: grpc.aio.Server,
        address: str,
    ) -> None:
        self.services = services
        self.address = address
        self._server = server
        self.auth: Any = auth_pb2_grpc.AuthServiceStub(channel)
        self.users: Any = users_pb2_grpc.UserServiceStub(channel)
        self.studio: Any = studio_pb2_grpc.StudioServiceStub(channel)
        self.practice: Any = sessions_pb2_grpc.PracticeServiceStub(channel)
        self.library: Any = library_pb2_grpc.LibraryServiceStub(channel)
        self.metrics: Any = progress_pb2_grpc.MetricsServiceStub(channel)

    async def stop(self) -> None:
        await self._server.stop(None)

    async def register(self, **changes: Any) -> users_pb2.User:
        answer = await self.auth.Register(registration(**changes))
        user: users_pb2.User = answer.user
        return user

    async def log_in(self, email: str, password: str = PASSWORD) -> Person:
        answer = await self.auth.Login(auth_pb2.LoginRequest(email=email, password=password))
        return Person(answer.user, answer.tokens)

    async def student(self) -> Person:
        return await self.log_in((await self.register()).email)

    async def teacher(self) -> Person:
        return await self.log_in((await self.register(role=users_pb2.ROLE_TEACHER)).email)

    async def linked(self) -> tuple[Person, Person]:
        """Return a teacher and a student of theirs."""
        teacher, student = await self.teacher(), await self.student()
        invited = await self.studio.CreateInvitation(
            studio_pb2.CreateInvitationRequest(), metadata=teacher.metadata
        )
        accepting = studio_pb2.AcceptInvitationRequest(code=invited.code, consent=True)
        await self.studio.AcceptInvitation(accepting, metadata=student.metadata)
        return teacher, student

    async def admin(self) -> Person:
        email = f"admin{next(_numbers)}@example.org"
        await self.services.add_admin(email, "Admin", PASSWORD)
        return await self.log_in(email)


def registration(**changes: Any) -> auth_pb2.RegisterRequest:
    """Return a request that is fine, with changes."""
    values: dict[str, Any] = {
        "email": f"someone{next(_numbers)}@example.org",
        "password": PASSWORD,
        "display_name": "Someone",
        "role": users_pb2.ROLE_STUDENT,
        "birth_year": 1990,
        "consents": [
            auth_pb2.ConsentGrant(kind=users_pb2.CONSENT_KIND_TERMS, document_version="1")
        ],
        **changes,
    }
    return auth_pb2.RegisterRequest(**values)


@contextlib.asynccontextmanager
async def served(database: DatabaseConfig, keys_dir: Path, clock: Clock) -> AsyncIterator[Served]:
    services = PersistenceServices(PersistenceConfig(database, keys_dir, CHEAP, PATIENT), clock)
    health = Services()
    server = make_server(
        authenticator=TokenAuthenticator(services.access_tokens, AnonymousOnLoopback("127.0.0.1")),
        access=Access(policy.OPEN_METHODS, policy.check_role),
        drain=Drain(),
        registry=CollectorRegistry(),
        options=ServerOptions(),
    )
    services.add_to(server)
    await health.add_to(server, SERVICE_NAMES)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    await services.watch(health)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Served(services, channel, server, f"127.0.0.1:{port}")
    await server.stop(None)
    await services.close()


async def refusal(call: Any) -> PracticeError:
    """Return the error that a call ends with."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as failure:
        return error_from_rpc(failure)
    raise AssertionError(f"no error but {answer}")


async def assert_refused(call: Any, code: ErrorCode, field: str | None = None) -> PracticeError:
    error = await refusal(call)
    assert (error.code, error.field) == (code, field), error.message
    return error
