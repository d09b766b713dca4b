import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SessionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_STATE_UNSPECIFIED: _ClassVar[SessionState]
    SESSION_STATE_ACTIVE: _ClassVar[SessionState]
    SESSION_STATE_PAUSED: _ClassVar[SessionState]
    SESSION_STATE_FINISHED: _ClassVar[SessionState]

class PracticeMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRACTICE_MODE_UNSPECIFIED: _ClassVar[PracticeMode]
    PRACTICE_MODE_NORMAL: _ClassVar[PracticeMode]
    PRACTICE_MODE_SLOW_PRACTICE: _ClassVar[PracticeMode]
    PRACTICE_MODE_PERFORMANCE: _ClassVar[PracticeMode]

class SessionEventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_EVENT_KIND_UNSPECIFIED: _ClassVar[SessionEventKind]
    SESSION_EVENT_KIND_STARTED: _ClassVar[SessionEventKind]
    SESSION_EVENT_KIND_PAUSED: _ClassVar[SessionEventKind]
    SESSION_EVENT_KIND_RESUMED: _ClassVar[SessionEventKind]
    SESSION_EVENT_KIND_FINISHED: _ClassVar[SessionEventKind]
    SESSION_EVENT_KIND_UPDATED: _ClassVar[SessionEventKind]
    SESSION_EVENT_KIND_CLICKED: _ClassVar[SessionEventKind]
    SESSION_EVENT_KIND_DELETED: _ClassVar[SessionEventKind]
    SESSION_EVENT_KIND_UNDELETED: _ClassVar[SessionEventKind]
SESSION_STATE_UNSPECIFIED: SessionState
SESSION_STATE_ACTIVE: SessionState
SESSION_STATE_PAUSED: SessionState
SESSION_STATE_FINISHED: SessionState
PRACTICE_MODE_UNSPECIFIED: PracticeMode
PRACTICE_MODE_NORMAL: PracticeMode
PRACTICE_MODE_SLOW_PRACTICE: PracticeMode
PRACTICE_MODE_PERFORMANCE: PracticeMode
SESSION_EVENT_KIND_UNSPECIFIED: SessionEventKind
SESSION_EVENT_KIND_STARTED: SessionEventKind
SESSION_EVENT_KIND_PAUSED: SessionEventKind
SESSION_EVENT_KIND_RESUMED: SessionEventKind
SESSION_EVENT_KIND_FINISHED: SessionEventKind
SESSION_EVENT_KIND_UPDATED: SessionEventKind
SESSION_EVENT_KIND_CLICKED: SessionEventKind
SESSION_EVENT_KIND_DELETED: SessionEventKind
SESSION_EVENT_KIND_UNDELETED: SessionEventKind

class ActiveInterval(_message.Message):
    __slots__ = ("start_time", "end_time")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("session_id", "student_id", "state", "focus", "piece_id", "tag_ids", "target_bpm", "mode", "self_rating", "note", "start_time", "finish_time", "active_intervals", "active_duration", "etag", "create_time", "update_time", "delete_time")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STUDENT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FOCUS_FIELD_NUMBER: _ClassVar[int]
    PIECE_ID_FIELD_NUMBER: _ClassVar[int]
    TAG_IDS_FIELD_NUMBER: _ClassVar[int]
    TARGET_BPM_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SELF_RATING_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_INTERVALS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_DURATION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DELETE_TIME_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    student_id: str
    state: SessionState
    focus: str
    piece_id: str
    tag_ids: _containers.RepeatedScalarFieldContainer[str]
    target_bpm: float
    mode: PracticeMode
    self_rating: int
    note: str
    start_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    active_intervals: _containers.RepeatedCompositeFieldContainer[ActiveInterval]
    active_duration: _duration_pb2.Duration
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    delete_time: _timestamp_pb2.Timestamp
    def __init__(self, session_id: _Optional[str] = ..., student_id: _Optional[str] = ..., state: _Optional[_Union[SessionState, str]] = ..., focus: _Optional[str] = ..., piece_id: _Optional[str] = ..., tag_ids: _Optional[_Iterable[str]] = ..., target_bpm: _Optional[float] = ..., mode: _Optional[_Union[PracticeMode, str]] = ..., self_rating: _Optional[int] = ..., note: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., active_intervals: _Optional[_Iterable[_Union[ActiveInterval, _Mapping]]] = ..., active_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., delete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SegmentClicks(_message.Message):
    __slots__ = ("segment_id", "clicks", "last_click_time")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLICKS_FIELD_NUMBER: _ClassVar[int]
    LAST_CLICK_TIME_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    clicks: int
    last_click_time: _timestamp_pb2.Timestamp
    def __init__(self, segment_id: _Optional[str] = ..., clicks: _Optional[int] = ..., last_click_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class HeatmapSegment(_message.Message):
    __slots__ = ("segment_id", "name", "clicks", "intensity", "color", "last_click_time", "error", "measured_windows")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CLICKS_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    LAST_CLICK_TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    MEASURED_WINDOWS_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    name: str
    clicks: int
    intensity: float
    color: str
    last_click_time: _timestamp_pb2.Timestamp
    error: float
    measured_windows: int
    def __init__(self, segment_id: _Optional[str] = ..., name: _Optional[str] = ..., clicks: _Optional[int] = ..., intensity: _Optional[float] = ..., color: _Optional[str] = ..., last_click_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error: _Optional[float] = ..., measured_windows: _Optional[int] = ...) -> None: ...

class SessionEvent(_message.Message):
    __slots__ = ("event_id", "session_id", "sequence", "kind", "event_time", "record_time", "session", "update_mask", "segment_clicks")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_CLICKS_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    session_id: str
    sequence: int
    kind: SessionEventKind
    event_time: _timestamp_pb2.Timestamp
    record_time: _timestamp_pb2.Timestamp
    session: Session
    update_mask: _field_mask_pb2.FieldMask
    segment_clicks: _containers.RepeatedCompositeFieldContainer[SegmentClicks]
    def __init__(self, event_id: _Optional[str] = ..., session_id: _Optional[str] = ..., sequence: _Optional[int] = ..., kind: _Optional[_Union[SessionEventKind, str]] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., session: _Optional[_Union[Session, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., segment_clicks: _Optional[_Iterable[_Union[SegmentClicks, _Mapping]]] = ...) -> None: ...

class StartSessionRequest(_message.Message):
    __slots__ = ("session_id", "focus", "piece_id", "tag_ids", "target_bpm", "mode", "start_time", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FOCUS_FIELD_NUMBER: _ClassVar[int]
    PIECE_ID_FIELD_NUMBER: _ClassVar[int]
    TAG_IDS_FIELD_NUMBER: _ClassVar[int]
    TARGET_BPM_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    focus: str
    piece_id: str
    tag_ids: _containers.RepeatedScalarFieldContainer[str]
    target_bpm: float
    mode: PracticeMode
    start_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., focus: _Optional[str] = ..., piece_id: _Optional[str] = ..., tag_ids: _Optional[_Iterable[str]] = ..., target_bpm: _Optional[float] = ..., mode: _Optional[_Union[PracticeMode, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class StartSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class PauseSessionRequest(_message.Message):
    __slots__ = ("session_id", "pause_time", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PAUSE_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    pause_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., pause_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class PauseSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class ResumeSessionRequest(_message.Message):
    __slots__ = ("session_id", "resume_time", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    RESUME_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    resume_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., resume_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ResumeSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class FinishSessionRequest(_message.Message):
    __slots__ = ("session_id", "self_rating", "note", "finish_time", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SELF_RATING_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    self_rating: int
    note: str
    finish_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., self_rating: _Optional[int] = ..., note: _Optional[str] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class FinishSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class GetSessionRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class GetSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "student_id", "piece_id", "mode", "state", "start_time_from", "start_time_before", "show_deleted")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STUDENT_ID_FIELD_NUMBER: _ClassVar[int]
    PIECE_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FROM_FIELD_NUMBER: _ClassVar[int]
    START_TIME_BEFORE_FIELD_NUMBER: _ClassVar[int]
    SHOW_DELETED_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    student_id: str
    piece_id: str
    mode: PracticeMode
    state: SessionState
    start_time_from: _timestamp_pb2.Timestamp
    start_time_before: _timestamp_pb2.Timestamp
    show_deleted: bool
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., student_id: _Optional[str] = ..., piece_id: _Optional[str] = ..., mode: _Optional[_Union[PracticeMode, str]] = ..., state: _Optional[_Union[SessionState, str]] = ..., start_time_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., show_deleted: _Optional[bool] = ...) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions", "next_page_token")
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[Session]
    next_page_token: str
    def __init__(self, sessions: _Optional[_Iterable[_Union[Session, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateSessionRequest(_message.Message):
    __slots__ = ("session", "update_mask", "etag", "request_id")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session: Session
    update_mask: _field_mask_pb2.FieldMask
    etag: str
    request_id: str
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class UpdateSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class DeleteSessionRequest(_message.Message):
    __slots__ = ("session_id", "etag", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    etag: str
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class UndeleteSessionRequest(_message.Message):
    __slots__ = ("session_id", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class UndeleteSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class RecordSegmentClicksRequest(_message.Message):
    __slots__ = ("session_id", "segment_clicks", "event_id", "request_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_CLICKS_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    segment_clicks: _containers.RepeatedCompositeFieldContainer[SegmentClicks]
    event_id: str
    request_id: str
    def __init__(self, session_id: _Optional[str] = ..., segment_clicks: _Optional[_Iterable[_Union[SegmentClicks, _Mapping]]] = ..., event_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class RecordSegmentClicksResponse(_message.Message):
    __slots__ = ("segment_clicks",)
    SEGMENT_CLICKS_FIELD_NUMBER: _ClassVar[int]
    segment_clicks: _containers.RepeatedCompositeFieldContainer[SegmentClicks]
    def __init__(self, segment_clicks: _Optional[_Iterable[_Union[SegmentClicks, _Mapping]]] = ...) -> None: ...

class GetHeatmapRequest(_message.Message):
    __slots__ = ("piece_id", "student_id", "session_id", "start_time_from", "start_time_before")
    PIECE_ID_FIELD_NUMBER: _ClassVar[int]
    STUDENT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FROM_FIELD_NUMBER: _ClassVar[int]
    START_TIME_BEFORE_FIELD_NUMBER: _ClassVar[int]
    piece_id: str
    student_id: str
    session_id: str
    start_time_from: _timestamp_pb2.Timestamp
    start_time_before: _timestamp_pb2.Timestamp
    def __init__(self, piece_id: _Optional[str] = ..., student_id: _Optional[str] = ..., session_id: _Optional[str] = ..., start_time_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetHeatmapResponse(_message.Message):
    __slots__ = ("segments",)
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[HeatmapSegment]
    def __init__(self, segments: _Optional[_Iterable[_Union[HeatmapSegment, _Mapping]]] = ...) -> None: ...

class ListSessionEventsRequest(_message.Message):
    __slots__ = ("session_id", "page_size", "page_token")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    page_size: int
    page_token: str
    def __init__(self, session_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSessionEventsResponse(_message.Message):
    __slots__ = ("events", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[SessionEvent]
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[SessionEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
