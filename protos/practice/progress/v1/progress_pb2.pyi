import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from practice.analysis.v1 import analysis_pb2 as _analysis_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Metric(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    METRIC_UNSPECIFIED: _ClassVar[Metric]
    METRIC_BPM: _ClassVar[Metric]
    METRIC_RAW_BPM: _ClassVar[Metric]
    METRIC_ACCURACY: _ClassVar[Metric]
    METRIC_TEMPO_ACCURACY: _ClassVar[Metric]
    METRIC_STEADINESS: _ClassVar[Metric]
    METRIC_DEVIATION_PERCENT: _ClassVar[Metric]
    METRIC_OFFSET_MS: _ClassVar[Metric]

class Bucket(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BUCKET_UNSPECIFIED: _ClassVar[Bucket]
    BUCKET_MINUTE: _ClassVar[Bucket]
    BUCKET_HOUR: _ClassVar[Bucket]
    BUCKET_DAY: _ClassVar[Bucket]
    BUCKET_WEEK: _ClassVar[Bucket]
    BUCKET_MONTH: _ClassVar[Bucket]
METRIC_UNSPECIFIED: Metric
METRIC_BPM: Metric
METRIC_RAW_BPM: Metric
METRIC_ACCURACY: Metric
METRIC_TEMPO_ACCURACY: Metric
METRIC_STEADINESS: Metric
METRIC_DEVIATION_PERCENT: Metric
METRIC_OFFSET_MS: Metric
BUCKET_UNSPECIFIED: Bucket
BUCKET_MINUTE: Bucket
BUCKET_HOUR: Bucket
BUCKET_DAY: Bucket
BUCKET_WEEK: Bucket
BUCKET_MONTH: Bucket

class Statistics(_message.Message):
    __slots__ = ("n", "mean", "min", "max", "standard_deviation")
    N_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    STANDARD_DEVIATION_FIELD_NUMBER: _ClassVar[int]
    n: int
    mean: float
    min: float
    max: float
    standard_deviation: float
    def __init__(self, n: _Optional[int] = ..., mean: _Optional[float] = ..., min: _Optional[float] = ..., max: _Optional[float] = ..., standard_deviation: _Optional[float] = ...) -> None: ...

class SeriesPoint(_message.Message):
    __slots__ = ("start_time", "statistics")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    statistics: Statistics
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., statistics: _Optional[_Union[Statistics, _Mapping]] = ...) -> None: ...

class WriteMetricsRequest(_message.Message):
    __slots__ = ("session_id", "stream_id", "stream_start_time", "sample_rate_hz", "windows", "beats", "summary", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_START_TIME_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    BEATS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    stream_id: str
    stream_start_time: _timestamp_pb2.Timestamp
    sample_rate_hz: int
    windows: _containers.RepeatedCompositeFieldContainer[_analysis_pb2.WindowResult]
    beats: _containers.RepeatedCompositeFieldContainer[_analysis_pb2.Beat]
    summary: _analysis_pb2.StreamSummary
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., stream_id: _Optional[str] = ..., stream_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sample_rate_hz: _Optional[int] = ..., windows: _Optional[_Iterable[_Union[_analysis_pb2.WindowResult, _Mapping]]] = ..., beats: _Optional[_Iterable[_Union[_analysis_pb2.Beat, _Mapping]]] = ..., summary: _Optional[_Union[_analysis_pb2.StreamSummary, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class WriteMetricsResponse(_message.Message):
    __slots__ = ("new_windows", "new_beats")
    NEW_WINDOWS_FIELD_NUMBER: _ClassVar[int]
    NEW_BEATS_FIELD_NUMBER: _ClassVar[int]
    new_windows: int
    new_beats: int
    def __init__(self, new_windows: _Optional[int] = ..., new_beats: _Optional[int] = ...) -> None: ...

class QueryTimeSeriesRequest(_message.Message):
    __slots__ = ("metric", "bucket", "start_time", "end_time", "user_id", "session_id", "piece_id", "time_zone")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PIECE_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    metric: Metric
    bucket: Bucket
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    user_id: str
    session_id: str
    piece_id: str
    time_zone: str
    def __init__(self, metric: _Optional[_Union[Metric, str]] = ..., bucket: _Optional[_Union[Bucket, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_id: _Optional[str] = ..., session_id: _Optional[str] = ..., piece_id: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class QueryTimeSeriesResponse(_message.Message):
    __slots__ = ("points", "total")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[SeriesPoint]
    total: Statistics
    def __init__(self, points: _Optional[_Iterable[_Union[SeriesPoint, _Mapping]]] = ..., total: _Optional[_Union[Statistics, _Mapping]] = ...) -> None: ...

class GetPieceProgressRequest(_message.Message):
    __slots__ = ("piece_id", "user_id", "start_time", "end_time", "time_zone")
    PIECE_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    piece_id: str
    user_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    time_zone: str
    def __init__(self, piece_id: _Optional[str] = ..., user_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., time_zone: _Optional[str] = ...) -> None: ...

class PieceDay(_message.Message):
    __slots__ = ("date", "held_bpm", "stream_count", "accuracy", "steadiness")
    DATE_FIELD_NUMBER: _ClassVar[int]
    HELD_BPM_FIELD_NUMBER: _ClassVar[int]
    STREAM_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_FIELD_NUMBER: _ClassVar[int]
    STEADINESS_FIELD_NUMBER: _ClassVar[int]
    date: str
    held_bpm: float
    stream_count: int
    accuracy: Statistics
    steadiness: Statistics
    def __init__(self, date: _Optional[str] = ..., held_bpm: _Optional[float] = ..., stream_count: _Optional[int] = ..., accuracy: _Optional[_Union[Statistics, _Mapping]] = ..., steadiness: _Optional[_Union[Statistics, _Mapping]] = ...) -> None: ...

class GetPieceProgressResponse(_message.Message):
    __slots__ = ("days",)
    DAYS_FIELD_NUMBER: _ClassVar[int]
    days: _containers.RepeatedCompositeFieldContainer[PieceDay]
    def __init__(self, days: _Optional[_Iterable[_Union[PieceDay, _Mapping]]] = ...) -> None: ...
