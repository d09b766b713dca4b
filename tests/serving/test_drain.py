"""A server that goes down lets nobody fall."""

from __future__ import annotations

import asyncio

import grpc

from practice.rpc.errors import ErrorCode
from tests.serving.live import RATE_HZ, ServerFactory, assert_error, clicks, connect

SECOND = clicks(1.0)


async def test_live_streams_are_told_with_their_token(serve: ServerFactory) -> None:
    async with serve() as server, connect(server) as client:
        calls = [client.open() for _ in range(3)]
        tokens = []
        for call in calls:
            tokens.append((await call.ready()).resume_token)
            await call.audio(SECOND)
            await call.read_until("ack")
        stopping = asyncio.create_task(server.stop())
        for call, token in zip(calls, tokens, strict=True):
            goodbye = await call.read_until("going_away")
            assert goodbye.resume_token == token
            assert goodbye.reason
            error = await call.error()
            assert_error(error, ErrorCode.SERVER_DRAINING)
            assert await call.call.code() is grpc.StatusCode.UNAVAILABLE
            assert error.retry_after_s is not None
        assert await stopping, "a call had to be cut off"


async def test_what_was_heard_is_told_before_the_goodbye(serve: ServerFactory) -> None:
    async with serve() as server, connect(server) as client:
        call = client.open()
        await call.ready()
        await call.send([SECOND] * 8)
        while (await call.read_until("ack")).through_sample < 4 * RATE_HZ:
            pass
        stopping = asyncio.create_task(server.stop())
        kinds: list[str] = []
        while not kinds or kinds[-1] != "going_away":
            kinds.append((await call.read()).WhichOneof("payload"))
        assert kinds.count("going_away") == 1
        assert_error(await call.error(), ErrorCode.SERVER_DRAINING)
        await stopping


async def test_a_stream_that_had_not_begun_is_sent_elsewhere(serve: ServerFactory) -> None:
    async with serve() as server, connect(server) as client:
        late, early = client.open(), client.open()
        await late.call.wait_for_connection()
        await early.ready()
        stopping = asyncio.create_task(server.stop())
        await early.read_until("going_away")
        await late.config()
        assert_error(await late.error(), ErrorCode.SERVER_DRAINING)
        await stopping


async def test_a_second_stop_changes_nothing(serve: ServerFactory) -> None:
    async with serve() as server:
        assert await server.stop()
        assert await server.stop()
