"""The replay buffer: bounded, trimmed by acks, controls at their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client.replay_buffer import ReplayBuffer

PAUSE = pb.Control(pause=pb.Pause())
RESUME = pb.Control(resume=pb.Resume())


def target(bpm: float) -> pb.Control:
    return pb.Control(set_target_bpm=bpm)


def held(buffer: ReplayBuffer) -> list[object]:
    """Everything from the first entry on: sample ranges, and the names of controls."""
    items: list[object] = []
    sequence = 0
    while (entry := buffer.entry_at(sequence)) is not None:
        sequence = entry.sequence + 1
        if entry.control is not None:
            items.append(entry.control.WhichOneof("action"))
        elif entry.data:
            items.append((entry.first_sample, entry.end_sample))
    return items


def test_acks_forget_whole_pieces_only() -> None:
    buffer = ReplayBuffer(100, bytes_per_frame=2)
    for _ in range(3):
        buffer.append(bytes(20))
    buffer.trim(15)
    assert held(buffer) == [(10, 20), (20, 30)]
    assert buffer.start_sample == 10
    buffer.trim(30)
    assert held(buffer) == []
    assert buffer.start_sample == buffer.end_sample == 30


def test_the_server_gets_only_what_it_lacks() -> None:
    buffer = ReplayBuffer(100, bytes_per_frame=2)
    buffer.append(bytes(range(20)))
    entry = buffer.entry_at(buffer.sequence_at(4))
    assert entry is not None
    rest = buffer.remaining(entry, 4)
    assert (rest.first_sample, rest.data) == (4, bytes(range(8, 20)))


def test_a_control_exactly_where_the_server_stands_is_sent_again() -> None:
    buffer = ReplayBuffer(100, bytes_per_frame=2)
    buffer.append(bytes(20))
    buffer.append_control(target(90))
    buffer.append(bytes(20))
    buffer.trim(10)
    assert held(buffer) == ["set_target_bpm", (10, 20)]
    buffer.trim(11)
    assert held(buffer) == [(10, 20)]
    assert buffer.start_target_bpm == 90


def test_clearing_the_target_is_remembered_beyond_the_buffer() -> None:
    buffer = ReplayBuffer(100, bytes_per_frame=2, target_bpm=120.0)
    assert buffer.start_target_bpm == 120.0
    buffer.append_control(target(0))
    buffer.append(bytes(20))
    buffer.trim(10)
    assert buffer.start_target_bpm is None


def test_only_the_newest_of_each_control_is_kept_at_one_place() -> None:
    buffer = ReplayBuffer(100, bytes_per_frame=2)
    for control in (PAUSE, RESUME, PAUSE, target(80), target(90), RESUME):
        buffer.append_control(control)
    assert held(buffer) == ["pause", "set_target_bpm", "resume"]


def test_a_full_buffer_drops_the_oldest_and_counts_it() -> None:
    buffer = ReplayBuffer(20, bytes_per_frame=1)
    for _ in range(3):
        buffer.append(bytes(10))
    assert held(buffer) == [(10, 20), (20, 30)]
    assert buffer.dropped_samples == 10


def test_skipped_samples_leave_a_hole_and_shift_nothing() -> None:
    buffer = ReplayBuffer(100, bytes_per_frame=1)
    buffer.append(bytes(10))
    buffer.skip(5)
    buffer.append(bytes(10))
    assert held(buffer) == [(0, 10), (15, 25)]


def test_the_clock_is_set_only_before_the_start() -> None:
    buffer = ReplayBuffer(100, bytes_per_frame=1)
    buffer.start_at(50)
    buffer.append(bytes(10))
    assert held(buffer) == [(50, 60)]
    with pytest.raises(ValueError, match="before anything"):
        buffer.start_at(70)


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=30),
    resumed_at=st.integers(0, 900),
)
def test_whatever_is_resumed_continues_exactly_there(sizes: list[int], resumed_at: int) -> None:
    buffer = ReplayBuffer(10_000, bytes_per_frame=1)
    whole = bytes(index % 251 for index in range(sum(sizes)))
    begin = 0
    for size in sizes:
        buffer.append(whole[begin : begin + size])
        begin += size
    resumed_at = min(resumed_at, len(whole))
    sent = b""
    sequence = buffer.sequence_at(resumed_at)
    while (entry := buffer.entry_at(sequence)) is not None:
        sent += buffer.remaining(entry, resumed_at).data
        sequence = entry.sequence + 1
    assert sent == whole[resumed_at:]
