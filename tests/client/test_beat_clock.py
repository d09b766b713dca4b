"""Samples on the local clock, and flashes when they are due."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client import BeatClock, BeatSchedule, LiveStream
from tests.client.playing import BLOCK_BYTES, SAMPLE_RATE_HZ, clicks, play

RATE_HZ = 1_000


class Wall:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


def clock_at(wall: Wall, offset_s: float = 50.0, latency_s: float = 0.0) -> BeatClock:
    """A clock on which sample 0 is at ``offset_s``."""
    clock = BeatClock(RATE_HZ, latency_s, wall)
    wall.at_s = offset_s
    clock.hear(0)
    return clock


def beat(index: int, sample: int, ahead: int | None = None, *, final: bool = False) -> pb.Beat:
    return pb.Beat(beat_index=index, sample=sample, next_beat_sample=ahead, final=final)


@given(st.lists(st.floats(0.0, 0.3), min_size=1, max_size=60))
def test_late_blocks_do_not_shift_the_clock(late_s: list[float]) -> None:
    wall = Wall()
    clock = clock_at(wall)
    for block, late in enumerate(late_s, 1):
        wall.at_s = 50.0 + block * 0.1 + late
        clock.hear(block * 100)
    assert clock.local_s(2_000) == pytest.approx(52.0)


def test_a_sound_card_that_runs_fast_is_followed() -> None:
    wall = Wall()
    clock = clock_at(wall)
    for block in range(1, 40_000):
        wall.at_s = 50.0 + block * 0.1 * 1.0001
        clock.hear(block * 100)
    assert clock.local_s(block * 100) == pytest.approx(wall.at_s, abs=0.001)


def test_what_the_screen_delays_is_done_sooner() -> None:
    assert clock_at(Wall(), 50.0, latency_s=0.03).local_s(1_000) == pytest.approx(50.97)


def test_before_any_audio_and_after_a_pause_nobody_knows() -> None:
    clock = clock_at(Wall())
    clock.forget()
    assert clock.local_s(0) is None
    assert BeatClock(RATE_HZ).local_s(5) is None


def test_a_predicted_beat_is_shown_when_it_is_due_and_once() -> None:
    schedule = BeatSchedule(clock_at(Wall(), 0.0))
    schedule.take(beat(0, 1_000, 1_500), 1.05)
    assert (schedule.shown_s, schedule.due_s) == (1.05, 1.5)
    schedule.take(beat(0, 1_000, 1_520, final=True), 1.2)
    assert schedule.due_s == pytest.approx(1.52)
    schedule.advance(1.51)
    assert schedule.shown_index == 0
    schedule.advance(1.53)
    assert (schedule.shown_s, schedule.shown_index, schedule.count) == (1.52, 1, 2)
    schedule.take(beat(1, 1_519, 2_020), 1.6)
    assert (schedule.shown_s, schedule.count) == (1.52, 2)
    assert schedule.due_s == pytest.approx(2.02)


def test_a_beat_that_comes_before_it_is_due_is_shown_at_once() -> None:
    schedule = BeatSchedule(clock_at(Wall(), 0.0))
    schedule.take(beat(0, 1_000, 1_500), 1.0)
    schedule.take(beat(1, 1_450, 1_900), 1.46)
    assert (schedule.shown_s, schedule.shown_index, schedule.count) == (1.46, 1, 2)
    assert schedule.due_s == pytest.approx(1.9)


def test_a_player_who_waited_gets_a_flash_of_their_own() -> None:
    schedule = BeatSchedule(clock_at(Wall(), 0.0))
    schedule.take(beat(0, 1_000, 1_500), 1.0)
    schedule.take(beat(1, 2_000, 2_500), 2.01)
    assert schedule.shown_s == 2.01


@pytest.mark.parametrize(
    "break_",
    [
        beat(0, 1_000, None, final=True),
        pb.WindowResult(state=pb.WINDOW_STATE_LOST),
        pb.WindowResult(state=pb.WINDOW_STATE_SILENT),
        pb.StreamEvent(kind=pb.EVENT_KIND_SILENCE_STARTED),
        pb.StreamEvent(kind=pb.EVENT_KIND_GAP),
    ],
)
def test_where_nobody_knows_nothing_flashes(break_: object) -> None:
    schedule = BeatSchedule(clock_at(Wall(), 0.0))
    schedule.take(beat(0, 1_000, 1_500), 1.0)
    schedule.take(break_, 1.2)
    schedule.advance(9.0)
    assert (schedule.due_s, schedule.count) == (None, 1)


def test_without_a_clock_beats_are_shown_when_they_are_told() -> None:
    schedule = BeatSchedule()
    for index, now_s in enumerate((1.0, 1.5)):
        schedule.take(beat(index, 100, 200), now_s)
        assert (schedule.shown_s, schedule.due_s) == (now_s, None)


async def test_a_stream_keeps_its_clock_by_the_audio_it_is_given(
    server_address: str, config: pb.StreamConfig
) -> None:
    async with LiveStream(server_address, config) as stream:
        assert stream.clock.local_s(0) is None
        await stream.send(clicks(1.0)[:BLOCK_BYTES])
        begin_s, later_s = (stream.clock.local_s(sample) for sample in (0, SAMPLE_RATE_HZ))
        assert begin_s is not None
        assert later_s == pytest.approx(begin_s + 1.0)
        await stream.pause()
        assert stream.clock.local_s(0) is None
        await stream.send(b"\x00" * BLOCK_BYTES)
        assert stream.clock.local_s(0) is None
        await stream.resume()
        results = await play(stream, clicks(8.0))
    told = [item for item in results if isinstance(item, pb.Beat) and not item.final]
    ahead = [(a.next_beat_sample, b.sample) for a, b in itertools.pairwise(told)]
    assert [abs(said - came) < 0.05 * SAMPLE_RATE_HZ for said, came in ahead[3:]].count(False) <= 1
