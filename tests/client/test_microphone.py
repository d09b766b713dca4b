"""The microphone: a real capture device where CI has one, bounds and messages everywhere."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client import LiveStream, MicrophoneSource, Overflow
from practice_client import capture as capture_module
from practice_client.capture import MISSING_LIBRARY, CaptureError, _choose, open_capture

if TYPE_CHECKING:
    from practice_client.capture import OnBlock

# .ci/run plays a recording into ALSA's default device at this rate, 50 ms at a time.
DEVICE_RATE_HZ = 48_000
RECORDING_BPM = 96.0


@pytest.fixture
def device_rate_hz() -> int:
    """Rate of the capture device that .ci/run makes; without it the test is skipped."""
    if "PRACTICE_REQUIRE_MICROPHONE" not in os.environ:
        pytest.skip("PRACTICE_REQUIRE_MICROPHONE is not set: what a microphone hears is not known")
    return DEVICE_RATE_HZ


@pytest.mark.mic
async def test_the_microphone_gives_sound_on_its_own_clock(device_rate_hz: int) -> None:
    source = MicrophoneSource(sample_rate_hz=device_rate_hz, duration_s=2.0)
    assert source.name
    blocks = [block async for block in source.blocks()]
    await source.close()
    samples = np.frombuffer(b"".join(block.data for block in blocks), "<i2")
    assert samples.size == pytest.approx(2.0 * device_rate_hz, abs=0.1 * device_rate_hz)
    assert np.abs(samples).max() > 300, "the microphone gives silence"
    assert source.overrun_count == 0


@pytest.mark.mic
async def test_the_tempo_of_what_the_microphone_hears(
    server_address: str, device_rate_hz: int
) -> None:
    source = MicrophoneSource(sample_rate_hz=device_rate_hz, duration_s=12.0)
    config = pb.StreamConfig(
        encoding=source.encoding,
        sample_rate_hz=source.sample_rate_hz,
        channel_count=source.channel_count,
        target_bpm=RECORDING_BPM,
    )
    async with LiveStream(server_address, config, overflow=Overflow.DROP_OLDEST) as stream:
        stream.start_pump(source)
        results = [result async for result in stream]
    locked = [r for r in results if isinstance(r, pb.WindowResult) and r.HasField("bpm")]
    assert locked, "no tempo was found"
    assert locked[-1].bpm == pytest.approx(RECORDING_BPM, rel=0.02)


@pytest.mark.mic
@pytest.mark.usefixtures("device_rate_hz")
async def test_the_command_listens_for_as_long_as_it_was_told(server_address: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "practice.cli.main", "listen", "--seconds", "2", "--json",
        "--server", server_address, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdout, _ = await process.communicate()
    assert process.returncode == 0
    lines = [json.loads(line) for line in stdout.splitlines()]
    assert lines[-1]["summary"]["audio_seconds"] == pytest.approx(2.0, abs=0.1)


class ScriptedCapture:
    """A device whose blocks the test sends by hand; real ones are the tests above."""

    sample_rate_hz = 8_000
    device_name = "scripted"

    def __init__(self) -> None:
        self.on_block: OnBlock = lambda _data, _overflowed: None
        self.is_closed = False

    def start(self, on_block: OnBlock) -> None:
        self.on_block = on_block

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> ScriptedCapture:
    capture = ScriptedCapture()
    monkeypatch.setattr("practice_client.microphone.open_capture", lambda *_: capture)
    return capture


async def test_a_full_queue_drops_and_counts_and_tells_what_is_missing(
    scripted: ScriptedCapture,
) -> None:
    block = bytes(800)  # 50 ms
    source = MicrophoneSource(queue_s=0.1)  # two blocks
    reading = source.blocks()
    first = asyncio.ensure_future(anext(reading))
    await asyncio.sleep(0)
    for overflowed in (False, False, False, True):
        scripted.on_block(block, overflowed)
    assert (await first).missing_samples == 0
    assert source.overrun_count == 3  # two blocks had no room, and the device itself lost some
    assert (await anext(reading)).missing_samples == 0
    scripted.on_block(block, False)
    assert (await anext(reading)).missing_samples == 800
    await source.close()
    assert [left async for left in reading] == []
    assert scripted.is_closed


async def test_it_ends_after_the_wanted_time(scripted: ScriptedCapture) -> None:
    source = MicrophoneSource(duration_s=0.1)
    reading = source.blocks()
    first = asyncio.ensure_future(anext(reading))
    await asyncio.sleep(0)
    for _ in range(3):
        scripted.on_block(bytes(800), False)
    await first
    assert len([block async for block in reading]) == 1


def test_no_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_module, "_imported", lambda _name: None)
    with pytest.raises(CaptureError, match="mic") as caught:
        open_capture(None, None, 0.05)
    assert str(caught.value) == MISSING_LIBRARY


def test_an_unknown_device_names_the_known_ones() -> None:
    devices = [{"index": 3, "name": "USB Microphone"}]
    assert _choose("usb", devices) is devices[0]
    assert _choose("3", devices) is devices[0]
    with pytest.raises(CaptureError, match="3: USB Microphone"):
        _choose("banjo", devices)
