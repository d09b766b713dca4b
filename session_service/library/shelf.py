"""What can be done with anything in a library: by the policy, once, and undone for a while."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from practice.rpc.errors import ErrorCode, PracticeError
from session_service import policy, revisions
from session_service.library.model import Piece, Segment, Tag
from session_service.policy import Relation

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from session_service.actors import Actor

Row = TypeVar("Row", Tag, Piece, Segment)

_SERVICE: Final = "/practice.library.v1.LibraryService/"


class People(Protocol):
    """What the library needs to know of users."""

    def me(self, session: Session, actor: Actor) -> object:
        """Return the caller, or raise LOGIN_ENDED."""
        ...

    def relation(self, session: Session, actor: Actor, user_id: uuid.UUID) -> Relation:
        """Return what the caller is to somebody."""
        ...


class Shelf(abc.ABC, Generic[Row]):
    """All rows of one kind.

    Parameters
    ----------
    people
        Says who is who.
    now
        The clock.
    """

    #: The rows' class, and what one and several are called in the contract.
    kind: type[Row]
    name: str
    plural: str
    #: A column that every change may mark, so that the change counts.
    marked: str

    def __init__(self, people: People, now: Callable[[], datetime]) -> None:
        self._people = people
        self._now = now

    @abc.abstractmethod
    def owner_of(self, session: Session, row: Row) -> uuid.UUID | None:
        """Return whose a row is, None when it is everybody's.

        Raises
        ------
        PracticeError
            NOT_FOUND when what it belongs to is gone.
        """

    def get(self, session: Session, actor: Actor, row_id: uuid.UUID) -> Row:
        """Return what the caller may read.

        Raises
        ------
        PracticeError
            NOT_FOUND, also for what is deleted or not for the caller.
        """
        self._people.me(session, actor)
        row = session.get(self.kind, row_id)
        if row is None or row.is_deleted:
            raise self._not_found()
        relation = self._relation(session, actor, self.owner_of(session, row))
        policy.require(self._method("Get"), actor, relation, self._sought)
        return row

    def delete(self, session: Session, actor: Actor, row_id: uuid.UUID, etag: str) -> Row:
        """Take something away for 30 days, and then for good; again changes nothing.

        Raises
        ------
        PracticeError
            NOT_FOUND, PERMISSION_DENIED, ETAG_STALE.
        """
        row = self._changeable(session, actor, "Delete", row_id)
        if row.is_deleted:
            return row
        revisions.check_etag(row, etag)
        row.deleted_at = self._now()
        self._save(session, row)
        self._toggled(session, row)
        return row

    def undelete(self, session: Session, actor: Actor, row_id: uuid.UUID) -> Row:
        """Bring something back; again changes nothing.

        Raises
        ------
        PracticeError
            NOT_FOUND, also after 30 days; PERMISSION_DENIED; ALREADY_EXISTS when something else
            has its place.
        """
        row = self._changeable(session, actor, "Undelete", row_id)
        if row.is_deleted:
            row.deleted_at = None
            self._save(session, row)
            self._toggled(session, row)
        return row

    def _changeable(self, session: Session, actor: Actor, verb: str, row_id: uuid.UUID) -> Row:
        """Return a row to be changed, live or to be had back, locked until the commit."""
        self._people.me(session, actor)
        row = session.get(self.kind, row_id, with_for_update=True)
        if row is None:
            raise self._not_found()
        if row.is_deleted and not revisions.can_be_had_back(row.deleted_at, self._now()):
            raise self._not_found()
        self._require(session, actor, verb, self.owner_of(session, row))
        return row

    def _live(self, session: Session, actor: Actor, row_id: uuid.UUID, etag: str) -> Row:
        """Return a row to be updated."""
        row = self._changeable(session, actor, "Update", row_id)
        if row.is_deleted:
            raise self._not_found()
        revisions.check_etag(row, etag)
        return row

    def _save(self, session: Session, row: Row) -> None:
        flag_modified(row, self.marked)
        try:
            revisions.save(session, row)
        except IntegrityError as error:
            raise self._taken(error) from error

    def _add(self, session: Session, row: Row, is_same: Callable[[Row], bool]) -> Row:
        """Insert a row, or return the one with its id when it is the same."""
        try:
            stored = revisions.add_once(session, row)
        except IntegrityError as error:
            raise self._taken(error) from error
        if stored is None:
            return row
        if stored.is_deleted or not is_same(stored):
            raise PracticeError(
                ErrorCode.ALREADY_EXISTS,
                f"Another {self._sought} has this id, or had it; make a new one.",
                field=f"{self._sought}.{self._sought}_id",
            )
        return stored

    def _toggled(self, session: Session, row: Row) -> None:
        """Tell others that a row has gone or come back."""

    def _taken(self, error: IntegrityError) -> Exception:
        """Return what a broken promise of the database is told as."""
        return error

    def _check_list(
        self,
        session: Session,
        actor: Actor,
        owner_id: uuid.UUID,
        sought: str = "user",
        *,
        show_deleted: bool,
    ) -> datetime | None:
        """Refuse a list that is not for the caller; return since when rows of it were deleted."""
        relation = self._relation(session, actor, owner_id)
        policy.require(f"{_SERVICE}List{self.plural}", actor, relation, sought)
        if not show_deleted:
            return None
        self._require(session, actor, "Undelete", owner_id)
        return self._now() - revisions.UNDELETE_WITHIN

    def _require(
        self, session: Session, actor: Actor, verb: str, owner_id: uuid.UUID | None
    ) -> None:
        """Refuse a change of what is not the caller's to change."""
        relation = self._relation(session, actor, owner_id)
        readable = policy.may(self._method("Get"), actor.role, relation)
        if readable and not policy.may(self._method(verb), actor.role, relation):
            raise PracticeError(
                ErrorCode.PERMISSION_DENIED, f"You may read this {self._sought}, not change it."
            )
        policy.require(self._method(verb), actor, relation, self._sought)

    def _relation(self, session: Session, actor: Actor, owner_id: uuid.UUID | None) -> Relation:
        if owner_id is None:
            return Relation.COMMON
        return self._people.relation(session, actor, owner_id)

    @property
    def _sought(self) -> str:
        return self.name.lower()

    def _method(self, verb: str) -> str:
        return f"{_SERVICE}{verb}{self.name}"

    def _not_found(self) -> PracticeError:
        return policy.not_found(self._sought)
