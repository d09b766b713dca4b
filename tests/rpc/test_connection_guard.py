"""Connections that only fail are cut, by a real server; others are left alone."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from practice.analysis.v1 import analysis_pb2
from practice.rpc.connection_guard import ConnectionGuard, GuardLimits
from practice.rpc.cutting import cut_connection
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.origins import Origins, networks

if TYPE_CHECKING:
    from tests.rpc.harness import Running

PEER = "ipv4:127.0.0.1:40000"
TRUSTING = Origins(networks("10.0.0.0/8"))


class CallOf:
    """What the guard looks at of a call's context."""

    def __init__(self, peer: str = PEER, metadata: tuple[tuple[str, str], ...] = ()) -> None:
        self._peer = peer
        self._metadata = metadata

    def peer(self) -> str:
        return self._peer

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._metadata


class Guarded:
    """A guard with a clock that the test holds, and a list of those it cut."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.cut: list[str] = []
        limits = GuardLimits(failure_burst=3.0, failures_per_s=1.0)
        self.guard = ConnectionGuard(limits, TRUSTING, self._cut, lambda: self.now_s)

    def _cut(self, peer: str) -> bool:
        self.cut.append(peer)
        return True

    async def call(self, error: BaseException | None, peer: str = PEER) -> None:
        async def proceed() -> None:
            if error is not None:
                raise error

        context: Any = CallOf(peer)
        with contextlib.suppress(PracticeError, asyncio.CancelledError):
            await self.guard.around(proceed, None, context, "/a.B/C")
        await asyncio.gather(*self.guard._cutting)


BAD = PracticeError(ErrorCode.FIELD_INVALID, "No.")
RESET = asyncio.CancelledError()


@pytest.mark.parametrize("error", [BAD, RESET, PracticeError(ErrorCode.RATE_LIMITED, "Wait.")])
async def test_who_only_fails_is_cut(error: BaseException) -> None:
    guarded = Guarded()
    for _ in range(3):
        await guarded.call(error)
    assert guarded.cut == []
    await guarded.call(error)
    assert guarded.cut == [PEER]


@pytest.mark.parametrize(
    "error",
    [
        None,
        PracticeError(ErrorCode.SERVER_FULL, "Full."),
        PracticeError(ErrorCode.NOT_FOUND, "Nothing."),
        PracticeError(ErrorCode.UNAUTHENTICATED, "Who?"),
    ],
)
async def test_what_is_no_abuse_does_not_count(error: BaseException | None) -> None:
    guarded = Guarded()
    for _ in range(50):
        await guarded.call(error)
    assert guarded.cut == []


async def test_a_failure_now_and_then_is_forgotten() -> None:
    guarded = Guarded()
    for _ in range(50):
        await guarded.call(BAD)
        guarded.now_s += 1.0
    assert guarded.cut == []


async def test_each_connection_has_its_own_count() -> None:
    guarded = Guarded()
    for port in range(50):
        await guarded.call(BAD, f"ipv4:127.0.0.1:{port}")
    assert guarded.cut == []


@pytest.mark.parametrize("peer", ["ipv4:10.1.2.3:40000", "unix:"])
async def test_a_proxys_connection_is_never_cut(peer: str) -> None:
    guarded = Guarded()
    for _ in range(50):
        await guarded.call(BAD, peer)
    assert guarded.cut == []


@pytest.mark.parametrize(("byte_count", "is_refused"), [(16_380, False), (16_381, True)])
async def test_too_much_metadata_is_refused(byte_count: int, is_refused: bool) -> None:
    async def proceed() -> str:
        return "answer"

    context: Any = CallOf(metadata=(("name", "x" * byte_count),))
    call = ConnectionGuard(GuardLimits(), TRUSTING).around(proceed, None, context, "/a.B/C")
    if is_refused:
        with pytest.raises(PracticeError) as refusal:
            await call
        assert refusal.value.code is ErrorCode.RATE_LIMITED
    else:
        assert await call == "answer"


async def test_a_cut_connection_is_gone_and_the_server_is_not(live: Running, clip: Any) -> None:
    peers: list[str] = []

    async def hold(requests: Any, context: Any) -> None:
        peers.append(context.peer())
        await context.write(analysis_pb2.StreamingAnalyzeResponse())
        await asyncio.Event().wait()

    live.servicer.on_stream = hold
    call = live.stub.StreamingAnalyze()
    await call.read()
    assert cut_connection(peers[0])
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call.read()
    assert failure.value.code() is grpc.StatusCode.UNAVAILABLE
    assert await live.stub.AnalyzeClip(clip) is not None
    assert not cut_connection(peers[0])


@pytest.mark.parametrize("peer", ["unix:", "ipv6:%5B::1%5D:1", "nonsense"])
def test_a_connection_that_is_not_there_is_not_cut(peer: str) -> None:
    assert not cut_connection(peer)
