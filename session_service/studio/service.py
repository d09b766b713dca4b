"""Invitations and links: what the servicer of StudioService calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy.exc import IntegrityError

from practice.identifiers import uuid7
from practice.rpc.errors import ErrorCode, PracticeError
from session_service import policy
from session_service.db.constraints import constraint_of
from session_service.policy import Relation
from session_service.secrets_by_id import SecretsById, plain_code, stored
from session_service.studio import repository
from session_service.studio.model import Link, LinkState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.actors import Actor
    from session_service.paging import Page

END_LINK: Final = "/practice.studio.v1.StudioService/EndLink"
DEFAULT_VALID_DAYS: Final = 7

_PURPOSE: Final = "invitation"


class People(Protocol):
    """What the studio needs to know of users."""

    def me(self, session: Session, actor: Actor) -> object:
        """Return the caller, or raise LOGIN_ENDED."""
        ...

    def names(self, session: Session, user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
        """Return the display names of several users."""
        ...


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as one of its ends sees it."""

    link: Link
    state: LinkState
    is_teachers: bool
    other_name: str


class Studio:
    """The links of an installation.

    Parameters
    ----------
    people
        The users.
    secrets
        Derives invitation codes.
    now
        The clock.
    """

    def __init__(self, people: People, secrets: SecretsById, now: Callable[[], datetime]) -> None:
        self._people = people
        self._secrets = secrets
        self._now = now

    def invite(self, session: Session, actor: Actor, note: str, valid_days: int) -> LinkView:
        """Make a PENDING link; `code_of` tells its code."""
        self._people.me(session, actor)
        link_id = uuid7()
        code = self._secrets.code(_PURPOSE, link_id)
        link = Link(
            id=link_id,
            teacher_id=actor.user_id,
            state=LinkState.PENDING,
            note=note,
            code_sha256=stored(plain_code(code)),
            expires_at=self._now() + timedelta(days=valid_days),
        )
        session.add(link)
        session.flush()
        session.refresh(link)
        return self.seen(session, actor, [link])[0]

    def code_of(self, link_id: uuid.UUID) -> str:
        """Return the code of an invitation."""
        return self._secrets.code(_PURPOSE, link_id)

    def accept(self, session: Session, actor: Actor, code: str) -> LinkView:
        """Make a student's link ACTIVE; the same student may repeat it.

        Raises
        ------
        PracticeError
            NOT_FOUND for a wrong, used, withdrawn or expired code; ALREADY_EXISTS when these two
            are linked.
        """
        self._people.me(session, actor)
        link = repository.by_code(session, stored(plain_code(code)))
        if link is None:
            raise _no_such_code()
        is_repeat = link.student_id == actor.user_id and link.state is LinkState.ACTIVE
        if not is_repeat:
            self._join(session, link, actor)
        return self.seen(session, actor, [link])[0]

    def _join(self, session: Session, link: Link, actor: Actor) -> None:
        now = self._now()
        if link.state is not LinkState.PENDING or link.expires_at <= now:
            raise _no_such_code()
        link.student_id = actor.user_id
        link.state = LinkState.ACTIVE
        link.consented_at = now
        try:
            session.flush()
        except IntegrityError as error:
            if constraint_of(error, Link.metadata) != "uq_links_active":
                raise
            raise PracticeError(
                ErrorCode.ALREADY_EXISTS, "You are linked to this teacher already.", field="code"
            ) from error

    def end(self, session: Session, actor: Actor, link_id: uuid.UUID) -> LinkView:
        """End a link for good; again changes nothing.

        Raises
        ------
        PracticeError
            NOT_FOUND for a link of other people.
        """
        self._people.me(session, actor)
        link = session.get(Link, link_id, with_for_update=True)
        if link is None:
            raise policy.not_found("link")
        is_own = actor.user_id in {link.teacher_id, link.student_id}
        relation = Relation.SELF if is_own else Relation.STRANGER
        policy.require(END_LINK, actor, relation, "link")
        if link.state is not LinkState.ENDED:
            link.state = LinkState.ENDED
            link.ended_at = self._now()
            link.ended_by = actor.user_id
            session.flush()
        return self.seen(session, actor, [link])[0]

    def page(
        self, session: Session, actor: Actor, page: Page, state: LinkState | None
    ) -> Sequence[Link]:
        """Return a page of the caller's links, and one more."""
        self._people.me(session, actor)
        return repository.page_of(session, actor.user_id, page, state, self._now())

    def seen(self, session: Session, actor: Actor, links: Sequence[Link]) -> list[LinkView]:
        """Return links as the caller sees them."""
        others = {_other_end(link, actor.user_id) for link in links} - {None}
        names = self._people.names(session, [one for one in others if one is not None])
        return [self._view(link, actor, names) for link in links]

    def _view(self, link: Link, actor: Actor, names: dict[uuid.UUID, str]) -> LinkView:
        is_late = link.state is LinkState.PENDING and link.expires_at <= self._now()
        other = _other_end(link, actor.user_id)
        return LinkView(
            link=link,
            state=LinkState.ENDED if is_late else link.state,
            is_teachers=link.teacher_id == actor.user_id,
            other_name=names.get(other, "") if other is not None else "",
        )


def _other_end(link: Link, user_id: uuid.UUID) -> uuid.UUID | None:
    return link.student_id if link.teacher_id == user_id else link.teacher_id


def _no_such_code() -> PracticeError:
    return PracticeError(
        ErrorCode.NOT_FOUND, "No invitation has this code, or it works no more.", field="code"
    )
