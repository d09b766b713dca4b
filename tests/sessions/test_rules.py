"""The rules of a session, against a model of it that is written down another way."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.sessions import rules
from session_service.sessions.model import EventKind, SessionState
from session_service.sessions.timeline import Event, Plan, Practice, after, replay, started

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PIECE, SEGMENT, OTHER = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
SECOND = timedelta(seconds=1)

COMMANDS = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume", "finish", "rate", "click", "delete", "undelete"]),
        st.one_of(st.none(), st.integers(-5, 40)),
    ),
    max_size=25,
)


class Told:
    """What a session should be: its seconds of practice one by one, and plain counters."""

    def __init__(self) -> None:
        self.state, self.last_s, self.clicks = "active", 0, 0
        self.rating: int | None = None
        self.active: list[int] = []
        self.is_deleted = False

    def stop(self, at_s: int) -> None:
        if self.state == "active":
            self.active += range(self.last_s, at_s)

    def expects(self, name: str, at_s: int | None, now_s: int) -> ErrorCode | str:
        """Do it, and say what comes of it: an error, an event ("done"), or nothing ("same")."""
        if name in {"delete", "undelete"}:
            same = self.is_deleted == (name == "delete")
            self.is_deleted = name == "delete"
            return "same" if same else "done"
        if name == "rate":
            return self._rate()
        if name == "click":
            return self._click(at_s, now_s)
        return self._clock(name, at_s, now_s)

    def _rate(self) -> ErrorCode | str:
        if self.state != "finished":
            return ErrorCode.PRECONDITION_FAILED
        outcome = "same" if self.rating == 3 else "done"
        self.rating = 3
        return outcome

    def _click(self, at_s: int | None, now_s: int) -> ErrorCode | str:
        highest = self.last_s if self.state == "finished" else now_s + 30
        if at_s is not None and not 0 <= at_s <= highest:
            return ErrorCode.FIELD_INVALID
        self.clicks += 2
        return "done"

    def _clock(self, name: str, at_s: int | None, now_s: int) -> ErrorCode | str:
        target = {"pause": "paused", "resume": "active", "finish": "finished"}[name]
        if self.state == target:
            return "same"
        if self.state == "finished":
            return ErrorCode.PRECONDITION_FAILED
        if at_s is not None and not self.last_s <= at_s <= now_s + 30:
            return ErrorCode.FIELD_INVALID
        at_s = max(now_s, self.last_s) if at_s is None else at_s
        self.stop(at_s)
        self.state, self.last_s = target, at_s
        return "done"


def decide(practice: Practice, name: str, at: datetime | None, now: datetime) -> Event | None:
    if name == "rate":
        return rules.update(practice, {"self_rating": 3}, now)
    if name == "click":
        return rules.click(practice, {SEGMENT: (2, at)}, now)
    if name == "finish":
        return rules.finish(practice, {}, at, now)
    if name in {"delete", "undelete"}:
        return getattr(rules, name)(practice, now)  # type: ignore[no-any-return]
    return getattr(rules, name)(practice, at, now)  # type: ignore[no-any-return]


@given(COMMANDS)
def test_any_sequence_of_commands_does_what_the_model_says(
    commands: list[tuple[str, int | None]],
) -> None:
    told, now_s = Told(), 0
    history = [rules.start(Plan(piece_id=PIECE), NOW, NOW)]
    practice = started(history[0])
    for name, offset_s in commands:
        now_s += 3
        at_s = None if offset_s is None else now_s - 10 + offset_s
        at = None if at_s is None else NOW + at_s * SECOND
        outcome: ErrorCode | str
        try:
            event = decide(practice, name, at, NOW + now_s * SECOND)
        except PracticeError as error:
            outcome = error.code
        else:
            outcome = "done" if event else "same"
            if event is not None:
                history.append(event)
                practice = after(practice, event)
        assert outcome == told.expects(name, at_s, now_s), (name, at_s, now_s)
        check_same(practice, told)
    assert replay(history) == practice


def check_same(practice: Practice, told: Told) -> None:
    assert practice.state == told.state
    assert (practice.deleted_at is not None) == told.is_deleted
    assert practice.plan.self_rating == told.rating
    assert sum(one.count for one in practice.clicks.values()) == told.clicks
    open_s = 0 if told.state != "active" else 100
    now = NOW + (told.last_s + 100) * SECOND
    assert practice.active_for(now) == (len(told.active) + open_s) * SECOND
    ends = [instant for span in practice.spans for instant in (span.start, span.end) if instant]
    assert ends == sorted(ends)
    assert [span.end is None for span in practice.spans[:-1]] == [False] * (len(practice.spans) - 1)


def refused(work: Any, *arguments: Any) -> tuple[ErrorCode, str | None]:
    with pytest.raises(PracticeError) as broken:
        work(*arguments)
    return broken.value.code, broken.value.field


def test_nothing_starts_in_the_future() -> None:
    late = NOW + rules.CLOCK_TOLERANCE
    assert rules.start(Plan(), late, NOW).at == late
    assert refused(rules.start, Plan(), late + SECOND, NOW) == (
        ErrorCode.FIELD_INVALID,
        "start_time",
    )


def test_the_same_start_is_known_whatever_became_of_the_session() -> None:
    plan = Plan("scales", PIECE, frozenset({OTHER}), 96.0)
    first = rules.start(plan, NOW, NOW)
    for at in (None, NOW):
        assert rules.is_same_start(first, plan, at)
    assert not rules.is_same_start(first, plan, NOW - SECOND)
    assert not rules.is_same_start(first, Plan("scales", PIECE, frozenset(), 96.0), NOW)


def test_a_change_that_changes_nothing_is_no_event() -> None:
    practice = started(rules.start(Plan("scales"), NOW, NOW))
    assert rules.update(practice, {"focus": "scales"}, NOW) is None
    event = rules.update(practice, {"focus": "thirds", "note": ""}, NOW)
    assert event is not None
    assert event.changes == {"focus": "thirds"}
    for changes in ({}, {"state": SessionState.FINISHED}):
        assert refused(rules.update, practice, changes, NOW) == (
            ErrorCode.FIELD_INVALID,
            "update_mask",
        )


def test_clicked_segments_hold_the_piece() -> None:
    practice = started(rules.start(Plan(piece_id=PIECE), NOW, NOW))
    practice = after(practice, rules.click(practice, {SEGMENT: (1, None)}, NOW))
    assert refused(rules.update, practice, {"piece_id": OTHER}, NOW)[0] is (
        ErrorCode.PRECONDITION_FAILED
    )
    without = started(rules.start(Plan(), NOW, NOW))
    assert refused(rules.click, without, {SEGMENT: (1, None)}, NOW)[0] is (
        ErrorCode.PRECONDITION_FAILED
    )


def test_a_session_is_gone_for_good_after_30_days() -> None:
    practice = started(rules.start(Plan(), NOW, NOW))
    event = rules.delete(practice, NOW)
    assert event is not None
    gone = after(practice, event)
    assert rules.undelete(gone, NOW + timedelta(days=30)) is not None
    late = NOW + timedelta(days=30, seconds=1)
    assert refused(rules.undelete, gone, late)[0] is ErrorCode.PRECONDITION_FAILED


def test_a_history_begins_with_the_start_and_has_one() -> None:
    pause = Event(EventKind.PAUSED, NOW)
    for history in ([], [pause], [rules.start(Plan(), NOW, NOW)] * 2):
        with pytest.raises(ValueError, match=r"histor|starts once"):
            replay(history)
