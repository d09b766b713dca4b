"""Somebody who practises, and a piece with segments."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.timestamp_pb2 import Timestamp

from practice.sessions.v1 import sessions_pb2 as pb
from session_service.library.model import Piece, Segment, Tag, TagType

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tests.accounts.serving import Person, Served


@dataclass(frozen=True)
class Music:
    """What is in somebody's library."""

    piece_id: str
    segment_ids: tuple[str, ...]
    tag_id: str


async def music(server: Served, person: Person) -> Music:
    owner_id = uuid.UUID(person.user.user_id)
    piece = Piece(id=uuid.uuid4(), owner_id=owner_id, title="Étude", composer="")
    tag = Tag(
        owner_id=owner_id, name="Hands", name_key="hands", type=TagType.GENERAL, color="#000000"
    )
    parts = [
        Segment(piece_id=piece.id, name=name, start_bar=bar, end_bar=bar + 3)
        for bar, name in ((1, "Opening"), (5, "Bridge"), (9, "Coda"))
    ]

    def add(session: Session) -> None:
        session.add(piece)
        session.flush()
        session.add_all([tag, *parts])

    await server.services.database.write(add)
    return Music(str(piece.id), tuple(str(part.id) for part in parts), str(tag.id))


def at(instant: datetime) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromDatetime(instant)
    return timestamp


async def start(server: Served, person: Person, **values: Any) -> pb.Session:
    request = pb.StartSessionRequest(**values)
    answer = await server.practice.StartSession(request, metadata=person.metadata)
    session: pb.Session = answer.session
    return session


def call(server: Served, person: Person, method: str, **values: Any) -> Any:
    """Call a method of PracticeService with these fields."""
    request = getattr(pb, f"{method}Request")(**values)
    return getattr(server.practice, method)(request, metadata=person.metadata)


async def history(server: Served, person: Person, session_id: str) -> list[pb.SessionEvent]:
    """Return every event of a session, page by page."""
    found: list[pb.SessionEvent] = []
    token = ""
    while True:
        answer = await call(
            server,
            person,
            "ListSessionEvents",
            session_id=session_id,
            page_size=2,
            page_token=token,
        )
        found += answer.events
        if not (token := answer.next_page_token):
            return found
