"""Holding each message of a live stream against its size limit and the contract's rules.

protovalidate costs many times what it takes to parse a message. Audio comes ten times a second from
every stream and its rules are plain ranges, so it is held against the numbers that stand in the
.proto; all else, and audio that does not fit, goes to protovalidate, which words the refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buf.validate import validate_pb2
from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.validation import validate

if TYPE_CHECKING:
    from analysis_engine.serving.limits import ServingConfig


def check_request(request: pb.StreamingAnalyzeRequest, limits: ServingConfig) -> None:
    """Hold one message against its size limit and the contract's rules.

    Raises
    ------
    PracticeError
        CHUNK_TOO_LARGE or FIELD_INVALID.
    """
    is_audio = request.HasField("audio")
    byte_count = len(request.audio.data) if is_audio else 0
    if byte_count > limits.max_chunk_bytes:
        raise _too_large("audio.data", limits.max_chunk_bytes)
    if request.ByteSize() > limits.max_message_bytes:
        raise _too_large("payload", limits.max_message_bytes)
    if not (is_audio and _fits(request.audio, byte_count)):
        validate(request)


def _fits(chunk: pb.AudioChunk, byte_count: int) -> bool:
    return byte_count in _BYTE_COUNTS and (
        not chunk.HasField("first_sample") or chunk.first_sample in _FIRST_SAMPLES
    )


def _too_large(field: str, limit_bytes: int) -> PracticeError:
    return PracticeError(
        ErrorCode.CHUNK_TOO_LARGE,
        f"{field} may hold at most {limit_bytes} bytes; send shorter chunks.",
        field=field,
    )


def _range_of(field: str, kind: str, lowest: str, highest: str) -> range:
    """Return the range that the .proto allows a field of AudioChunk.

    Raises
    ------
    TypeError
        When the .proto has other rules for it than these two.
    """
    options: Any = pb.AudioChunk.DESCRIPTOR.fields_by_name[field].GetOptions()
    rules = options.Extensions[validate_pb2.field]
    bounds = getattr(rules, kind)
    found = [item.name for part in (rules, bounds) for item, _ in part.ListFields()]
    if sorted(found) != sorted((kind, lowest, highest)):
        raise TypeError(f"AudioChunk.{field} has rules that are not checked here: {found}")
    return range(getattr(bounds, lowest), getattr(bounds, highest) + 1)


_BYTE_COUNTS: Final = _range_of("data", "bytes", "min_len", "max_len")
_FIRST_SAMPLES: Final = _range_of("first_sample", "int64", "gte", "lte")
