"""AnalyzeClip: the live stream's answers in one call, up to its limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import pytest
from google.protobuf.message import Message

from analysis_engine.serving.limits import PaceLimit
from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.status import error_from_rpc
from tests.serving.live import (
    RATE_HZ,
    LiveClient,
    ServerFactory,
    assert_error,
    clicks,
    connect,
    results_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


async def refusal(client: LiveClient, audio: bytes, **fields: Any) -> PracticeError:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await client.analyze(audio, **fields)
    return error_from_rpc(failure.value)


async def test_a_clip_gets_the_answers_of_a_live_stream(client: LiveClient) -> None:
    audio = clicks(12.0)
    live = results_of(await client.whole(audio, emit_beats=True, target_bpm=120.0))
    clip = await client.analyze(audio, target_bpm=120.0)
    assert list(clip.windows) == [item for item in live if isinstance(item, pb.WindowResult)]
    assert list(clip.events) == [item for item in live if isinstance(item, pb.StreamEvent)]
    assert list(clip.beats) == [item for item in live if isinstance(item, pb.Beat) and item.final]
    assert clip.summary == live[-1]
    assert clip.beats


async def test_two_minutes_are_taken_and_a_sample_more_is_not(client: LiveClient) -> None:
    longest = bytes(120 * 8_000)
    mulaw = {"encoding": pb.AUDIO_ENCODING_MULAW, "sample_rate_hz": 8_000}
    answer = await client.analyze(longest, **mulaw)
    assert answer.summary.audio_seconds == pytest.approx(120.0)
    assert_error(await refusal(client, longest + b"\0", **mulaw), ErrorCode.CLIP_TOO_LONG, "audio")


async def test_three_mib_are_taken_and_a_sample_more_is_not(client: LiveClient) -> None:
    largest = bytes(3 * 1024 * 1024)
    answer = await client.analyze(largest, sample_rate_hz=48_000)
    assert answer.summary.audio_seconds == pytest.approx(3 * 1024 * 1024 / 96_000)
    assert_error(
        await refusal(client, largest + bytes(2), sample_rate_hz=48_000),
        ErrorCode.FIELD_INVALID,
        "audio",
    )


@pytest.mark.parametrize(
    ("audio", "fields", "code", "field"),
    [
        (b"", {}, ErrorCode.FIELD_INVALID, "audio"),
        (bytes(3), {}, ErrorCode.PARTIAL_SAMPLE, "audio"),
        (bytes(4), {"encoding": 7}, ErrorCode.FIELD_INVALID, "config.encoding"),
        (bytes(4), {"sample_rate_hz": 1}, ErrorCode.FIELD_INVALID, "config.sample_rate_hz"),
        (
            bytes(4),
            {"session_id": "0192d3f4-5a6b-7c8d-9e0f-112233445566"},
            ErrorCode.UNAUTHENTICATED,
            "config.session_id",
        ),
    ],
)
async def test_a_bad_clip_is_refused_by_field(
    client: LiveClient, audio: bytes, fields: dict[str, Any], code: ErrorCode, field: str
) -> None:
    assert_error(await refusal(client, audio, **fields), code, field)


async def test_a_clip_without_a_config_is_refused(client: LiveClient) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await client.stub.AnalyzeClip(pb.AnalyzeClipRequest(audio=bytes(2)))
    assert_error(error_from_rpc(failure.value), ErrorCode.FIELD_INVALID, "config")


async def test_clips_and_fast_streams_share_one_allowance(serve: ServerFactory) -> None:
    quota = PaceLimit(burst_s=5.0, speed=0.001)
    async with serve(as_fast_as_possible=quota) as server, connect(server) as client:
        assert await client.whole(clicks(2.0), pace=pb.PACE_AS_FAST_AS_POSSIBLE)
        await client.analyze(clicks(2.0))
        error = await refusal(client, clicks(2.0))
        assert_error(error, ErrorCode.PACE_EXCEEDED)
        assert error.retry_after_s is not None


async def test_silence_scores_nothing(client: LiveClient) -> None:
    answer = await client.analyze(bytes(2 * RATE_HZ * 6))
    assert {window.state for window in answer.windows} <= {
        pb.WINDOW_STATE_SILENT,
        pb.WINDOW_STATE_WARMING,
    }
    assert not any(window.HasField("accuracy") for window in answer.windows)
    assert not answer.beats


def numbers_in(message: Message) -> Iterator[float]:
    """Yield every floating-point number that a message carries."""
    for field, value in message.ListFields():
        for item in value if field.is_repeated else [value]:
            if isinstance(item, Message):
                yield from numbers_in(item)
            elif isinstance(item, float):
                yield item


@pytest.mark.parametrize("seed", range(6))
async def test_no_sound_however_broken_makes_a_number_that_is_none(
    client: LiveClient, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    signal = chance.standard_normal(RATE_HZ * 8).astype("<f4") * 10.0 ** chance.uniform(-30, 30)
    broken = chance.random(signal.size) < 0.001
    signal[broken] = chance.choice(
        np.array([np.nan, np.inf, -np.inf, 3e38, 1e-42], np.float32), int(broken.sum())
    )
    raw = chance.bytes(RATE_HZ * 4 * 2)
    for audio in (signal.tobytes(), raw):
        answer = await client.analyze(
            audio, encoding=pb.AUDIO_ENCODING_FLOAT32, target_bpm=100.0, hop_seconds=0.1
        )
        numbers = list(numbers_in(answer))
        assert numbers
        assert all(math.isfinite(number) for number in numbers)
