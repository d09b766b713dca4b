"""The wire and the domain say the same, and never a number that JSON could not carry."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.config import Encoding, ExpectedTempo, StreamConfig, Strictness
from analysis_engine.results import (
    Beat,
    EventKind,
    Expression,
    Mood,
    StreamEvent,
    StreamSummary,
    WindowResult,
    WindowState,
)
from analysis_engine.serving import codec
from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

MINIMAL = pb.StreamConfig(encoding=pb.AUDIO_ENCODING_LINEAR16, sample_rate_hz=44_100)
ANY_FLOAT = st.floats(width=64)
MAYBE_FLOAT = st.none() | ANY_FLOAT


def test_absent_fields_take_the_contracts_defaults() -> None:
    assert codec.to_stream_config(MINIMAL) == StreamConfig(
        encoding=Encoding.LINEAR16,
        sample_rate_hz=44_100,
        channel_count=1,
        target_bpm=None,
        beats_per_bar=0,
        allow_dotted_levels=False,
        window_s=4.0,
        hop_s=0.5,
        strictness=Strictness.NORMAL,
        input_latency_s=0.0,
    )


def test_every_field_arrives() -> None:
    config = codec.to_stream_config(
        pb.StreamConfig(
            encoding=pb.AUDIO_ENCODING_MULAW,
            sample_rate_hz=8_000,
            channel_count=2,
            target_bpm=96.0,
            beats_per_bar=3,
            allow_dotted_levels=True,
            window_seconds=8.0,
            hop_seconds=0.25,
            strictness=pb.STRICTNESS_STRICT,
            input_latency_seconds=0.03,
            tempo_prior=pb.TempoPrior(
                tempi=[
                    pb.ExpectedTempo(bpm=84.0),
                    pb.ExpectedTempo(bpm=90.0, weight=2.0, spread_octaves=0.1),
                ]
            ),
        )
    )
    earlier = (ExpectedTempo(84.0, 1.0, 0.2), ExpectedTempo(90.0, 2.0, 0.1))
    assert config == StreamConfig(
        Encoding.MULAW, 8_000, 2, 96.0, 3, True, 8.0, 0.25, Strictness.STRICT, 0.03, earlier
    )


def test_the_effective_config_tells_how_much_each_earlier_tempo_weighs() -> None:
    asked = pb.StreamConfig(tempo_prior=pb.TempoPrior(tempi=[pb.ExpectedTempo(bpm=84.0)]))
    asked.MergeFrom(MINIMAL)
    effective = codec.effective_config(asked, codec.to_stream_config(asked), "some-id")
    assert list(effective.tempo_prior.tempi) == [
        pb.ExpectedTempo(bpm=84.0, weight=1.0, spread_octaves=0.2)
    ]


@pytest.mark.parametrize("encoding", [pb.AUDIO_ENCODING_UNSPECIFIED, 99])
def test_an_unknown_encoding_is_named(encoding: pb.AudioEncoding) -> None:
    with pytest.raises(ValueError, match="encoding"):
        codec.to_stream_config(pb.StreamConfig(encoding=encoding, sample_rate_hz=44_100))


def test_a_rate_outside_the_range_is_named() -> None:
    with pytest.raises(ValueError, match="sample_rate_hz"):
        codec.to_stream_config(
            pb.StreamConfig(encoding=pb.AUDIO_ENCODING_LINEAR16, sample_rate_hz=7_999)
        )


def test_the_effective_config_fills_in_defaults_and_hides_the_token() -> None:
    asked = pb.StreamConfig()
    asked.CopyFrom(MINIMAL)
    asked.resume_token = b"secret"
    effective = codec.effective_config(asked, codec.to_stream_config(asked), "some-id")
    assert effective == pb.StreamConfig(
        encoding=pb.AUDIO_ENCODING_LINEAR16,
        sample_rate_hz=44_100,
        channel_count=1,
        window_seconds=4.0,
        hop_seconds=0.5,
        strictness=pb.STRICTNESS_NORMAL,
        pace=pb.PACE_REAL_TIME,
        stream_id="some-id",
    )


def test_the_effective_config_tells_the_newest_target() -> None:
    asked = pb.StreamConfig(target_bpm=100.0)
    asked.MergeFrom(MINIMAL)
    now = dataclasses.replace(codec.to_stream_config(asked), target_bpm=80.0)
    assert codec.effective_config(asked, now, "some-id").target_bpm == 80.0
    cleared = dataclasses.replace(now, target_bpm=None)
    assert not codec.effective_config(asked, cleared, "some-id").HasField("target_bpm")


def test_a_full_window_arrives_field_by_field() -> None:
    window = WindowResult(
        start_sample=10,
        end_sample=20,
        state=WindowState.LOCKED,
        level_dbfs=-18.5,
        beat_count=7,
        bpm=96.0,
        raw_bpm=48.0,
        metrical_ratio=0.5,
        confidence=0.9,
        accuracy=91.0,
        tempo_accuracy=92.0,
        steadiness=93.0,
        deviation_percent=-4.0,
        drift_bpm_per_minute=1.5,
        mood=Mood(Expression.HAPPY, "#4CAF50", "bounce"),
    )
    message = codec.window_to_pb(window, dropped_windows=3)
    assert message.state == pb.WINDOW_STATE_LOCKED
    assert message.mood == pb.Mood(
        expression=pb.EXPRESSION_HAPPY, color="#4CAF50", animation="bounce"
    )
    assert message.dropped_windows == 3
    for name in dataclasses.asdict(window).keys() - {"state", "mood"}:
        assert getattr(message, name) == getattr(window, name), name


def test_what_is_not_known_is_absent() -> None:
    message = codec.window_to_pb(WindowResult(0, 10, WindowState.SILENT, -90.0, 0))
    optional = {
        field.name
        for field in message.DESCRIPTOR.fields
        if field.has_presence and message.HasField(field.name)
    }
    assert optional == set()


@pytest.mark.parametrize(
    ("domain", "to_wire"),
    [
        (WindowState, lambda item: codec.window_to_pb(WindowResult(0, 1, item, 0.0, 0)).state),
        (Expression, lambda item: codec.mood_to_pb(Mood(item, "", "")).expression),
        (EventKind, lambda item: codec.event_to_pb(StreamEvent(0, item)).kind),
    ],
)
def test_every_enum_value_has_its_own_name_on_the_wire(
    domain: type[Enum], to_wire: Callable[[Any], int]
) -> None:
    wire = [to_wire(item) for item in domain]
    assert 0 not in wire
    assert len(set(wire)) == len(domain)


@given(MAYBE_FLOAT, ANY_FLOAT, ANY_FLOAT)
def test_no_number_of_a_window_or_beat_is_ever_unfit_to_send(
    optional: float | None, level: float, confidence: float
) -> None:
    window = codec.window_to_pb(
        WindowResult(
            0, 10, WindowState.LOCKED, level, 1, optional, optional, optional, optional, optional
        )
    )
    beat = codec.beat_to_pb(Beat(0, 1, False, 0, confidence, confidence, 5, optional))
    for message in (window, beat):
        for _, value in message.ListFields():
            assert not isinstance(value, float) or math.isfinite(value)
    is_known = optional is not None and math.isfinite(optional)
    assert window.HasField("bpm") == is_known
    assert beat.HasField("offset_ms") == is_known


@given(MAYBE_FLOAT, ANY_FLOAT)
def test_no_number_of_a_summary_is_ever_unfit_to_send(
    optional: float | None, number: float
) -> None:
    message = codec.summary_to_pb(
        StreamSummary(
            audio_s=number,
            active_s=number,
            locked_s=number,
            coverage=number,
            beat_count=3,
            median_bpm=optional,
            held_bpm=optional,
            accuracy=optional,
            timing_sd_ms=optional,
            onset_noise_ms=optional,
            swing_ratio=optional,
            drift_bpm_per_minute=optional,
            mood_s={Expression.ANGRY: number},
            meditation_s=number,
        )
    )
    for field, value in message.ListFields():
        assert field.name in {"beat_count", "mood_seconds"} or math.isfinite(value)
    assert math.isfinite(message.mood_seconds[0].seconds)


def test_a_beat_told_twice_keeps_its_index_and_order() -> None:
    told = Beat(4, 100, True, 1, 0.5, 0.6, 90, next_beat_sample=200)
    final = Beat(4, 100, False, 1, 0.7, 0.8, 110, 1.5, 101, 200, True)
    first, second = codec.beats_to_pb([told, final]).beats
    assert (first.beat_index, first.predicted, first.final) == (4, True, False)
    assert not first.HasField("offset_ms")
    assert (second.offset_ms, second.onset_sample, second.final) == (1.5, 101, True)
