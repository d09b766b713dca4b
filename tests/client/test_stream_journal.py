"""The sending half: what waits, what goes next, what a new connection changes."""

from __future__ import annotations

import asyncio

import pytest

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client.replay_buffer import Overflow
from practice_client.stream_journal import StreamJournal

RATE_HZ = 8_000
SECOND = bytes(2 * RATE_HZ)


@pytest.fixture
def config() -> pb.StreamConfig:
    return pb.StreamConfig(encoding=pb.AUDIO_ENCODING_LINEAR16, sample_rate_hz=RATE_HZ)


@pytest.fixture
def journal(config: pb.StreamConfig) -> StreamJournal:
    """Two seconds, waiting when they are full."""
    return StreamJournal(config, 2.0, Overflow.WAIT)


async def sent(journal: StreamJournal) -> list[str]:
    """Everything that can be sent now: first samples of audio, names of controls."""
    items: list[str] = []
    while journal._buffer.entry_at(journal._cursor) is not None:
        request = await journal.next_request()
        if request is None:
            break
        audio = request.HasField("audio")
        items.append(
            str(request.audio.first_sample) if audio else str(request.control.WhichOneof("action"))
        )
    return items


async def test_a_full_buffer_waits_for_an_acknowledgement(journal: StreamJournal) -> None:
    await journal.send(SECOND * 2)
    waiting = asyncio.create_task(journal.send(SECOND))
    await asyncio.sleep(0)
    assert not waiting.done()
    journal.acknowledge(RATE_HZ)
    await waiting
    assert journal.end_sample == 3 * RATE_HZ


async def test_where_the_server_stands_is_acknowledged_even_when_the_ack_was_lost(
    journal: StreamJournal,
) -> None:
    await journal.send(SECOND * 2)
    waiting = asyncio.create_task(journal.send(SECOND))
    await asyncio.sleep(0)
    journal.connected(pb.StreamReady(next_sample=2 * RATE_HZ))
    await waiting
    assert (await sent(journal))[0] == str(2 * RATE_HZ)


async def test_a_failure_reaches_a_sender_that_waits(journal: StreamJournal) -> None:
    await journal.send(SECOND * 2)
    waiting = asyncio.create_task(journal.send(SECOND))
    await asyncio.sleep(0)
    journal.close(ConnectionResetError("gone"))
    with pytest.raises(ConnectionResetError):
        await waiting


async def test_a_resume_goes_on_in_the_middle_and_repeats_the_finish(
    journal: StreamJournal,
) -> None:
    await journal.send(SECOND)
    journal.control(pb.Control(finish=pb.Finish()))
    assert (await sent(journal))[-1] == "finish"
    assert await journal.next_request() is None
    journal.connected(pb.StreamReady(next_sample=7_300))
    assert await sent(journal) == ["7300", "finish"]


async def test_chunks_stay_below_the_size_of_one_message() -> None:
    config = pb.StreamConfig(
        encoding=pb.AUDIO_ENCODING_FLOAT32, sample_rate_hz=96_000, channel_count=2
    )
    journal = StreamJournal(config, 2.0, Overflow.WAIT)
    await journal.send(bytes(8 * 96_000))
    sizes = []
    while journal._buffer.entry_at(journal._cursor) is not None:
        request = await journal.next_request()
        assert request is not None
        sizes.append(request.ByteSize())
    assert max(sizes) <= 65_536
    assert sum(sizes) >= 8 * 96_000


def test_configurations_that_can_not_be_sent_are_refused(config: pb.StreamConfig) -> None:
    with pytest.raises(ValueError, match="replay_s"):
        StreamJournal(config, 1.0, Overflow.WAIT)
    with pytest.raises(ValueError, match="sample_rate_hz"):
        StreamJournal(pb.StreamConfig(encoding=pb.AUDIO_ENCODING_MULAW), 25.0, Overflow.WAIT)
    with pytest.raises(ValueError, match="encoding"):
        StreamJournal(pb.StreamConfig(sample_rate_hz=RATE_HZ), 25.0, Overflow.WAIT)
