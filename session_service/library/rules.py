"""What holds for tags, pieces and segments, free of any database."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.library.model import TagType

if TYPE_CHECKING:
    import uuid

#: A tag's colour when nobody chose one: a grey that is readable on light and dark.
DEFAULT_COLOR: Final = "#9E9E9E"


@dataclass(frozen=True, slots=True)
class TagFacts:
    """What a tag says; without an owner it is everybody's."""

    owner_id: uuid.UUID | None
    name: str
    type: TagType = TagType.GENERAL
    color: str = DEFAULT_COLOR


@dataclass(frozen=True, slots=True)
class PieceFacts:
    """What is known of a piece."""

    title: str
    composer: str = ""
    difficulty_level: int | None = None
    typical_duration_ms: int | None = None
    performance_bpm: float | None = None
    tag_ids: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """A range of bars; None where nobody said."""

    name: str
    start_bar: int | None
    end_bar: int | None


def name_key(name: str) -> str:
    """Return a tag's name as it is compared: two that look alike are the same."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def check_tag(tag: TagFacts) -> None:
    """Refuse a tag that nobody could read.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    _check_not_blank(tag.name, "tag.name")


def check_piece(piece: PieceFacts) -> None:
    """Refuse a piece without a title.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    _check_not_blank(piece.title, "piece.title")


def check_segment(segment: SegmentFacts) -> tuple[int, int]:
    """Return a segment's first and last bar.

    Raises
    ------
    PracticeError
        FIELD_INVALID for a blank name, a missing bar, or an end before the start.
    """
    _check_not_blank(segment.name, "segment.name")
    if segment.start_bar is None:
        raise _invalid("segment.start_bar", "must be given")
    if segment.end_bar is None:
        raise _invalid("segment.end_bar", "must be given")
    if segment.end_bar < segment.start_bar:
        raise _invalid("segment.end_bar", f"is before start_bar ({segment.start_bar})")
    return segment.start_bar, segment.end_bar


def check_levels(lowest: int | None, highest: int | None) -> None:
    """Refuse a range of difficulty in which nothing is.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    if lowest is not None and highest is not None and highest < lowest:
        raise _invalid("max_difficulty_level", f"is below min_difficulty_level ({lowest})")


def _check_not_blank(text: str, field: str) -> None:
    if not name_key(text):
        raise _invalid(field, "must not be blank")


def _invalid(field: str, what: str) -> PracticeError:
    return PracticeError(ErrorCode.FIELD_INVALID, f"{field}: {what}", field=field)
