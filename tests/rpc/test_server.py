"""The chain around real calls over a real connection."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import structlog

from practice.analysis.v1 import analysis_pb2
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.logs import configure_logs
from practice.rpc.principals import AnonymousOnLoopback
from practice.rpc.status import error_from_rpc
from tests.rpc.harness import CLIP, LIVE, TokenTable, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.rpc.harness import Running


async def failure_of(call: Any) -> PracticeError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return error_from_rpc(caught.value)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logs("DEBUG", stream)
    yield stream
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_a_handlers_error_arrives_with_its_details(live: Running, clip: Any) -> None:
    async def refuse(request: Any, context: Any) -> Any:
        raise PracticeError(
            ErrorCode.SERVER_FULL, "Full.", retry_after_s=2.5, limit="streams per server"
        )

    live.servicer.on_clip = refuse
    error = await failure_of(live.stub.AnalyzeClip(clip, metadata=[("x-request-id", "abc-1")]))
    assert (error.code, error.message) == (ErrorCode.SERVER_FULL, "Full.")
    assert (error.retry_after_s, error.limit) == (2.5, "streams per server")
    assert error.request_id == "abc-1"


async def test_an_unforeseen_error_stays_inside(live: Running, clip: Any, log: io.StringIO) -> None:
    async def break_down(request: Any, context: Any) -> Any:
        raise RuntimeError("disk full, password=hunter2 Bearer eyJhbGciOi")

    live.servicer.on_clip = break_down
    error = await failure_of(live.stub.AnalyzeClip(clip, metadata=[("x-request-id", "abc-2")]))
    assert error.code is ErrorCode.INTERNAL
    assert "disk" not in error.message
    assert "abc-2" in error.message
    (line,) = [line for line in lines(log) if line["event"] == "rpc_failed"]
    assert line["request_id"] == "abc-2"
    assert "disk full" in line["exception"]
    assert "hunter2" not in log.getvalue()
    assert "eyJhbGciOi" not in log.getvalue()


async def test_an_error_in_the_middle_of_a_stream_comes_after_its_answers(live: Running) -> None:
    async def one_then_fail(requests: Any, context: Any) -> None:
        await context.write(analysis_pb2.StreamingAnalyzeResponse())
        raise PracticeError(ErrorCode.STREAM_IDLE, "Silence on the line.")

    live.servicer.on_stream = one_then_fail
    call = live.stub.StreamingAnalyze()
    assert await call.read() == analysis_pb2.StreamingAnalyzeResponse()
    error = await failure_of(call.read())
    assert error.code is ErrorCode.STREAM_IDLE


async def test_a_unary_request_is_validated_before_the_handler(live: Running, clip: Any) -> None:
    clip.config.sample_rate_hz = 1
    error = await failure_of(live.stub.AnalyzeClip(clip))
    assert (error.code, error.field) == (ErrorCode.FIELD_INVALID, "config.sample_rate_hz")
    assert live.servicer.principals == []


async def test_bytes_that_are_no_message_are_the_callers_mistake(live: Running) -> None:
    raw: Any = live.channel.unary_unary(CLIP)
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await raw(b"\xff no message")
    error = error_from_rpc(failure.value)
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.code is ErrorCode.MALFORMED_REQUEST
    assert error.request_id is not None
    assert "google" not in (failure.value.details() or "")


async def test_the_server_answers_on_after_errors(live: Running, clip: Any) -> None:
    await failure_of(live.stub.AnalyzeClip(analysis_pb2.AnalyzeClipRequest()))
    assert await live.stub.AnalyzeClip(clip) == analysis_pb2.AnalyzeClipResponse()


@pytest.mark.parametrize(
    ("offered", "kept"), [("9f1c", True), ("two words", False), ("x" * 64, True), ("x" * 65, False)]
)
async def test_a_request_id_is_kept_when_safe_and_replaced_otherwise(
    live: Running, clip: Any, offered: str, kept: bool
) -> None:
    call = live.stub.AnalyzeClip(clip, metadata=[("x-request-id", offered)])
    await call
    returned = dict(await call.trailing_metadata())["x-request-id"]
    assert (returned == offered) == kept
    assert 0 < len(returned) <= 64


async def test_a_call_that_takes_too_long_is_ended(clip: Any) -> None:
    async with running(longest_unary_s=0.05) as live:

        async def sleep_on(request: Any, context: Any) -> Any:
            await asyncio.Event().wait()

        live.servicer.on_clip = sleep_on
        error = await failure_of(live.stub.AnalyzeClip(clip))
        assert error.code is ErrorCode.DEADLINE_EXCEEDED


async def test_a_time_out_inside_a_handler_is_not_the_calls_deadline(
    live: Running, clip: Any
) -> None:
    async def time_out(request: Any, context: Any) -> Any:
        raise TimeoutError("the database")

    live.servicer.on_clip = time_out
    error = await failure_of(live.stub.AnalyzeClip(clip))
    assert error.code is ErrorCode.INTERNAL


async def test_calls_are_counted_by_method_and_outcome(live: Running, clip: Any) -> None:
    await live.stub.AnalyzeClip(clip)
    await failure_of(live.stub.AnalyzeClip(analysis_pb2.AnalyzeClipRequest()))
    # An answer is out before its call is counted; a drained server has counted all.
    await live.drain.run(live.server, live.services, grace_s=10)
    assert live.count("practice_rpc_started_total", method=CLIP) == 2
    assert live.count("practice_rpc_handled_total", method=CLIP, code="OK") == 1
    assert live.count("practice_rpc_handled_total", method=CLIP, code="INVALID_ARGUMENT") == 1
    assert live.count("practice_rpc_duration_seconds_count", method=CLIP) == 2
    assert live.count("practice_rpc_under_way", method=CLIP) == 0


async def test_a_cancelled_stream_ends_as_cancelled_and_is_no_failure(
    live: Running, log: io.StringIO
) -> None:
    async def echo_and_wait(requests: Any, context: Any) -> None:
        await live.servicer.echo(requests, context)  # a cancel reads as the end of the requests
        await asyncio.Event().wait()

    live.servicer.on_stream = echo_and_wait
    call = live.stub.StreamingAnalyze()
    await call.write(
        analysis_pb2.StreamingAnalyzeRequest(audio=analysis_pb2.AudioChunk(data=b"ab"))
    )
    assert (await call.read()).event.sample == 2
    call.cancel()
    assert isinstance(await live.servicer.ended.get(), asyncio.CancelledError)
    await live.drain.run(live.server, live.services, grace_s=10)
    assert live.count("practice_rpc_handled_total", method=LIVE, code="CANCELLED") == 1
    assert [line for line in lines(log) if line["event"] == "rpc_failed"] == []


async def test_a_write_into_a_cancelled_call_is_no_failure(live: Running, log: io.StringIO) -> None:
    async def write_on(requests: Any, context: Any) -> None:
        while True:
            await context.write(analysis_pb2.StreamingAnalyzeResponse())
            await asyncio.sleep(0)

    live.servicer.on_stream = write_on
    for _ in range(20):
        call = live.stub.StreamingAnalyze()
        await call.read()
        call.cancel()
        assert await live.servicer.ended.get() is not None
    assert [line for line in lines(log) if line["event"] == "rpc_failed"] == []


async def test_everyone_on_this_machine_is_anonymous(live: Running, clip: Any) -> None:
    await live.stub.AnalyzeClip(clip)
    assert [principal.is_anonymous for principal in live.servicer.principals] == [True]


async def test_a_server_that_listens_beyond_the_machine_lets_nobody_in(clip: Any) -> None:
    async with running(AnonymousOnLoopback("0.0.0.0")) as live:  # noqa: S104 - never bound
        error = await failure_of(live.stub.AnalyzeClip(clip))
        assert error.code is ErrorCode.UNAUTHENTICATED


async def test_a_token_is_not_ignored_where_nobody_can_check_it(live: Running, clip: Any) -> None:
    call = live.stub.AnalyzeClip(clip, metadata=[("authorization", "Bearer abc")])
    assert (await failure_of(call)).code is ErrorCode.TOKEN_INVALID


async def test_each_call_has_its_own_principal(clip: Any) -> None:
    async with running(TokenTable()) as live:
        calls = [
            live.stub.AnalyzeClip(clip, metadata=[("authorization", f"Bearer {name}")])
            for name in ("ada", "bob", "ada")
        ]
        await asyncio.gather(*calls)
        assert sorted(p.subject for p in live.servicer.principals) == ["ada", "ada", "bob"]


@pytest.mark.parametrize("header", ["Basic YTpi", "ada", "Bearer eve", None])
async def test_a_wrong_token_is_refused_before_the_handler(clip: Any, header: str | None) -> None:
    async with running(TokenTable()) as live:
        metadata = [] if header is None else [("authorization", header)]
        call = live.stub.AnalyzeClip(clip, metadata=metadata)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert live.servicer.principals == []


async def test_a_message_over_the_limit_is_refused(live: Running) -> None:
    huge = analysis_pb2.AnalyzeClipRequest(audio=b"x" * (5 << 20))
    error = await failure_of(live.stub.AnalyzeClip(huge))
    assert error.code is ErrorCode.RATE_LIMITED


async def test_no_connection_reads_as_unreachable() -> None:
    async with running() as live:
        port = live.port
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call: Any = channel.unary_unary("/practice.analysis.v1.AnalysisService/AnalyzeClip")
        error = await failure_of(call(b""))
    assert error.code is ErrorCode.SERVER_UNREACHABLE
