"""JSON rules: snake_case, bare enum values, numbers for int64, absent left out, never NaN."""

from __future__ import annotations

import json
import math

import pytest
from google.protobuf.duration_pb2 import Duration

from practice.analysis.v1 import analysis_pb2 as pb
from practice.json_format import enum_label, message_to_dict, to_json_line


def test_window_has_bare_enum_values_and_numbers_for_int64() -> None:
    window = pb.WindowResult(
        start_sample=2**40,
        end_sample=2**40 + 8,
        state=pb.WINDOW_STATE_LOCKED,
        bpm=99.5,
        level_dbfs=-20.0,
    )
    window.mood.expression = pb.EXPRESSION_ANGRY
    window.mood.color = "#F44336"
    value = message_to_dict(window)
    assert value["start_sample"] == 2**40
    assert value["state"] == "LOCKED"
    assert value["mood"] == {"expression": "ANGRY", "color": "#F44336", "animation": ""}
    assert json.loads(to_json_line(value)) == value


def test_absent_fields_are_left_out_and_plain_zeros_stay() -> None:
    value = message_to_dict(pb.WindowResult(state=pb.WINDOW_STATE_SILENT))
    assert "bpm" not in value
    assert "mood" not in value
    assert value["level_dbfs"] == 0.0
    assert value["beat_count"] == 0
    assert message_to_dict(pb.WindowResult(accuracy=0.0))["accuracy"] == 0.0


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_not_a_number_never_appears(number: float) -> None:
    value = message_to_dict(pb.WindowResult(bpm=number, level_dbfs=number))
    assert "bpm" not in value
    assert "level_dbfs" not in value
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json_line({"bpm": number})


def test_repeated_messages_and_unspecified_enums() -> None:
    summary = pb.StreamSummary(
        mood_seconds=[pb.MoodSeconds(expression=pb.EXPRESSION_HAPPY, seconds=2.5)]
    )
    assert message_to_dict(summary)["mood_seconds"] == [{"expression": "HAPPY", "seconds": 2.5}]
    assert message_to_dict(pb.BeatBatch()) == {"beats": []}
    assert "state" not in message_to_dict(pb.WindowResult())


def test_oneofs_show_only_the_chosen_member() -> None:
    assert message_to_dict(pb.StreamingAnalyzeRequest(control=pb.Control(pause=pb.Pause()))) == {
        "control": {"pause": {}}
    }


def test_bytes_are_base64_and_standard_types_keep_their_mapping() -> None:
    going_away = message_to_dict(pb.GoingAway(resume_token=b"\x00\xff", reason="drain"))
    assert going_away == {"resume_token": "AP8=", "reason": "drain"}
    assert message_to_dict(Duration(seconds=2)) == {"seconds": 2, "nanos": 0}


def test_enum_label_handles_camel_case_and_unknown_numbers() -> None:
    enum = pb.DESCRIPTOR.enum_types_by_name["AudioEncoding"]
    assert enum_label(enum, pb.AUDIO_ENCODING_LINEAR16) == "LINEAR16"
    assert enum_label(enum, 77) == "77"
