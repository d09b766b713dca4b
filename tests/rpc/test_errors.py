"""The catalogue, its total table, and the details on the wire and back."""

from __future__ import annotations

import grpc
import pytest
from google.rpc import code_pb2, error_details_pb2, status_pb2

from practice.rpc.errors import ErrorCode, FieldViolation, PracticeError
from practice.rpc.status import BARE_STATUS, STATUS, error_from_status, error_to_status


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(ErrorCode)


def test_every_failing_status_has_a_code() -> None:
    assert set(BARE_STATUS) == set(grpc.StatusCode) - {grpc.StatusCode.OK}


def test_no_code_passes_for_success() -> None:
    assert grpc.StatusCode.OK not in STATUS.values()


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_survives_the_wire(code: ErrorCode) -> None:
    received = error_from_status(error_to_status(PracticeError(code, "Do better.")))
    assert (received.code, received.message) == (code, "Do better.")


def test_every_detail_survives_the_wire() -> None:
    sent = PracticeError(
        ErrorCode.PACE_EXCEEDED,
        "Slow down.",
        violations=(
            FieldViolation("config.hop_seconds", "is odd", "double.gte_lte"),
            FieldViolation("config.window_seconds", "is odder"),
        ),
        retry_after_s=1.25,
        limit="audio seconds per second",
        precondition="stream 7",
    )
    received = error_from_status(error_to_status(sent, request_id="abc"))
    assert received.violations == sent.violations
    assert received.field == "config.hop_seconds"
    assert received.retry_after_s == 1.25
    assert received.limit == sent.limit
    assert received.precondition == sent.precondition
    assert received.request_id == "abc"


def test_an_error_carries_only_the_details_that_it_has() -> None:
    status = error_to_status(PracticeError(ErrorCode.NOT_FOUND, "No such piece."))
    assert [detail.TypeName() for detail in status.details] == ["google.rpc.ErrorInfo"]
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (info.reason, info.domain) == ("NOT_FOUND", "practice")


@pytest.mark.parametrize("domain", ["practice", "elsewhere.example"])
def test_an_unknown_reason_falls_back_to_the_status(domain: str) -> None:
    status = status_pb2.Status(code=code_pb2.UNAVAILABLE, message="later")
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason="NEW_ONE", domain=domain))
    assert error_from_status(status).code is ErrorCode.SERVER_UNREACHABLE


def test_a_status_number_that_grpc_does_not_know_is_internal() -> None:
    assert error_from_status(status_pb2.Status(code=99)).code is ErrorCode.INTERNAL


def test_field_alone_becomes_a_violation() -> None:
    error = PracticeError(ErrorCode.FIELD_INVALID, "is too big", field="config.hop_seconds")
    assert error.violations == (FieldViolation("config.hop_seconds", "is too big"),)
