"""Tags: personal ones, and those of everybody, which admins look after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from practice.rpc.errors import ErrorCode, PracticeError
from session_service import policy
from session_service.db.constraints import constraint_of
from session_service.library import repository, rules
from session_service.library.model import Tag
from session_service.library.rules import TagFacts
from session_service.library.shelf import Shelf
from session_service.policy import Relation

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.orm import Session

    from session_service.actors import Actor
    from session_service.library.repository import TagFilter
    from session_service.paging import Page

UNDELETE_TAG: Final = "/practice.library.v1.LibraryService/UndeleteTag"


class Tags(Shelf[Tag]):
    """All tags."""

    kind = Tag
    name = "Tag"
    plural = "Tags"
    marked = "name"

    def owner_of(self, session: Session, row: Tag) -> uuid.UUID | None:  # noqa: ARG002 - it tells
        """Return whose a tag is, None when it is global."""
        return row.owner_id

    def create(self, session: Session, actor: Actor, tag_id: uuid.UUID, facts: TagFacts) -> Tag:
        """Make a tag, once.

        Raises
        ------
        PracticeError
            FIELD_INVALID, PERMISSION_DENIED for a global one by anybody but an admin,
            ALREADY_EXISTS for a name or an id that is taken.
        """
        self._people.me(session, actor)
        self._require(session, actor, "Create", facts.owner_id)
        rules.check_tag(facts)
        tag = Tag(id=tag_id, owner_id=facts.owner_id)
        _write(tag, facts)
        return self._add(session, tag, lambda stored: _facts_of(stored) == facts)

    def change(
        self,
        session: Session,
        actor: Actor,
        tag_id: uuid.UUID,
        values: Mapping[str, Any],
        etag: str,
    ) -> Tag:
        """Change some of a tag's facts.

        Raises
        ------
        PracticeError
            FIELD_INVALID, NOT_FOUND, PERMISSION_DENIED, ETAG_STALE, ALREADY_EXISTS for a name
            that is taken.
        """
        tag = self._live(session, actor, tag_id, etag)
        facts = replace(_facts_of(tag), **values)
        rules.check_tag(facts)
        _write(tag, facts)
        self._save(session, tag)
        return tag

    def page(
        self, session: Session, actor: Actor, page: Page, wanted: TagFilter, *, show_deleted: bool
    ) -> Sequence[Tag]:
        """Return a page of somebody's tags and the global ones, and one more.

        Raises
        ------
        PracticeError
            NOT_FOUND for somebody whom the caller may not see, PERMISSION_DENIED for deleted
            ones of somebody else.
        """
        self._people.me(session, actor)
        since = self._check_list(session, actor, wanted.owner_id, show_deleted=show_deleted)
        if show_deleted and not policy.may(UNDELETE_TAG, actor.role, Relation.COMMON):
            wanted = replace(wanted, with_global=False)
        return repository.tags(session, page, wanted, since)

    def _toggled(self, session: Session, row: Tag) -> None:
        repository.touch_tagged(session, row.id)

    def _taken(self, error: IntegrityError) -> Exception:
        name = constraint_of(error, Tag.metadata)
        if name not in {"uq_tags_personal_name", "uq_tags_global_name"}:
            return error
        return PracticeError(
            ErrorCode.ALREADY_EXISTS, "There is a tag of this name already.", field="tag.name"
        )


def _facts_of(tag: Tag) -> TagFacts:
    return TagFacts(tag.owner_id, tag.name, tag.type, tag.color)


def _write(tag: Tag, facts: TagFacts) -> None:
    tag.name, tag.name_key = facts.name, rules.name_key(facts.name)
    tag.type, tag.color = facts.type, facts.color
