"""What a stream keeps for its practice session: handed over in batches, acknowledged when safe."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from analysis_engine.serving.limits import RecordingLimits
from analysis_engine.serving.recording import Recording
from practice.analysis.v1 import analysis_pb2 as pb
from practice.progress.v1 import progress_pb2
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import Principal
from tests.serving.live import (
    RATE_HZ,
    ServerFactory,
    assert_error,
    chunked,
    clicks,
    connect,
    server_is_empty,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SESSION_ID = str(uuid.uuid4())
ADA = str(uuid.uuid4())


@dataclass
class Shelf:
    """A sink of a program: takes what it has room for, and is durable when it is told to be."""

    room: int = 1_000_000
    is_prompt: bool = True
    batches: list[progress_pb2.WriteMetricsRequest] = field(default_factory=list)
    late: list[Callable[[], None]] = field(default_factory=list)
    owner: str = ADA

    async def check_session(self, session_id: str, subject: str) -> None:
        if subject != self.owner:
            raise PracticeError(ErrorCode.NOT_FOUND, "No such session.", field="config.session_id")

    def offer(
        self,
        subject: str,
        batch: progress_pb2.WriteMetricsRequest,
        on_durable: Callable[[], None],
    ) -> bool:
        assert subject == self.owner
        if not self.room:
            return False
        self.room -= 1
        self.batches.append(progress_pb2.WriteMetricsRequest.FromString(batch.SerializeToString()))
        if self.is_prompt:
            asyncio.get_running_loop().call_soon(on_durable)
        else:
            self.late.append(on_durable)
        return True

    @property
    def windows(self) -> list[pb.WindowResult]:
        return [window for batch in self.batches for window in batch.windows]

    @property
    def beats(self) -> list[pb.Beat]:
        return [beat for batch in self.batches for beat in batch.beats]


class Caller:
    """Lets everybody in as one person."""

    def __init__(self, subject: str = ADA) -> None:
        self.subject = subject

    async def authenticate(self, token: str | None, peer: str) -> Principal:
        return Principal(self.subject)


def recording(shelf: Shelf, **limits: Any) -> Recording:
    return Recording(
        shelf,
        owner=ADA,
        session_id=SESSION_ID,
        stream_id=str(uuid.uuid4()),
        sample_rate_hz=RATE_HZ,
        limits=RecordingLimits(**limits),
    )


def window(end_sample: int) -> pb.StreamingAnalyzeResponse:
    return pb.StreamingAnalyzeResponse(
        window=pb.WindowResult(start_sample=end_sample - 1, end_sample=end_sample)
    )


async def test_a_session_gets_every_window_every_final_beat_and_the_summary(
    serve: ServerFactory,
) -> None:
    shelf = Shelf()
    async with serve(authenticator=Caller(), metrics=shelf) as server, connect(server) as client:
        told = await client.whole(clicks(12.0), emit_beats=True, session_id=SESSION_ID)
    assert shelf.windows == [item.window for item in told if item.HasField("window")]
    assert len(shelf.windows) == 24
    finals = [beat for item in told for beat in item.beats.beats if beat.final]
    assert shelf.beats == finals
    assert len(finals) > 10
    assert shelf.batches[-1].summary == told[-1].summary
    assert 8 < len(shelf.batches) < 16, "about one a second"
    assert {(batch.session_id, batch.sample_rate_hz) for batch in shelf.batches} == {
        (SESSION_ID, RATE_HZ)
    }
    assert len({batch.stream_start_time.ToNanoseconds() for batch in shelf.batches}) == 1


async def test_beats_are_kept_for_who_does_not_ask_for_them(serve: ServerFactory) -> None:
    shelf = Shelf()
    async with serve(authenticator=Caller(), metrics=shelf) as server, connect(server) as client:
        told = await client.whole(clicks(8.0), session_id=SESSION_ID)
    assert not any(item.HasField("beats") for item in told)
    assert len(shelf.beats) > 8


async def test_without_a_session_nothing_is_kept(serve: ServerFactory) -> None:
    shelf = Shelf()
    async with serve(authenticator=Caller(), metrics=shelf) as server, connect(server) as client:
        told = await client.whole(clicks(3.0))
    assert shelf.batches == []
    acks = [item.ack for item in told if item.HasField("ack")]
    assert acks
    assert not any(ack.HasField("kept_through_sample") for ack in acks)


async def test_a_foreign_session_is_refused(serve: ServerFactory) -> None:
    shelf = Shelf()
    stranger = Caller(str(uuid.uuid4()))
    async with serve(authenticator=stranger, metrics=shelf) as server, connect(server) as client:
        call = client.open()
        await call.config(session_id=SESSION_ID)
        assert_error(await call.error(), ErrorCode.NOT_FOUND, "config.session_id")


async def test_an_ack_waits_until_what_it_is_about_is_durable(serve: ServerFactory) -> None:
    shelf = Shelf(is_prompt=False)
    async with serve(authenticator=Caller(), metrics=shelf) as server, connect(server) as client:
        call = client.open()
        await call.ready(session_id=SESSION_ID)
        await call.send(chunked(clicks(2.5)))
        await call.read_until("window", lambda window: window.end_sample == 2.5 * RATE_HZ)
        assert len(shelf.late) == 2
        shelf.late.pop(0)()
        await call.audio(bytes(3200))
        ack = await call.read_until("ack")
        assert (ack.through_sample, ack.kept_through_sample) == (RATE_HZ, RATE_HZ)
        call.call.cancel()
        await server_is_empty(server)


async def test_a_sink_without_room_stops_neither_music_nor_acks(serve: ServerFactory) -> None:
    shelf = Shelf(room=2)
    async with serve(authenticator=Caller(), metrics=shelf) as server, connect(server) as client:
        call = client.open()
        await call.ready(session_id=SESSION_ID)
        await call.send(chunked(clicks(6.0)))
        ack = await call.read_until("ack", lambda ack: ack.through_sample == 6 * RATE_HZ)
        assert ack.kept_through_sample == 2 * RATE_HZ
        shelf.room = 100
        await call.close()
        await call.rest()
    assert [window.end_sample for window in shelf.windows] == [
        round(hop * RATE_HZ / 2) for hop in range(1, 13)
    ]


async def test_a_stream_is_not_ok_before_its_last_points_are_durable(
    serve: ServerFactory,
) -> None:
    shelf = Shelf(is_prompt=False)
    limits = RecordingLimits(settle_timeout_s=0.1)
    async with (
        serve(authenticator=Caller(), metrics=shelf, recording=limits) as server,
        connect(server) as client,
    ):
        call = client.open()
        ready = await call.ready(session_id=SESSION_ID)
        await call.send(chunked(clicks(2.0)), and_close=True)
        received: list[pb.StreamingAnalyzeResponse] = []
        assert_error(await call.error(received), ErrorCode.STORE_UNAVAILABLE)
        assert received[-1].HasField("summary")
        for on_durable in shelf.late:
            on_durable()
        again = client.open()
        await again.ready(stream_id=ready.stream_id, resume_token=ready.resume_token)
        await again.close()
        await again.rest()
    assert sum(batch.HasField("summary") for batch in shelf.batches) == 1


async def test_a_stream_that_breaks_hands_over_what_it_has(serve: ServerFactory) -> None:
    shelf = Shelf()
    async with serve(authenticator=Caller(), metrics=shelf) as server, connect(server) as client:
        call = client.open()
        await call.ready(session_id=SESSION_ID)
        await call.send(chunked(clicks(1.6)))
        await call.read_until("window", lambda window: window.end_sample == 1.5 * RATE_HZ)
        call.call.cancel()
        await server_is_empty(server)
    assert [window.end_sample for window in shelf.windows] == [8_000, 16_000, 24_000]


async def test_what_waits_for_too_long_makes_room_oldest_first() -> None:
    shelf = Shelf(room=0)
    kept = recording(shelf, max_waiting=3)
    for end in range(1, 6):
        kept.add(window(end))
        assert not kept.keep(end, lambda _: None)
    shelf.room = 1
    assert kept.keep(6, lambda _: None)
    assert [one.end_sample for one in shelf.windows] == [3, 4, 5]
    assert kept.dropped_count == 2
    await kept.settle(6)


async def test_settling_waits_for_room() -> None:
    shelf = Shelf(room=0)
    kept = recording(shelf)
    kept.add(window(1))
    settling = asyncio.create_task(kept.settle(1))
    await asyncio.sleep(0)  # lets it ask, and be refused
    shelf.room = 1
    await settling
    assert len(shelf.windows) == 1


async def test_settling_gives_up_in_the_end() -> None:
    kept = recording(Shelf(room=0), settle_timeout_s=0.01)
    kept.add(window(1))
    with pytest.raises(PracticeError) as late:
        await kept.settle(1)
    assert late.value.code is ErrorCode.STORE_UNAVAILABLE
    assert late.value.retry_after_s
    with contextlib.suppress(PracticeError):
        await kept.settle(1)
    assert kept.is_waiting, "it is still there"
