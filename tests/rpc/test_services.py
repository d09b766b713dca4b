"""Health, reflection, channelz and the way out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from practice.analysis.v1 import analysis_pb2
from practice.rpc.errors import ErrorCode
from practice.rpc.server_options import ServerOptions
from practice.rpc.status import error_from_rpc
from tests.rpc.harness import SERVICE, TokenTable, running

if TYPE_CHECKING:
    from tests.rpc.harness import Running

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVING = health_pb2.HealthCheckResponse.SERVING


def channelz_of(live: Running) -> Any:
    channel: Any = live.channel  # the type stubs know only the synchronous one
    return channelz_pb2_grpc.ChannelzStub(channel)


async def health_of(live: Running, service: str) -> int:
    stub: Any = health_pb2_grpc.HealthStub(live.channel)
    return int((await stub.Check(health_pb2.HealthCheckRequest(service=service))).status)


async def test_a_service_serves_once_its_owner_says_so(live: Running) -> None:
    assert await health_of(live, SERVICE) == NOT_SERVING
    assert await health_of(live, "") == NOT_SERVING
    await live.services.set_serving(SERVICE, serving=True)
    assert await health_of(live, SERVICE) == SERVING
    assert await health_of(live, "") == SERVING


async def test_an_unknown_service_has_no_health(live: Running) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await health_of(live, "practice.unheard.v1.Of")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_health_needs_no_token() -> None:
    async with running(TokenTable()) as live:
        assert await health_of(live, SERVICE) == NOT_SERVING


async def test_reflection_shows_the_contract(live: Running) -> None:
    channel: Any = live.channel  # the type stubs know only the synchronous one
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE),
    ]
    answers = [answer async for answer in stub.ServerReflectionInfo(iter(requests))]
    names = {service.name for service in answers[0].list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health", "grpc.channelz.v1.Channelz"} <= names
    file = descriptor_pb2.FileDescriptorProto.FromString(
        answers[1].file_descriptor_response.file_descriptor_proto[0]
    )
    assert [service.name for service in file.service] == ["AnalysisService"]


async def test_reflection_finds_a_method_and_no_other_name(live: Running) -> None:
    channel: Any = live.channel  # the type stubs know only the synchronous one
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    requests = [
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
        for symbol in (f"{SERVICE}.AnalyzeClip", f"{SERVICE}.Nothing", "nobody.Nothing")
    ]
    found, *others = [answer async for answer in stub.ServerReflectionInfo(iter(requests))]
    file = descriptor_pb2.FileDescriptorProto.FromString(
        found.file_descriptor_response.file_descriptor_proto[0]
    )
    assert [service.name for service in file.service] == ["AnalysisService"]
    assert {other.error_response.error_code for other in others} == {
        grpc.StatusCode.NOT_FOUND.value[0]
    }


async def test_channelz_sees_the_server(live: Running) -> None:
    stub: Any = channelz_of(live)
    servers = await stub.GetServers(channelz_pb2.GetServersRequest())
    assert len(servers.server) >= 1


async def test_channelz_is_not_for_strangers() -> None:
    async with running(TokenTable()) as live:
        stub: Any = channelz_of(live)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetServers(channelz_pb2.GetServersRequest())
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_draining_lets_streams_say_goodbye_and_refuses_new_calls(
    live: Running, clip: Any
) -> None:
    refused = asyncio.Event()

    async def leave_when_told(requests: Any, context: Any) -> None:
        await context.write(analysis_pb2.StreamingAnalyzeResponse())
        await live.drain.started.wait()
        await refused.wait()
        going_away = analysis_pb2.GoingAway(reason="drain")
        await context.write(analysis_pb2.StreamingAnalyzeResponse(going_away=going_away))

    live.servicer.on_stream = leave_when_told
    await live.services.set_serving(SERVICE, serving=True)
    call = live.stub.StreamingAnalyze()
    await call.read()
    assert live.drain.call_count == 1
    draining = asyncio.create_task(live.drain.run(live.server, live.services, grace_s=30))
    await live.drain.started.wait()
    assert await health_of(live, SERVICE) == NOT_SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await live.stub.AnalyzeClip(clip)
    error = error_from_rpc(caught.value)
    assert error.code is ErrorCode.SERVER_DRAINING
    assert error.retry_after_s is not None
    refused.set()
    assert (await call.read()).going_away.reason == "drain"
    assert await call.read() is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK
    assert await draining
    assert live.drain.call_count == 0


async def test_a_stream_that_does_not_leave_is_cut_off(live: Running) -> None:
    async def stay(requests: Any, context: Any) -> None:
        await context.write(analysis_pb2.StreamingAnalyzeResponse())
        await asyncio.Event().wait()

    live.servicer.on_stream = stay
    call = live.stub.StreamingAnalyze()
    await call.read()
    assert not await live.drain.run(live.server, live.services, grace_s=0.05)
    with pytest.raises(grpc.aio.AioRpcError):
        await call.read()


def test_options_are_told_to_grpc_by_the_names_that_it_knows() -> None:
    options = dict(ServerOptions(keepalive_s=1.5, reuse_port=True).to_grpc())
    assert options["grpc.keepalive_time_ms"] == 1500
    assert options["grpc.so_reuseport"] == 1
    assert options["grpc.max_receive_message_length"] == 4 << 20
    assert options["grpc.compression_enabled_algorithms_bitset"] == 1


def test_options_must_be_positive() -> None:
    with pytest.raises(ValueError, match="max_message_bytes"):
        ServerOptions(max_message_bytes=0)
    with pytest.raises(ValueError, match="keepalive_s"):
        ServerOptions(keepalive_s=0.0)
