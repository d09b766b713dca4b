"""Several server processes on one port."""

from __future__ import annotations

import asyncio
import signal
import socket
from typing import TYPE_CHECKING

import grpc
import psutil
import pytest

from practice.rpc.errors import ErrorCode
from tests.gateway.processes import address_of, environment, run, start
from tests.serving.live import LiveClient, assert_error, clicks

if TYPE_CHECKING:
    from pathlib import Path

OWN_CONNECTION = (("grpc.use_local_subchannel_pool", 1),)


@pytest.mark.timeout(240)
async def test_processes_share_a_port_come_back_and_leave_politely(tmp_path: Path) -> None:
    env = environment(tmp_path, PRACTICE_PROCESSES="2", PRACTICE_MAX_LAG_SECONDS="60")
    group = await start("serve", "--grpc-port", "0", env=env)
    try:
        address = await address_of(group)
        workers = psutil.Process(group.pid).children()
        assert len(workers) == 2
        workers[0].kill()
        assert group.stderr is not None
        async with asyncio.timeout(100):
            while b"is started again" not in await group.stderr.readline():
                pass
        async with grpc.aio.insecure_channel(address, options=OWN_CONNECTION) as channel:
            call = LiveClient(channel).open()
            await call.ready()
            await call.audio(clicks(1.0))
            await call.read_until("ack")
            group.send_signal(signal.SIGTERM)
            await call.read_until("going_away")
            assert_error(await call.error(), ErrorCode.SERVER_DRAINING)
        out, err = await group.communicate()
    finally:
        if group.returncode is None:
            group.terminate()
            await group.communicate()
    assert group.returncode == 0
    assert out == b""
    assert b"Traceback" not in err
    assert not any(worker.is_running() for worker in workers)


async def test_a_port_in_use_is_told_in_a_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        env = environment(tmp_path, PRACTICE_PROCESSES="2")
        code, out, err = await run("serve", "--grpc-port", port, env=env)
    assert (code, out) == (1, "")
    assert "is in use" in err
    assert "Traceback" not in err
