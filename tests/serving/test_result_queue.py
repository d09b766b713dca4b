"""What waits, what is dropped, and what is told again after a break."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.serving.limits import OutboxLimits
from analysis_engine.serving.result_queue import ResultQueue
from practice.analysis.v1 import analysis_pb2 as pb

Response = pb.StreamingAnalyzeResponse


def window(end_sample: int) -> Response:
    return Response(window=pb.WindowResult(end_sample=end_sample))


def beat(index: int) -> Response:
    return Response(beats=pb.BeatBatch(beats=[pb.Beat(beat_index=index)]))


def ack(sample: int) -> Response:
    return Response(ack=pb.Ack(through_sample=sample))


def drained(queue: ResultQueue) -> list[Response]:
    told = []
    while (response := queue.take()) is not None:
        told.append(response)
        queue.written()
    return told


def test_results_leave_in_order() -> None:
    queue = ResultQueue(OutboxLimits())
    items = [window(1), beat(1), ack(5), window(2)]
    for item in items:
        queue.add(item)
    assert drained(queue) == items


def test_only_the_newest_window_waits_for_a_slow_reader() -> None:
    queue = ResultQueue(OutboxLimits())
    for item in (window(1), beat(1), window(2)):
        queue.add(item)
    queue.keep_newest_window_only(enabled=True)
    queue.add(window(3))
    queue.add(beat(2))
    told = drained(queue)
    assert [item.WhichOneof("payload") for item in told] == ["beats", "window", "beats"]
    assert told[1].window == pb.WindowResult(end_sample=3, dropped_windows=2)


def test_what_is_being_written_is_not_replaced() -> None:
    queue = ResultQueue(OutboxLimits())
    queue.add(window(1))
    first = queue.take()
    queue.keep_newest_window_only(enabled=True)
    queue.add(window(2))
    queue.written()
    assert first == window(1)
    assert drained(queue) == [window(2)]


def test_a_write_that_did_not_end_counts_as_not_sent() -> None:
    queue = ResultQueue(OutboxLimits())
    queue.add(window(1))
    queue.add(window(2))
    queue.take()
    queue.rewind(received_count=None)
    assert drained(queue) == [window(1), window(2)]


def test_acks_of_an_old_connection_are_not_told_on_a_new_one() -> None:
    queue = ResultQueue(OutboxLimits())
    queue.add(ack(1))
    queue.add(window(1))
    queue.rewind(received_count=None)
    assert drained(queue) == [window(1)]


@given(st.integers(0, 30), st.data())
def test_a_client_that_counts_gets_exactly_the_rest(total: int, data: st.DataObject) -> None:
    written = data.draw(st.integers(0, total))
    received = data.draw(st.integers(0, written))
    queue = ResultQueue(OutboxLimits())
    for index in range(total):
        queue.add(window(index))
    for _ in range(written):
        queue.take()
        queue.written()
    queue.rewind(received)
    assert drained(queue) == [window(index) for index in range(received, total)]
    queue.rewind(total)
    assert drained(queue) == []


def test_what_is_kept_after_writing_is_bounded_and_honest() -> None:
    size = len(window(300).SerializeToString())
    queue = ResultQueue(OutboxLimits(max_unconfirmed_bytes=3 * size))
    for index in range(300, 310):
        queue.add(window(index))
    drained(queue)
    queue.rewind(received_count=2)
    assert drained(queue) == [window(index) for index in (307, 308, 309)]


def test_a_client_that_claims_more_than_there_is_gets_nothing_twice() -> None:
    queue = ResultQueue(OutboxLimits())
    queue.add(window(1))
    queue.rewind(received_count=10**12)
    assert drained(queue) == []


def test_the_bounds_are_told() -> None:
    queue = ResultQueue(OutboxLimits(high_water=2, max_waiting=3))
    queue.add(beat(1))
    below = queue.is_above_high_water
    queue.add(beat(2))
    above = queue.is_above_high_water
    queue.keep_newest_window_only(enabled=True)
    slow = queue.is_above_high_water
    assert (below, above, slow) == (False, True, False), "audio waits only while the client reads"
    queue.add(beat(3))
    full = queue.is_overfull
    queue.add(beat(4))
    assert (full, queue.is_overfull) == (False, True)
