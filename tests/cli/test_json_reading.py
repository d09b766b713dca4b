"""Reading JSON is the other direction of writing it, and says which field does not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from practice.accounts.v1 import auth_pb2, users_pb2
from practice.analysis.v1 import analysis_pb2 as pb
from practice.json_format import message_to_dict, to_json_line
from practice.json_reading import read_into
from practice.rpc.errors import ErrorCode, PracticeError

MESSAGES = [
    pb.WindowResult(
        start_sample=2**40, state=pb.WINDOW_STATE_LOCKED, bpm=99.5, mood=pb.Mood(color="#F44336")
    ),
    pb.AnalyzeClipRequest(config=pb.StreamConfig(sample_rate_hz=8000), audio=bytes(range(256))),
    auth_pb2.RegisterRequest(
        email="a", student=users_pb2.StudentProfile(years_playing=3), consents=[{}, {}]
    ),
    users_pb2.UpdateMeRequest(
        user=users_pb2.User(birth_year=1990, create_time=Timestamp(seconds=1)),
        update_mask=FieldMask(paths=["birth_year", "student.years_playing"]),
    ),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.DESCRIPTOR.name)
def test_what_was_written_is_read_back(message: Any) -> None:
    text = to_json_line(message_to_dict(message))
    read = type(message)()
    read_into(read, json.loads(text))
    assert read == message


def test_in_a_url_numbers_are_text() -> None:
    request = users_pb2.ListUsersRequest()
    read_into(request, {"page_size": "7", "role": "ADMIN"}, is_text=True)
    assert request == users_pb2.ListUsersRequest(page_size=7, role=users_pb2.ROLE_ADMIN)
    with pytest.raises(PracticeError, match="page_size: must be a number"):
        read_into(request, {"page_size": "7"})


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"user": []}, "user"),
        ({"user": {"birth_year": 2**40}}, "user.birth_year"),
        ({"user": {"create_time": "yesterday"}}, "user.create_time"),
        ({"user": {"create_time": {}}}, "user.create_time"),
        ({"user": {"display_name": "\ud800"}}, "user.display_name"),
        ({"user": {"teacher": {"specialties": [1]}}}, "user.teacher.specialties[0]"),
        ({"update_mask": ["birth_year"]}, "update_mask"),
        ({"": 1}, ""),
    ],
)
def test_what_does_not_fit_is_named(value: Any, field: str) -> None:
    with pytest.raises(PracticeError) as raised:
        read_into(users_pb2.UpdateMeRequest(), value)
    assert (raised.value.code, raised.value.field or "") == (ErrorCode.FIELD_INVALID, field)
