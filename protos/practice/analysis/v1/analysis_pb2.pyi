from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AudioEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIO_ENCODING_UNSPECIFIED: _ClassVar[AudioEncoding]
    AUDIO_ENCODING_LINEAR16: _ClassVar[AudioEncoding]
    AUDIO_ENCODING_FLOAT32: _ClassVar[AudioEncoding]
    AUDIO_ENCODING_MULAW: _ClassVar[AudioEncoding]

class Strictness(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STRICTNESS_UNSPECIFIED: _ClassVar[Strictness]
    STRICTNESS_LENIENT: _ClassVar[Strictness]
    STRICTNESS_NORMAL: _ClassVar[Strictness]
    STRICTNESS_STRICT: _ClassVar[Strictness]

class Pace(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PACE_UNSPECIFIED: _ClassVar[Pace]
    PACE_REAL_TIME: _ClassVar[Pace]
    PACE_AS_FAST_AS_POSSIBLE: _ClassVar[Pace]

class WindowState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WINDOW_STATE_UNSPECIFIED: _ClassVar[WindowState]
    WINDOW_STATE_WARMING: _ClassVar[WindowState]
    WINDOW_STATE_LOCKED: _ClassVar[WindowState]
    WINDOW_STATE_LOST: _ClassVar[WindowState]
    WINDOW_STATE_SILENT: _ClassVar[WindowState]

class Expression(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPRESSION_UNSPECIFIED: _ClassVar[Expression]
    EXPRESSION_HAPPY: _ClassVar[Expression]
    EXPRESSION_NEUTRAL: _ClassVar[Expression]
    EXPRESSION_ANNOYED: _ClassVar[Expression]
    EXPRESSION_ANGRY: _ClassVar[Expression]

class EventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_KIND_UNSPECIFIED: _ClassVar[EventKind]
    EVENT_KIND_SILENCE_STARTED: _ClassVar[EventKind]
    EVENT_KIND_SILENCE_ENDED: _ClassVar[EventKind]
    EVENT_KIND_TOO_QUIET: _ClassVar[EventKind]
    EVENT_KIND_CLIPPING: _ClassVar[EventKind]
    EVENT_KIND_GAP: _ClassVar[EventKind]
    EVENT_KIND_TEMPO_CHANGED: _ClassVar[EventKind]
    EVENT_KIND_MEDITATION_STARTED: _ClassVar[EventKind]
    EVENT_KIND_MEDITATION_ENDED: _ClassVar[EventKind]
AUDIO_ENCODING_UNSPECIFIED: AudioEncoding
AUDIO_ENCODING_LINEAR16: AudioEncoding
AUDIO_ENCODING_FLOAT32: AudioEncoding
AUDIO_ENCODING_MULAW: AudioEncoding
STRICTNESS_UNSPECIFIED: Strictness
STRICTNESS_LENIENT: Strictness
STRICTNESS_NORMAL: Strictness
STRICTNESS_STRICT: Strictness
PACE_UNSPECIFIED: Pace
PACE_REAL_TIME: Pace
PACE_AS_FAST_AS_POSSIBLE: Pace
WINDOW_STATE_UNSPECIFIED: WindowState
WINDOW_STATE_WARMING: WindowState
WINDOW_STATE_LOCKED: WindowState
WINDOW_STATE_LOST: WindowState
WINDOW_STATE_SILENT: WindowState
EXPRESSION_UNSPECIFIED: Expression
EXPRESSION_HAPPY: Expression
EXPRESSION_NEUTRAL: Expression
EXPRESSION_ANNOYED: Expression
EXPRESSION_ANGRY: Expression
EVENT_KIND_UNSPECIFIED: EventKind
EVENT_KIND_SILENCE_STARTED: EventKind
EVENT_KIND_SILENCE_ENDED: EventKind
EVENT_KIND_TOO_QUIET: EventKind
EVENT_KIND_CLIPPING: EventKind
EVENT_KIND_GAP: EventKind
EVENT_KIND_TEMPO_CHANGED: EventKind
EVENT_KIND_MEDITATION_STARTED: EventKind
EVENT_KIND_MEDITATION_ENDED: EventKind

class ExpectedTempo(_message.Message):
    __slots__ = ("bpm", "weight", "spread_octaves")
    BPM_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    SPREAD_OCTAVES_FIELD_NUMBER: _ClassVar[int]
    bpm: float
    weight: float
    spread_octaves: float
    def __init__(self, bpm: _Optional[float] = ..., weight: _Optional[float] = ..., spread_octaves: _Optional[float] = ...) -> None: ...

class TempoPrior(_message.Message):
    __slots__ = ("tempi",)
    TEMPI_FIELD_NUMBER: _ClassVar[int]
    tempi: _containers.RepeatedCompositeFieldContainer[ExpectedTempo]
    def __init__(self, tempi: _Optional[_Iterable[_Union[ExpectedTempo, _Mapping]]] = ...) -> None: ...

class StreamConfig(_message.Message):
    __slots__ = ("encoding", "sample_rate_hz", "channel_count", "target_bpm", "beats_per_bar", "allow_dotted_levels", "window_seconds", "hop_seconds", "strictness", "pace", "session_id", "stream_id", "resume_token", "emit_beats", "input_latency_seconds", "received_results", "tempo_prior")
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    TARGET_BPM_FIELD_NUMBER: _ClassVar[int]
    BEATS_PER_BAR_FIELD_NUMBER: _ClassVar[int]
    ALLOW_DOTTED_LEVELS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_SECONDS_FIELD_NUMBER: _ClassVar[int]
    HOP_SECONDS_FIELD_NUMBER: _ClassVar[int]
    STRICTNESS_FIELD_NUMBER: _ClassVar[int]
    PACE_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMIT_BEATS_FIELD_NUMBER: _ClassVar[int]
    INPUT_LATENCY_SECONDS_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_RESULTS_FIELD_NUMBER: _ClassVar[int]
    TEMPO_PRIOR_FIELD_NUMBER: _ClassVar[int]
    encoding: AudioEncoding
    sample_rate_hz: int
    channel_count: int
    target_bpm: float
    beats_per_bar: int
    allow_dotted_levels: bool
    window_seconds: float
    hop_seconds: float
    strictness: Strictness
    pace: Pace
    session_id: str
    stream_id: str
    resume_token: bytes
    emit_beats: bool
    input_latency_seconds: float
    received_results: int
    tempo_prior: TempoPrior
    def __init__(self, encoding: _Optional[_Union[AudioEncoding, str]] = ..., sample_rate_hz: _Optional[int] = ..., channel_count: _Optional[int] = ..., target_bpm: _Optional[float] = ..., beats_per_bar: _Optional[int] = ..., allow_dotted_levels: _Optional[bool] = ..., window_seconds: _Optional[float] = ..., hop_seconds: _Optional[float] = ..., strictness: _Optional[_Union[Strictness, str]] = ..., pace: _Optional[_Union[Pace, str]] = ..., session_id: _Optional[str] = ..., stream_id: _Optional[str] = ..., resume_token: _Optional[bytes] = ..., emit_beats: _Optional[bool] = ..., input_latency_seconds: _Optional[float] = ..., received_results: _Optional[int] = ..., tempo_prior: _Optional[_Union[TempoPrior, _Mapping]] = ...) -> None: ...

class AudioChunk(_message.Message):
    __slots__ = ("data", "first_sample")
    DATA_FIELD_NUMBER: _ClassVar[int]
    FIRST_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    first_sample: int
    def __init__(self, data: _Optional[bytes] = ..., first_sample: _Optional[int] = ...) -> None: ...

class Pause(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Resume(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Finish(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Control(_message.Message):
    __slots__ = ("set_target_bpm", "pause", "resume", "finish")
    SET_TARGET_BPM_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    set_target_bpm: float
    pause: Pause
    resume: Resume
    finish: Finish
    def __init__(self, set_target_bpm: _Optional[float] = ..., pause: _Optional[_Union[Pause, _Mapping]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ..., finish: _Optional[_Union[Finish, _Mapping]] = ...) -> None: ...

class StreamingAnalyzeRequest(_message.Message):
    __slots__ = ("config", "audio", "control")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    CONTROL_FIELD_NUMBER: _ClassVar[int]
    config: StreamConfig
    audio: AudioChunk
    control: Control
    def __init__(self, config: _Optional[_Union[StreamConfig, _Mapping]] = ..., audio: _Optional[_Union[AudioChunk, _Mapping]] = ..., control: _Optional[_Union[Control, _Mapping]] = ...) -> None: ...

class StreamReady(_message.Message):
    __slots__ = ("stream_id", "config", "next_sample", "resume_token", "max_chunk_bytes", "engine_version")
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    NEXT_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    MAX_CHUNK_BYTES_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    stream_id: str
    config: StreamConfig
    next_sample: int
    resume_token: bytes
    max_chunk_bytes: int
    engine_version: str
    def __init__(self, stream_id: _Optional[str] = ..., config: _Optional[_Union[StreamConfig, _Mapping]] = ..., next_sample: _Optional[int] = ..., resume_token: _Optional[bytes] = ..., max_chunk_bytes: _Optional[int] = ..., engine_version: _Optional[str] = ...) -> None: ...

class Mood(_message.Message):
    __slots__ = ("expression", "color", "animation")
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    ANIMATION_FIELD_NUMBER: _ClassVar[int]
    expression: Expression
    color: str
    animation: str
    def __init__(self, expression: _Optional[_Union[Expression, str]] = ..., color: _Optional[str] = ..., animation: _Optional[str] = ...) -> None: ...

class WindowResult(_message.Message):
    __slots__ = ("start_sample", "end_sample", "state", "bpm", "raw_bpm", "metrical_ratio", "confidence", "accuracy", "tempo_accuracy", "steadiness", "deviation_percent", "drift_bpm_per_minute", "mood", "level_dbfs", "beat_count", "dropped_windows")
    START_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    END_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BPM_FIELD_NUMBER: _ClassVar[int]
    RAW_BPM_FIELD_NUMBER: _ClassVar[int]
    METRICAL_RATIO_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_FIELD_NUMBER: _ClassVar[int]
    TEMPO_ACCURACY_FIELD_NUMBER: _ClassVar[int]
    STEADINESS_FIELD_NUMBER: _ClassVar[int]
    DEVIATION_PERCENT_FIELD_NUMBER: _ClassVar[int]
    DRIFT_BPM_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    MOOD_FIELD_NUMBER: _ClassVar[int]
    LEVEL_DBFS_FIELD_NUMBER: _ClassVar[int]
    BEAT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_WINDOWS_FIELD_NUMBER: _ClassVar[int]
    start_sample: int
    end_sample: int
    state: WindowState
    bpm: float
    raw_bpm: float
    metrical_ratio: float
    confidence: float
    accuracy: float
    tempo_accuracy: float
    steadiness: float
    deviation_percent: float
    drift_bpm_per_minute: float
    mood: Mood
    level_dbfs: float
    beat_count: int
    dropped_windows: int
    def __init__(self, start_sample: _Optional[int] = ..., end_sample: _Optional[int] = ..., state: _Optional[_Union[WindowState, str]] = ..., bpm: _Optional[float] = ..., raw_bpm: _Optional[float] = ..., metrical_ratio: _Optional[float] = ..., confidence: _Optional[float] = ..., accuracy: _Optional[float] = ..., tempo_accuracy: _Optional[float] = ..., steadiness: _Optional[float] = ..., deviation_percent: _Optional[float] = ..., drift_bpm_per_minute: _Optional[float] = ..., mood: _Optional[_Union[Mood, _Mapping]] = ..., level_dbfs: _Optional[float] = ..., beat_count: _Optional[int] = ..., dropped_windows: _Optional[int] = ...) -> None: ...

class Beat(_message.Message):
    __slots__ = ("beat_index", "sample", "predicted", "beat_in_bar", "confidence", "strength", "offset_ms", "onset_sample", "next_beat_sample", "final")
    BEAT_INDEX_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    PREDICTED_FIELD_NUMBER: _ClassVar[int]
    BEAT_IN_BAR_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    OFFSET_MS_FIELD_NUMBER: _ClassVar[int]
    ONSET_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    NEXT_BEAT_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    beat_index: int
    sample: int
    predicted: bool
    beat_in_bar: int
    confidence: float
    strength: float
    offset_ms: float
    onset_sample: int
    next_beat_sample: int
    final: bool
    def __init__(self, beat_index: _Optional[int] = ..., sample: _Optional[int] = ..., predicted: _Optional[bool] = ..., beat_in_bar: _Optional[int] = ..., confidence: _Optional[float] = ..., strength: _Optional[float] = ..., offset_ms: _Optional[float] = ..., onset_sample: _Optional[int] = ..., next_beat_sample: _Optional[int] = ..., final: _Optional[bool] = ...) -> None: ...

class BeatBatch(_message.Message):
    __slots__ = ("beats",)
    BEATS_FIELD_NUMBER: _ClassVar[int]
    beats: _containers.RepeatedCompositeFieldContainer[Beat]
    def __init__(self, beats: _Optional[_Iterable[_Union[Beat, _Mapping]]] = ...) -> None: ...

class StreamEvent(_message.Message):
    __slots__ = ("sample", "kind", "detail")
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    sample: int
    kind: EventKind
    detail: str
    def __init__(self, sample: _Optional[int] = ..., kind: _Optional[_Union[EventKind, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("through_sample", "kept_through_sample")
    THROUGH_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    KEPT_THROUGH_SAMPLE_FIELD_NUMBER: _ClassVar[int]
    through_sample: int
    kept_through_sample: int
    def __init__(self, through_sample: _Optional[int] = ..., kept_through_sample: _Optional[int] = ...) -> None: ...

class MoodSeconds(_message.Message):
    __slots__ = ("expression", "seconds")
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    expression: Expression
    seconds: float
    def __init__(self, expression: _Optional[_Union[Expression, str]] = ..., seconds: _Optional[float] = ...) -> None: ...

class StreamSummary(_message.Message):
    __slots__ = ("audio_seconds", "active_seconds", "locked_seconds", "coverage", "beat_count", "median_bpm", "held_bpm", "accuracy", "tempo_accuracy", "steadiness", "timing_sd_ms", "deviation_percent", "drift_bpm_per_minute", "mood_seconds", "meditation_seconds", "onset_noise_ms", "swing_ratio", "swing_beat_count")
    AUDIO_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOCKED_SECONDS_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    BEAT_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_BPM_FIELD_NUMBER: _ClassVar[int]
    HELD_BPM_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_FIELD_NUMBER: _ClassVar[int]
    TEMPO_ACCURACY_FIELD_NUMBER: _ClassVar[int]
    STEADINESS_FIELD_NUMBER: _ClassVar[int]
    TIMING_SD_MS_FIELD_NUMBER: _ClassVar[int]
    DEVIATION_PERCENT_FIELD_NUMBER: _ClassVar[int]
    DRIFT_BPM_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    MOOD_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MEDITATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ONSET_NOISE_MS_FIELD_NUMBER: _ClassVar[int]
    SWING_RATIO_FIELD_NUMBER: _ClassVar[int]
    SWING_BEAT_COUNT_FIELD_NUMBER: _ClassVar[int]
    audio_seconds: float
    active_seconds: float
    locked_seconds: float
    coverage: float
    beat_count: int
    median_bpm: float
    held_bpm: float
    accuracy: float
    tempo_accuracy: float
    steadiness: float
    timing_sd_ms: float
    deviation_percent: float
    drift_bpm_per_minute: float
    mood_seconds: _containers.RepeatedCompositeFieldContainer[MoodSeconds]
    meditation_seconds: float
    onset_noise_ms: float
    swing_ratio: float
    swing_beat_count: int
    def __init__(self, audio_seconds: _Optional[float] = ..., active_seconds: _Optional[float] = ..., locked_seconds: _Optional[float] = ..., coverage: _Optional[float] = ..., beat_count: _Optional[int] = ..., median_bpm: _Optional[float] = ..., held_bpm: _Optional[float] = ..., accuracy: _Optional[float] = ..., tempo_accuracy: _Optional[float] = ..., steadiness: _Optional[float] = ..., timing_sd_ms: _Optional[float] = ..., deviation_percent: _Optional[float] = ..., drift_bpm_per_minute: _Optional[float] = ..., mood_seconds: _Optional[_Iterable[_Union[MoodSeconds, _Mapping]]] = ..., meditation_seconds: _Optional[float] = ..., onset_noise_ms: _Optional[float] = ..., swing_ratio: _Optional[float] = ..., swing_beat_count: _Optional[int] = ...) -> None: ...

class GoingAway(_message.Message):
    __slots__ = ("resume_token", "reason")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    resume_token: bytes
    reason: str
    def __init__(self, resume_token: _Optional[bytes] = ..., reason: _Optional[str] = ...) -> None: ...

class StreamingAnalyzeResponse(_message.Message):
    __slots__ = ("ready", "window", "beats", "event", "ack", "summary", "going_away")
    READY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    BEATS_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    ready: StreamReady
    window: WindowResult
    beats: BeatBatch
    event: StreamEvent
    ack: Ack
    summary: StreamSummary
    going_away: GoingAway
    def __init__(self, ready: _Optional[_Union[StreamReady, _Mapping]] = ..., window: _Optional[_Union[WindowResult, _Mapping]] = ..., beats: _Optional[_Union[BeatBatch, _Mapping]] = ..., event: _Optional[_Union[StreamEvent, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., summary: _Optional[_Union[StreamSummary, _Mapping]] = ..., going_away: _Optional[_Union[GoingAway, _Mapping]] = ...) -> None: ...

class AnalyzeClipRequest(_message.Message):
    __slots__ = ("config", "audio")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    config: StreamConfig
    audio: bytes
    def __init__(self, config: _Optional[_Union[StreamConfig, _Mapping]] = ..., audio: _Optional[bytes] = ...) -> None: ...

class AnalyzeClipResponse(_message.Message):
    __slots__ = ("windows", "beats", "events", "summary")
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    BEATS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    windows: _containers.RepeatedCompositeFieldContainer[WindowResult]
    beats: _containers.RepeatedCompositeFieldContainer[Beat]
    events: _containers.RepeatedCompositeFieldContainer[StreamEvent]
    summary: StreamSummary
    def __init__(self, windows: _Optional[_Iterable[_Union[WindowResult, _Mapping]]] = ..., beats: _Optional[_Iterable[_Union[Beat, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[StreamEvent, _Mapping]]] = ..., summary: _Optional[_Union[StreamSummary, _Mapping]] = ...) -> None: ...
