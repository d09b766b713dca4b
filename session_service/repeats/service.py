"""A mutation with a request_id is done once; its repeats within a day get the first answer."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.db.constraints import constraint_of
from session_service.repeats.model import AnsweredRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from google.protobuf.message import Message
    from sqlalchemy.orm import Session

    from session_service.db.database import Database

Answer = TypeVar("Answer", bound="Message")

KEPT_FOR: Final = timedelta(hours=24)
#: Whose requests are those of callers without an account.
NOBODY: Final = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Request:
    actor_id: uuid.UUID
    request_id: uuid.UUID
    method: str
    sha256: bytes


class Repeats:
    """Runs mutations, each once.

    Parameters
    ----------
    database
        Where units of work run and answers are kept.
    now
        The clock.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def once(
        self,
        actor_id: uuid.UUID,
        request: Any,
        kind: type[Answer],
        work: Callable[[Session], Answer],
    ) -> Answer:
        """Run a mutation in a unit of work, unless it was done already.

        Parameters
        ----------
        actor_id
            Who asks; another one's request_id is another request.
        request
            With an optional `request_id`; without it there are no repeats.
        kind
            The answer's message class.
        work
            The mutation; its answer must hold no secrets, because it is kept.

        Raises
        ------
        PracticeError
            ALREADY_EXISTS when the request_id was used for something else.
        """
        if not request.HasField("request_id"):
            return await self._database.write(work)
        asked = _identify(actor_id, request)
        try:
            return await self._database.write(lambda session: self._run(session, asked, kind, work))
        except IntegrityError as error:
            if constraint_of(error, AnsweredRequest.metadata) != "pk_answered_requests":
                raise
        # The same request, sent twice at once: the other one has been answered by now.
        return await self._database.write(lambda session: self._run(session, asked, kind, work))

    async def earlier(self, actor_id: uuid.UUID, request: Any, kind: type[Answer]) -> Answer | None:
        """Return the answer that a request had before, if it had one."""
        if not request.HasField("request_id"):
            return None
        asked = _identify(actor_id, request)
        key = (asked.actor_id, asked.request_id)
        return await self._database.read(
            lambda session: self._answer(session.get(AnsweredRequest, key), asked, kind)
        )

    async def forget_old(self) -> None:
        """Drop the answers that no repeat gets any more."""
        old = delete(AnsweredRequest).where(AnsweredRequest.created_at < self._now() - KEPT_FOR)
        await self._database.write(lambda session: session.execute(old))

    def _run(
        self,
        session: Session,
        asked: _Request,
        kind: type[Answer],
        work: Callable[[Session], Answer],
    ) -> Answer:
        # Looked up once: a twin may commit its answer at any moment, and must not be taken for old.
        kept = session.get(AnsweredRequest, (asked.actor_id, asked.request_id))
        if (answer := self._answer(kept, asked, kind)) is not None:
            return answer
        if kept is not None:
            session.delete(kept)
            session.flush()
        row = AnsweredRequest(
            actor_id=asked.actor_id,
            request_id=asked.request_id,
            method=asked.method,
            request_sha256=asked.sha256,
            answer=b"",
        )
        session.add(row)
        session.flush()  # takes the id now, so that a twin of this request waits here
        done = work(session)
        row.answer = done.SerializeToString()
        return done

    def _answer(
        self, row: AnsweredRequest | None, asked: _Request, kind: type[Answer]
    ) -> Answer | None:
        if row is None or row.created_at < self._now() - KEPT_FOR:
            return None
        if (row.method, row.request_sha256) != (asked.method, asked.sha256):
            raise PracticeError(
                ErrorCode.ALREADY_EXISTS,
                "This request_id was used for another request; make a new one.",
                field="request_id",
            )
        return kind.FromString(row.answer)


def _identify(actor_id: uuid.UUID, request: Any) -> _Request:
    """Return what a request is recognised by; secrets are left out of its fingerprint."""
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("request_id")
    for field in bare.DESCRIPTOR.fields:
        if field.GetOptions().debug_redact:
            bare.ClearField(field.name)
    sha256 = hashlib.sha256(bare.SerializeToString(deterministic=True)).digest()
    name = bare.DESCRIPTOR.full_name
    return _Request(actor_id, uuid.UUID(request.request_id), name, sha256)
