"""The quick check of audio says what protovalidate says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.serving import request_check
from analysis_engine.serving.limits import ServingConfig
from analysis_engine.serving.request_check import check_request
from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.validation import validate

LARGEST = 65_536
LIMITS = ServingConfig()
#: So large that only the contract's rules refuse anything.
ROOMY = ServingConfig(max_chunk_bytes=1 << 20, max_message_bytes=1 << 20)


def refusal(request: pb.StreamingAnalyzeRequest, limits: ServingConfig) -> str | None:
    try:
        check_request(request, limits)
    except PracticeError as error:
        return f"{error.code} {error.field} {error.message}"
    return None


def rules_refusal(request: pb.StreamingAnalyzeRequest) -> str | None:
    try:
        validate(request)
    except PracticeError as error:
        return f"{error.code} {error.field} {error.message}"
    return None


@given(
    byte_count=st.one_of(
        st.sampled_from([0, 1, LARGEST - 1, LARGEST, LARGEST + 1]), st.integers(0, 70_000)
    ),
    first_sample=st.one_of(
        st.none(),
        st.sampled_from([-1, 0, 1_400_000_000, 1_400_000_001]),
        st.integers(-(2**63), 2**63 - 1),
    ),
)
def test_audio_is_refused_exactly_when_the_contract_refuses_it(
    byte_count: int, first_sample: int | None
) -> None:
    chunk = pb.AudioChunk(data=bytes(byte_count), first_sample=first_sample)
    request = pb.StreamingAnalyzeRequest(audio=chunk)
    assert refusal(request, ROOMY) == rules_refusal(request)


@pytest.mark.parametrize(
    "request_",
    [
        pb.StreamingAnalyzeRequest(),
        pb.StreamingAnalyzeRequest(audio=pb.AudioChunk()),
        pb.StreamingAnalyzeRequest(control=pb.Control()),
        pb.StreamingAnalyzeRequest(control=pb.Control(set_target_bpm=5.0)),
        pb.StreamingAnalyzeRequest(config=pb.StreamConfig(sample_rate_hz=1)),
    ],
)
def test_everything_else_goes_to_the_rules(request_: pb.StreamingAnalyzeRequest) -> None:
    assert rules_refusal(request_) is not None
    assert refusal(request_, LIMITS) == rules_refusal(request_)


def test_a_large_chunk_is_refused_by_name() -> None:
    request = pb.StreamingAnalyzeRequest(audio=pb.AudioChunk(data=bytes(LARGEST + 1)))
    with pytest.raises(PracticeError) as refused:
        check_request(request, LIMITS)
    assert (refused.value.code, refused.value.field) == (ErrorCode.CHUNK_TOO_LARGE, "audio.data")


def test_rules_that_the_quick_check_does_not_know_are_not_passed_over() -> None:
    with pytest.raises(TypeError, match=r"AudioChunk\.data has rules that are not checked here"):
        request_check._range_of("data", "bytes", "min_len", "pattern")
