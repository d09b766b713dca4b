"""Practice sessions over gRPC, on both databases."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from practice.analysis.v1 import analysis_pb2
from practice.identifiers import uuid7
from practice.progress.v1 import progress_pb2
from practice.rpc.errors import ErrorCode
from practice.sessions.v1 import sessions_pb2 as pb
from practice.studio.v1 import studio_pb2
from tests.accounts.serving import Clock, Person, Served, assert_refused
from tests.sessions.practising import at, call, history, music, start

MINUTE = timedelta(minutes=1)


async def test_a_session_from_its_start_to_its_end(server: Served, clock: Clock) -> None:
    ada = await server.student()
    own = await music(server, ada)
    session = await start(
        server,
        ada,
        focus="even thirds",
        piece_id=own.piece_id,
        tag_ids=[own.tag_id],
        target_bpm=96,
        mode=pb.PRACTICE_MODE_SLOW_PRACTICE,
    )
    assert session.state == pb.SESSION_STATE_ACTIVE
    assert (list(session.tag_ids), session.target_bpm) == ([own.tag_id], 96.0)
    for method, state in (
        ("PauseSession", pb.SESSION_STATE_PAUSED),
        ("ResumeSession", pb.SESSION_STATE_ACTIVE),
    ):
        clock.advance(MINUTE)
        for _ in range(2):  # the second changes nothing
            answer = await call(server, ada, method, session_id=session.session_id)
            assert answer.session.state == state
    clock.advance(2 * MINUTE)
    finish = {"session_id": session.session_id, "self_rating": 4, "note": "better\nslower"}
    done = (await call(server, ada, "FinishSession", **finish)).session
    assert done.state == pb.SESSION_STATE_FINISHED
    assert (done.self_rating, done.note) == (4, "better\nslower")
    assert done.active_duration.ToTimedelta() == 3 * MINUTE
    assert len(done.active_intervals) == 2
    again = await call(server, ada, "FinishSession", session_id=session.session_id, self_rating=1)
    assert again.session == done
    got = await call(server, ada, "GetSession", session_id=session.session_id)
    assert got.session == done
    for method in ("PauseSession", "ResumeSession"):
        refused = call(server, ada, method, session_id=session.session_id)
        await assert_refused(refused, ErrorCode.PRECONDITION_FAILED)


async def test_the_same_start_twice_is_one_session(server: Served) -> None:
    ada, bob = await server.student(), await server.student()
    own = {"session_id": str(uuid7()), "focus": "scales"}
    starts = await asyncio.gather(*(start(server, ada, **own) for _ in range(3)))
    assert starts[0] == starts[1] == starts[2]
    update = pb.Session(session_id=own["session_id"], focus="thirds")
    mask = FieldMask(paths=["focus"])
    await call(server, ada, "UpdateSession", session=update, update_mask=mask)
    assert (await start(server, ada, **own)).focus == "thirds"
    for person, other in ((ada, {**own, "focus": "x"}), (bob, own)):
        await assert_refused(start(server, person, **other), ErrorCode.ALREADY_EXISTS, "session_id")
    assert len(await history(server, ada, own["session_id"])) == 2


async def test_the_history_rebuilds_the_session(server: Served, clock: Clock) -> None:
    ada = await server.student()
    own = await music(server, ada)
    session_id = (await start(server, ada, piece_id=own.piece_id, target_bpm=80)).session_id
    await click(server, ada, session_id, {own.segment_ids[0]: 3})
    clock.advance(MINUTE)
    await call(server, ada, "PauseSession", session_id=session_id)
    changed = pb.Session(session_id=session_id, focus="coda", tag_ids=[own.tag_id])
    mask = FieldMask(paths=["focus", "tag_ids", "target_bpm"])
    await call(server, ada, "UpdateSession", session=changed, update_mask=mask)
    await call(server, ada, "DeleteSession", session_id=session_id)
    await call(server, ada, "UndeleteSession", session_id=session_id)
    clock.advance(MINUTE)
    await call(server, ada, "ResumeSession", session_id=session_id)
    await call(server, ada, "FinishSession", session_id=session_id, self_rating=5)
    events = await history(server, ada, session_id)
    assert [event.sequence for event in events] == list(range(1, 9))
    shown = (await call(server, ada, "GetSession", session_id=session_id)).session
    assert rebuilt(events) == (
        shown.state,
        shown.focus,
        shown.piece_id,
        list(shown.tag_ids),
        shown.HasField("target_bpm"),
        shown.self_rating,
        [(one.start_time.seconds, one.end_time.seconds) for one in shown.active_intervals],
    )


def rebuilt(events: list[pb.SessionEvent]) -> tuple[Any, ...]:
    """Make a session of its history alone, as an outside client would."""
    session, spans = pb.Session(), []
    for event in events:
        for path in event.update_mask.paths:
            session.ClearField(path)
        session.MergeFrom(event.session)
        seconds = event.event_time.seconds
        if event.kind in {pb.SESSION_EVENT_KIND_STARTED, pb.SESSION_EVENT_KIND_RESUMED}:
            spans.append((seconds, 0))
            session.state = pb.SESSION_STATE_ACTIVE
        elif event.kind in {pb.SESSION_EVENT_KIND_PAUSED, pb.SESSION_EVENT_KIND_FINISHED}:
            spans[-1] = (spans[-1][0], spans[-1][1] or seconds)
            is_end = event.kind == pb.SESSION_EVENT_KIND_FINISHED
            session.state = pb.SESSION_STATE_FINISHED if is_end else pb.SESSION_STATE_PAUSED
    return (
        session.state,
        session.focus,
        session.piece_id,
        list(session.tag_ids),
        session.HasField("target_bpm"),
        session.self_rating,
        spans,
    )


async def click(
    server: Served, person: Person, session_id: str, counts: dict[str, int], **values: Any
) -> dict[str, int]:
    clicks = [pb.SegmentClicks(segment_id=one, clicks=count) for one, count in counts.items()]
    answer = await call(
        server,
        person,
        "RecordSegmentClicks",
        session_id=session_id,
        segment_clicks=clicks,
        **values,
    )
    return {one.segment_id: one.clicks for one in answer.segment_clicks}


async def test_clicks_add_up_once_and_make_a_heatmap(server: Served) -> None:
    ada, bob = await server.student(), await server.student()
    own, foreign = await music(server, ada), await music(server, bob)
    first, _, third = own.segment_ids
    cold = await call(server, ada, "GetHeatmap", piece_id=own.piece_id)
    assert [(one.intensity, one.color) for one in cold.segments] == [(0, "#FFE5B4")] * 3
    sessions = [(await start(server, ada, piece_id=own.piece_id)).session_id for _ in range(2)]
    for key in ("event_id", "request_id"):
        again = {key: str(uuid7())}
        for _ in range(2):
            assert (await click(server, ada, sessions[0], {first: 2}, **again))[first] == (
                2 if key == "event_id" else 4
            )
    await click(server, ada, sessions[1], {first: 4, third: 4})
    warm = await call(server, ada, "GetHeatmap", piece_id=own.piece_id)
    assert [(one.name, one.clicks, one.intensity, one.color) for one in warm.segments] == [
        ("Opening", 8, 1, "#FF4500"),
        ("Bridge", 0, 0, "#FFE5B4"),
        ("Coda", 4, 0.5, "#FF955A"),
    ]
    assert warm.segments[0].last_click_time.seconds
    one = await call(server, ada, "GetHeatmap", piece_id=own.piece_id, session_id=sessions[0])
    assert [segment.clicks for segment in one.segments] == [4, 0, 0]
    for counts in ({foreign.segment_ids[0]: 1}, {str(uuid7()): 1}):
        await assert_refused(
            click(server, ada, sessions[0], counts),
            ErrorCode.NOT_FOUND,
            "segment_clicks.segment_id",
        )
    await assert_refused(
        call(server, ada, "GetHeatmap", piece_id=foreign.piece_id), ErrorCode.NOT_FOUND, "piece_id"
    )


async def test_a_heatmap_tells_how_accurate_it_was_after_a_click(
    server: Served, clock: Clock
) -> None:
    ada = await server.student()
    own = await music(server, ada)
    began = clock.now - 10 * MINUTE
    session_id = (await start(server, ada, piece_id=own.piece_id, start_time=at(began))).session_id
    for segment_id, minute in zip(own.segment_ids, (1, 2, 3), strict=True):
        one = pb.SegmentClicks(
            segment_id=segment_id, clicks=1, last_click_time=at(began + minute * MINUTE)
        )
        values = {"session_id": session_id, "segment_clicks": [one]}
        await call(server, ada, "RecordSegmentClicks", **values)
    paused = {"session_id": session_id, "pause_time": at(began + 4 * MINUTE)}
    await call(server, ada, "PauseSession", **paused)
    heard = {30: 10.0, 90: 80.0, 100: 60.0, 150: None, 200: 95.0, 300: 5.0}
    windows = [
        analysis_pb2.WindowResult(
            start_sample=(second - 1) * 8000,
            end_sample=second * 8000,
            state=analysis_pb2.WINDOW_STATE_LOCKED,
            accuracy=accuracy,
        )
        for second, accuracy in heard.items()
    ]
    request = progress_pb2.WriteMetricsRequest(
        session_id=session_id,
        stream_id=str(uuid7()),
        stream_start_time=at(began),
        sample_rate_hz=8000,
        windows=windows,
    )
    await server.metrics.WriteMetrics(request, metadata=ada.metadata)
    warm = await call(server, ada, "GetHeatmap", piece_id=own.piece_id)
    told = [
        (one.error if one.HasField("error") else None, one.measured_windows)
        for one in warm.segments
    ]
    assert told == [(30.0, 2), (None, 0), (5.0, 1)]


async def test_a_teacher_reads_through_an_active_link_only(server: Served) -> None:
    teacher, ada = await server.teacher(), await server.student()
    own = await music(server, ada)
    session_id = (await start(server, ada, piece_id=own.piece_id)).session_id
    reads: list[tuple[str, dict[str, str]]] = [
        ("GetSession", {"session_id": session_id}),
        ("ListSessions", {"student_id": ada.user.user_id}),
        ("ListSessionEvents", {"session_id": session_id}),
        ("GetHeatmap", {"student_id": ada.user.user_id, "piece_id": own.piece_id}),
    ]
    for method, values in reads:
        await assert_refused(call(server, teacher, method, **values), ErrorCode.NOT_FOUND)
    invited = await server.studio.CreateInvitation(
        studio_pb2.CreateInvitationRequest(), metadata=teacher.metadata
    )
    accept = studio_pb2.AcceptInvitationRequest(code=invited.code, consent=True)
    link = (await server.studio.AcceptInvitation(accept, metadata=ada.metadata)).link
    for method, values in reads:
        await call(server, teacher, method, **values)
    for method in ("PauseSession", "FinishSession", "DeleteSession"):
        refused = call(server, teacher, method, session_id=session_id)
        await assert_refused(refused, ErrorCode.NOT_FOUND)
    end = studio_pb2.EndLinkRequest(link_id=link.link_id)
    await server.studio.EndLink(end, metadata=ada.metadata)
    for method, values in reads:
        await assert_refused(call(server, teacher, method, **values), ErrorCode.NOT_FOUND)


async def test_lists_are_filtered_and_come_in_pages(server: Served, clock: Clock) -> None:
    ada = await server.student()
    own = await music(server, ada)
    began = clock.now - timedelta(days=10)
    ids = []
    for number in range(5):
        piece = {"piece_id": own.piece_id} if number % 2 else {}
        mode = pb.PRACTICE_MODE_PERFORMANCE if number == 4 else pb.PRACTICE_MODE_NORMAL
        day = at(began + timedelta(days=number))
        ids.append((await start(server, ada, mode=mode, start_time=day, **piece)).session_id)
    await call(server, ada, "FinishSession", session_id=ids[0])
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ids[::-1]),
        ({"piece_id": own.piece_id}, [ids[3], ids[1]]),
        ({"mode": pb.PRACTICE_MODE_PERFORMANCE}, [ids[4]]),
        ({"state": pb.SESSION_STATE_FINISHED}, [ids[0]]),
        (
            {
                "start_time_from": at(began + timedelta(days=1)),
                "start_time_before": at(began + timedelta(days=3)),
            },
            [ids[2], ids[1]],
        ),
    ]
    for wanted, expected in cases:
        assert await listed(server, ada, **wanted) == expected
    assert await listed(server, ada, page_size=2) == ids[::-1]
    reversed_range = {"start_time_from": at(clock.now), "start_time_before": at(began)}
    refused = call(server, ada, "ListSessions", **reversed_range)
    await assert_refused(refused, ErrorCode.FIELD_INVALID, "start_time_before")


async def listed(server: Served, person: Person, **wanted: Any) -> list[str]:
    found: list[str] = []
    token = ""
    while True:
        answer = await call(server, person, "ListSessions", page_token=token, **wanted)
        found += [session.session_id for session in answer.sessions]
        if not (token := answer.next_page_token):
            return found


async def test_a_deleted_session_comes_back_for_30_days(server: Served, clock: Clock) -> None:
    ada = await server.student()
    session = await start(server, ada)
    own = {"session_id": session.session_id}
    for _ in range(2):
        gone = (await call(server, ada, "DeleteSession", **own)).session
        assert gone.HasField("delete_time")
    for method in ("GetSession", "PauseSession", "FinishSession", "ListSessionEvents"):
        await assert_refused(call(server, ada, method, **own), ErrorCode.NOT_FOUND)
    assert await listed(server, ada) == []
    assert await listed(server, ada, show_deleted=True) == [session.session_id]
    back = (await call(server, ada, "UndeleteSession", **own)).session
    assert not back.HasField("delete_time")
    await call(server, ada, "DeleteSession", **own)
    clock.advance(timedelta(days=31))
    ada = await server.log_in(ada.user.email)
    assert await listed(server, ada, show_deleted=True) == []
    await assert_refused(call(server, ada, "UndeleteSession", **own), ErrorCode.PRECONDITION_FAILED)


async def test_changes_at_once_never_overwrite_each_other(server: Served) -> None:
    ada = await server.student()
    session = await start(server, ada)
    changes = [
        call(
            server,
            ada,
            "UpdateSession",
            session=pb.Session(session_id=session.session_id, note=f"note {number}"),
            update_mask=FieldMask(paths=["note"]),
            etag=session.etag,
        )
        for number in range(4)
    ]
    answers = await asyncio.gather(*changes, return_exceptions=True)
    assert sum(isinstance(answer, pb.UpdateSessionResponse) for answer in answers) == 1
    stale = call(server, ada, "DeleteSession", session_id=session.session_id, etag=session.etag)
    await assert_refused(stale, ErrorCode.ETAG_STALE, "etag")


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("StartSession", {"session_id": "1'; DROP TABLE users"}, "session_id"),
    ("StartSession", {"focus": "x" * 201}, "focus"),
    ("StartSession", {"focus": "a\x00b"}, "focus"),
    ("StartSession", {"target_bpm": 401}, "target_bpm"),
    ("StartSession", {"target_bpm": float("nan")}, "target_bpm"),
    ("StartSession", {"mode": 99}, "mode"),
    ("StartSession", {"start_time": Timestamp(seconds=0)}, "start_time"),
    ("StartSession", {"start_time": Timestamp(seconds=10**9, nanos=-1)}, "start_time"),
    ("StartSession", {"start_time": Timestamp(seconds=4 * 10**9)}, "start_time"),
    ("FinishSession", {"self_rating": 6}, "self_rating"),
    ("FinishSession", {"note": "x" * 4001}, "note"),
    ("FinishSession", {"finish_time": Timestamp(seconds=10**9)}, "finish_time"),
    ("PauseSession", {"pause_time": Timestamp(seconds=4 * 10**9)}, "pause_time"),
    ("RecordSegmentClicks", {}, "segment_clicks"),
]


async def test_bad_input_names_its_field_and_stores_nothing(server: Served) -> None:
    ada = await server.student()
    session_id = (await start(server, ada)).session_id
    for method, values, field in BAD:
        own = values if method == "StartSession" else {"session_id": session_id, **values}
        await assert_refused(call(server, ada, method, **own), ErrorCode.FIELD_INVALID, field)
    assert len(await listed(server, ada)) == 1
    assert len(await history(server, ada, session_id)) == 1
    for foreign in ({"piece_id": str(uuid7())}, {"tag_ids": [str(uuid.uuid4())]}):
        await assert_refused(start(server, ada, **foreign), ErrorCode.NOT_FOUND, *foreign)
    for mask in (["state"], ["nonsense"], []):
        update = {
            "session": pb.Session(session_id=session_id),
            "update_mask": FieldMask(paths=mask),
        }
        refused = call(server, ada, "UpdateSession", **update)
        await assert_refused(refused, ErrorCode.FIELD_INVALID, "update_mask")
    html = '<script>alert(1)</script> "; DROP TABLE practice_sessions; --'
    assert (await start(server, ada, focus=html)).focus == html
