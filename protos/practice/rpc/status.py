"""Errors on the wire: the one total table of status codes, and google.rpc details both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from practice.rpc.errors import ERROR_DOMAIN, ErrorCode, FieldViolation, PracticeError
from practice.rpc.metadata import STATUS_DETAILS

if TYPE_CHECKING:
    from google.protobuf.message import Message

STATUS: Final[dict[ErrorCode, grpc.StatusCode]] = {
    ErrorCode.MALFORMED_REQUEST: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorCode.FIELD_INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorCode.REQUEST_TOO_LARGE: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorCode.METHOD_UNKNOWN: grpc.StatusCode.UNIMPLEMENTED,
    ErrorCode.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    ErrorCode.TOKEN_INVALID: grpc.StatusCode.UNAUTHENTICATED,
    ErrorCode.TOKEN_EXPIRED: grpc.StatusCode.UNAUTHENTICATED,
    ErrorCode.LOGIN_FAILED: grpc.StatusCode.UNAUTHENTICATED,
    ErrorCode.LOGIN_ENDED: grpc.StatusCode.UNAUTHENTICATED,
    ErrorCode.ACCOUNT_DEACTIVATED: grpc.StatusCode.PERMISSION_DENIED,
    ErrorCode.PERMISSION_DENIED: grpc.StatusCode.PERMISSION_DENIED,
    ErrorCode.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorCode.ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    ErrorCode.PRECONDITION_FAILED: grpc.StatusCode.FAILED_PRECONDITION,
    ErrorCode.ETAG_STALE: grpc.StatusCode.ABORTED,
    ErrorCode.CONFIG_MISSING: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorCode.CONFIG_REPEATED: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorCode.PARTIAL_SAMPLE: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorCode.CHUNK_TOO_LARGE: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorCode.CLIP_TOO_LONG: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorCode.PACE_EXCEEDED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorCode.STREAM_IDLE: grpc.StatusCode.DEADLINE_EXCEEDED,
    ErrorCode.STREAM_TOO_LONG: grpc.StatusCode.OUT_OF_RANGE,
    ErrorCode.STREAM_TAKEN_OVER: grpc.StatusCode.ABORTED,
    ErrorCode.STREAM_NOT_YOURS: grpc.StatusCode.PERMISSION_DENIED,
    ErrorCode.STREAM_NOT_RESUMABLE: grpc.StatusCode.FAILED_PRECONDITION,
    ErrorCode.RESUME_TOKEN_WRONG: grpc.StatusCode.PERMISSION_DENIED,
    ErrorCode.READER_TOO_SLOW: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorCode.RATE_LIMITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorCode.SERVER_FULL: grpc.StatusCode.UNAVAILABLE,
    ErrorCode.SERVER_DRAINING: grpc.StatusCode.UNAVAILABLE,
    ErrorCode.STORE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    ErrorCode.SERVER_UNREACHABLE: grpc.StatusCode.UNAVAILABLE,
    ErrorCode.DEADLINE_EXCEEDED: grpc.StatusCode.DEADLINE_EXCEEDED,
    ErrorCode.CANCELLED: grpc.StatusCode.CANCELLED,
    ErrorCode.DATA_LOST: grpc.StatusCode.DATA_LOSS,
    ErrorCode.INTERNAL: grpc.StatusCode.INTERNAL,
}

# What a status means when it comes without details: from a proxy, or from grpc itself.
BARE_STATUS: Final[dict[grpc.StatusCode, ErrorCode]] = {
    grpc.StatusCode.CANCELLED: ErrorCode.CANCELLED,
    grpc.StatusCode.UNKNOWN: ErrorCode.INTERNAL,
    grpc.StatusCode.INVALID_ARGUMENT: ErrorCode.MALFORMED_REQUEST,
    grpc.StatusCode.DEADLINE_EXCEEDED: ErrorCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.NOT_FOUND: ErrorCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS: ErrorCode.ALREADY_EXISTS,
    grpc.StatusCode.PERMISSION_DENIED: ErrorCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED: ErrorCode.UNAUTHENTICATED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ErrorCode.RATE_LIMITED,
    grpc.StatusCode.FAILED_PRECONDITION: ErrorCode.PRECONDITION_FAILED,
    grpc.StatusCode.ABORTED: ErrorCode.ETAG_STALE,
    grpc.StatusCode.OUT_OF_RANGE: ErrorCode.STREAM_TOO_LONG,
    grpc.StatusCode.UNIMPLEMENTED: ErrorCode.METHOD_UNKNOWN,
    grpc.StatusCode.INTERNAL: ErrorCode.INTERNAL,
    grpc.StatusCode.UNAVAILABLE: ErrorCode.SERVER_UNREACHABLE,
    grpc.StatusCode.DATA_LOSS: ErrorCode.DATA_LOST,
}


def error_to_status(error: PracticeError, request_id: str | None = None) -> status_pb2.Status:
    """Encode an error as google.rpc.Status with the details that its kind asks for.

    ErrorInfo always; BadRequest for fields, QuotaFailure for a limit, RetryInfo for a wait,
    PreconditionFailure for a state, RequestInfo for the correlation id.
    """
    status = status_pb2.Status(code=STATUS[error.code].value[0], message=error.message)
    for detail in _details(error, request_id or error.request_id):
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def _details(error: PracticeError, request_id: str | None) -> list[Message]:
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=error.code.value, domain=ERROR_DOMAIN)
    ]
    if error.violations:
        details.append(_bad_request(error.violations))
    if error.limit is not None:
        quota = error_details_pb2.QuotaFailure()
        quota.violations.add(subject=error.limit, description=error.message)
        details.append(quota)
    if error.retry_after_s is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMicroseconds(round(error.retry_after_s * 1e6))
        details.append(retry)
    if error.precondition is not None:
        failure = error_details_pb2.PreconditionFailure()
        failure.violations.add(
            type=error.code.value, subject=error.precondition, description=error.message
        )
        details.append(failure)
    if request_id is not None:
        details.append(error_details_pb2.RequestInfo(request_id=request_id))
    return details


def _bad_request(violations: tuple[FieldViolation, ...]) -> error_details_pb2.BadRequest:
    bad_request = error_details_pb2.BadRequest()
    for violation in violations:
        bad_request.field_violations.add(
            field=violation.field, description=violation.description, reason=violation.rule
        )
    return bad_request


def error_from_status(status: status_pb2.Status) -> PracticeError:
    """Decode what `error_to_status` wrote; without ErrorInfo the status code decides the reason."""
    error = PracticeError(_code_of(status), status.message or "The server gave no reason.")
    for packed in status.details:
        _take_detail(error, packed)
    return error


def _code_of(status: status_pb2.Status) -> ErrorCode:
    info = error_details_pb2.ErrorInfo()
    for packed in status.details:
        if (
            packed.Unpack(info)
            and info.domain == ERROR_DOMAIN
            and info.reason in ErrorCode.__members__
        ):
            return ErrorCode[info.reason]
    return BARE_STATUS[_STATUS_OF_NUMBER.get(status.code, grpc.StatusCode.UNKNOWN)]


def _take_detail(error: PracticeError, packed: any_pb2.Any) -> None:
    if packed.Unpack(bad_request := error_details_pb2.BadRequest()):
        error.violations = tuple(
            FieldViolation(item.field, item.description, item.reason)
            for item in bad_request.field_violations
        )
    elif packed.Unpack(quota := error_details_pb2.QuotaFailure()) and quota.violations:
        error.limit = quota.violations[0].subject
    elif packed.Unpack(retry := error_details_pb2.RetryInfo()):
        error.retry_after_s = retry.retry_delay.ToMicroseconds() / 1e6
    elif packed.Unpack(failure := error_details_pb2.PreconditionFailure()) and failure.violations:
        error.precondition = failure.violations[0].subject
    elif packed.Unpack(request := error_details_pb2.RequestInfo()):
        error.request_id = request.request_id


def error_from_rpc(failure: grpc.RpcError) -> PracticeError:
    """Turn what a call raised, sync or aio, into the error that the server meant.

    A status without this project's details (no connection, a proxy, grpc's own limits) gets the
    nearest reason of the catalogue; its text is kept.
    """
    trailing: Any = failure.trailing_metadata() or ()  # pairs, whatever the stubs call them
    for key, value in trailing:
        if key == STATUS_DETAILS:
            return error_from_status(status_pb2.Status.FromString(value))
    code: grpc.StatusCode = failure.code()
    return error_from_status(status_pb2.Status(code=code.value[0], message=failure.details() or ""))


_STATUS_OF_NUMBER: Final = {code.value[0]: code for code in grpc.StatusCode}
