"""Nothing is told twice, whatever a resume repeats."""

from __future__ import annotations

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client.delivered import Delivered


def beat(index: int, sample: int, *, final: bool = False) -> pb.Beat:
    return pb.Beat(beat_index=index, sample=sample, final=final)


def test_repeated_windows_events_and_beats_are_left_out() -> None:
    delivered = Delivered(sample_rate_hz=1_000)
    window = pb.WindowResult(end_sample=500)
    event = pb.StreamEvent(sample=100, kind=pb.EVENT_KIND_CLIPPING)
    assert delivered.new_window(window)
    assert not delivered.new_window(window)
    assert delivered.new_window(pb.WindowResult(end_sample=1_000))
    assert delivered.new_event(event)
    assert not delivered.new_event(event)
    assert delivered.new_event(pb.StreamEvent(sample=100, kind=pb.EVENT_KIND_GAP))
    assert delivered.new_beat(beat(0, 90)) is not None
    assert delivered.new_beat(beat(0, 90)) is None
    assert delivered.new_beat(beat(0, 92, final=True)) is not None


def test_after_a_restart_beats_are_counted_on() -> None:
    delivered = Delivered(sample_rate_hz=1_000)
    for index in range(4):
        assert delivered.new_beat(beat(index, 500 * index)) is not None
    delivered.restart()
    # The new server heard the last beat again (a little elsewhere), and then a new one.
    assert delivered.new_beat(beat(0, 1_520)) is None
    assert delivered.new_beat(beat(0, 1_520, final=True)) is None
    told = delivered.new_beat(beat(1, 2_000))
    assert told is not None
    assert (told.beat_index, told.sample) == (4, 2_000)
    final = delivered.new_beat(beat(1, 2_003, final=True))
    assert final is not None
    assert (final.beat_index, final.final) == (4, True)
