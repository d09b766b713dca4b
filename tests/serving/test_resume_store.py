"""Parked streams: bounded in time and number, taken once."""

from __future__ import annotations

import pickle

from analysis_engine.serving import codec
from analysis_engine.serving.limits import ResumeLimits, ServingConfig
from analysis_engine.serving.resume_store import MemoryResumeStore
from analysis_engine.serving.stream_session import StreamSession
from practice.analysis.v1 import analysis_pb2 as pb
from tests.serving.live import clicks, config_message


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def session(stream_id: str) -> StreamSession:
    asked = config_message(emit_beats=True)
    return StreamSession(
        stream_id=stream_id,
        owner="clara",
        asked=asked,
        config=codec.to_stream_config(asked),
        limits=ServingConfig(),
        now_s=0.0,
    )


async def test_a_parked_stream_is_taken_once() -> None:
    store = MemoryResumeStore(ResumeLimits(), Clock())
    parked = session("a")
    await store.park(parked)
    assert await store.find("a") is parked
    assert await store.take("a") is parked
    assert await store.take("a") is None
    assert await store.find("a") is None


async def test_it_is_kept_for_ten_minutes() -> None:
    clock = Clock()
    store = MemoryResumeStore(ResumeLimits(), clock)
    await store.park(session("a"))
    clock.now_s = 600.0
    assert await store.find("a")
    clock.now_s = 600.1
    assert await store.find("a") is None
    assert len(store) == 0


async def test_the_oldest_finished_stream_goes_first_then_the_oldest() -> None:
    store = MemoryResumeStore(ResumeLimits(max_parked=2), Clock())
    finished = session("finished")
    finished.finish()
    await store.park(session("old"))
    await store.park(finished)
    await store.park(session("new"))
    assert await store.find("finished") is None
    await store.park(session("newest"))
    assert await store.find("old") is None
    assert await store.find("new")
    assert await store.find("newest")


async def test_a_stream_survives_a_store_outside_of_the_process() -> None:
    audio = clicks(10.0)
    plain, moved = session("a"), session("a")
    for chunk in (audio[:161_234], audio[161_234:]):
        for each in (plain, moved):
            for _ in each.take_audio(pb.AudioChunk(data=chunk), each.real_time_bucket, 0.0):
                pass
        moved = pickle.loads(pickle.dumps(moved))  # noqa: S301 - the test's own bytes
    plain.finish()
    moved.finish()
    while (response := plain.results.take()) is not None:
        assert moved.results.take() == response
    assert moved.results.take() is None
    assert moved.resume_token
