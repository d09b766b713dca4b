"""Between the contract's messages and the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from practice.studio.v1 import studio_pb2 as pb
from session_service.studio.model import LinkState
from session_service.wire import to_timestamp

if TYPE_CHECKING:
    from session_service.studio.service import LinkView

_STATE_NUMBERS: Final = {
    LinkState.PENDING: pb.LINK_STATE_PENDING,
    LinkState.ACTIVE: pb.LINK_STATE_ACTIVE,
    LinkState.ENDED: pb.LINK_STATE_ENDED,
}
#: What a state filter asks for; absent does not ask.
STATES: Final = {number: state for state, number in _STATE_NUMBERS.items()}


def to_link(view: LinkView) -> pb.Link:
    """Return a link as one of its ends sees it."""
    link = view.link
    return pb.Link(
        link_id=str(link.id),
        state=_STATE_NUMBERS[view.state],
        teacher_id=str(link.teacher_id),
        student_id=None if link.student_id is None else str(link.student_id),
        note=link.note if view.is_teachers else "",
        consent_time=to_timestamp(link.consented_at),
        end_time=to_timestamp(link.ended_at),
        create_time=to_timestamp(link.created_at),
        expire_time=to_timestamp(link.expires_at),
        other_display_name=view.other_name,
    )
