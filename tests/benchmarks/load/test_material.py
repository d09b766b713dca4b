from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from google.protobuf.proto import parse_length_prefixed

from benchmarks.load.ghz import AUDIO_S_OF_CALL, CONFIGS
from benchmarks.load.material import CLIP_S, FRAME_S, RATE_HZ, STREAM_S, Material
from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from pathlib import Path

RAMP = np.arange(6 * RATE_HZ, dtype=np.int16)


def test_frames_are_whole_and_lose_nothing() -> None:
    frames = [
        pb.StreamingAnalyzeRequest.FromString(message).audio.data
        for message in Material(RAMP).frames
    ]
    assert {len(frame) for frame in frames} == {round(2 * FRAME_S * RATE_HZ)}
    assert b"".join(frames) == RAMP.tobytes()


def test_the_music_sounds_and_lasts_half_a_minute() -> None:
    music = Material.music()
    assert len(music.frames) * FRAME_S == pytest.approx(31.2, abs=0.2)
    audio = b"".join(
        pb.StreamingAnalyzeRequest.FromString(message).audio.data for message in music.frames
    )
    assert np.abs(np.frombuffer(audio, "<i2").astype(int)).max() > 3000


def test_ghz_gets_delimited_messages(tmp_path: Path) -> None:
    Material(RAMP).write_ghz_payloads(tmp_path)
    stream = BytesIO((tmp_path / "streaming_analyze.bin").read_bytes())
    first = parse_length_prefixed(pb.StreamingAnalyzeRequest, stream)
    assert first is not None
    assert first.config.sample_rate_hz == RATE_HZ
    for _ in range(round(STREAM_S / FRAME_S)):
        message = parse_length_prefixed(pb.StreamingAnalyzeRequest, stream)
        assert message is not None
        assert message.HasField("audio")
    assert stream.read() == b""
    clip = parse_length_prefixed(
        pb.AnalyzeClipRequest, BytesIO((tmp_path / "analyze_clip.bin").read_bytes())
    )
    assert clip is not None
    assert len(clip.audio) == 2 * CLIP_S * RATE_HZ


@pytest.mark.parametrize("name", AUDIO_S_OF_CALL)
def test_configurations_call_methods_that_exist_a_hundred_at_once(name: str) -> None:
    config = json.loads((CONFIGS / f"{name}.json").read_text(encoding="utf-8"))
    service, method = config["call"].split("/")
    methods = pb.DESCRIPTOR.services_by_name["AnalysisService"].methods_by_name
    assert methods[method].full_name == f"{service}.{method}"
    assert config["binary-file"].endswith(f"/{name}.bin")
    assert config["concurrency"] >= 100
    assert config["duration"] == "30s"
    assert config["concurrency"] / config["connections"] <= 16  # the server's cap per connection
