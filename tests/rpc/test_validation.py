"""The rules in the .proto file really are enforced on google.protobuf messages."""

from __future__ import annotations

import math
from typing import Any

import pytest

from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.validation import validate


def config(**changed: Any) -> pb.StreamConfig:
    fields: dict[str, Any] = {"encoding": pb.AUDIO_ENCODING_LINEAR16, "sample_rate_hz": 48_000}
    return pb.StreamConfig(**(fields | changed))


def prior(count: int = 1, **tempo: float) -> pb.TempoPrior:
    return pb.TempoPrior(tempi=[pb.ExpectedTempo(**tempo)] * count)


GOOD = [
    pb.StreamingAnalyzeRequest(config=config()),
    pb.StreamingAnalyzeRequest(config=config(target_bpm=20, window_seconds=16, hop_seconds=0.1)),
    pb.StreamingAnalyzeRequest(config=config(tempo_prior=prior(bpm=20, weight=1e-3))),
    pb.StreamingAnalyzeRequest(audio=pb.AudioChunk(data=b"x" * 65_536, first_sample=0)),
    pb.StreamingAnalyzeRequest(control=pb.Control(set_target_bpm=0)),
    pb.StreamingAnalyzeRequest(control=pb.Control(finish=pb.Finish())),
    pb.AnalyzeClipRequest(config=config(), audio=b"xx"),
]

BAD = [
    (pb.StreamingAnalyzeRequest(), "payload"),
    (pb.StreamingAnalyzeRequest(config=config(encoding=0)), "config.encoding"),
    (pb.StreamingAnalyzeRequest(config=config(encoding=77)), "config.encoding"),
    (pb.StreamingAnalyzeRequest(config=config(sample_rate_hz=0)), "config.sample_rate_hz"),
    (pb.StreamingAnalyzeRequest(config=config(sample_rate_hz=96_001)), "config.sample_rate_hz"),
    (pb.StreamingAnalyzeRequest(config=config(channel_count=3)), "config.channel_count"),
    (pb.StreamingAnalyzeRequest(config=config(target_bpm=400.5)), "config.target_bpm"),
    (pb.StreamingAnalyzeRequest(config=config(target_bpm=math.nan)), "config.target_bpm"),
    (pb.StreamingAnalyzeRequest(config=config(hop_seconds=math.inf)), "config.hop_seconds"),
    (pb.StreamingAnalyzeRequest(config=config(stream_id="mine")), "config.stream_id"),
    (
        pb.StreamingAnalyzeRequest(config=config(tempo_prior=prior(bpm=19))),
        "config.tempo_prior.tempi.bpm",
    ),
    (
        pb.StreamingAnalyzeRequest(config=config(tempo_prior=prior(bpm=90, weight=0))),
        "config.tempo_prior.tempi.weight",
    ),
    (
        pb.StreamingAnalyzeRequest(config=config(tempo_prior=prior(bpm=90, weight=math.inf))),
        "config.tempo_prior.tempi.weight",
    ),
    (
        pb.StreamingAnalyzeRequest(config=config(tempo_prior=prior(bpm=90, spread_octaves=3))),
        "config.tempo_prior.tempi.spread_octaves",
    ),
    (
        pb.StreamingAnalyzeRequest(config=config(tempo_prior=prior(9, bpm=90))),
        "config.tempo_prior.tempi",
    ),
    (
        pb.StreamingAnalyzeRequest(config=config(tempo_prior=pb.TempoPrior())),
        "config.tempo_prior.tempi",
    ),
    (pb.StreamingAnalyzeRequest(audio=pb.AudioChunk()), "audio.data"),
    (pb.StreamingAnalyzeRequest(audio=pb.AudioChunk(data=b"x" * 65_537)), "audio.data"),
    (
        pb.StreamingAnalyzeRequest(audio=pb.AudioChunk(data=b"x", first_sample=-1)),
        "audio.first_sample",
    ),
    (pb.StreamingAnalyzeRequest(control=pb.Control()), "control.action"),
    (
        pb.StreamingAnalyzeRequest(control=pb.Control(set_target_bpm=19.9)),
        "control.set_target_bpm",
    ),
    (
        pb.StreamingAnalyzeRequest(control=pb.Control(set_target_bpm=math.nan)),
        "control.set_target_bpm",
    ),
    (pb.AnalyzeClipRequest(audio=b"xx"), "config"),
    (pb.AnalyzeClipRequest(config=config(), audio=b"x" * 3_145_729), "audio"),
]


@pytest.mark.parametrize("message", GOOD, ids=range(len(GOOD)))
def test_good_messages_pass(message: Any) -> None:
    validate(message)


@pytest.mark.parametrize(("message", "field"), BAD, ids=[field for _, field in BAD])
def test_bad_messages_are_named_by_field(message: Any, field: str) -> None:
    with pytest.raises(PracticeError) as caught:
        validate(message)
    assert caught.value.code is ErrorCode.FIELD_INVALID
    assert caught.value.field == field
    assert field in caught.value.message


def test_every_broken_rule_is_told() -> None:
    with pytest.raises(PracticeError) as caught:
        validate(pb.StreamingAnalyzeRequest(config=config(sample_rate_hz=1, hop_seconds=9)))
    fields = [violation.field for violation in caught.value.violations]
    assert fields == ["config.sample_rate_hz", "config.hop_seconds"]
    assert all(violation.rule for violation in caught.value.violations)
