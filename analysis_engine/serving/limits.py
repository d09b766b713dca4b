"""Every limit of live analysis, frozen and in one place, so that tests can shrink it."""

from __future__ import annotations

from dataclasses import dataclass, field

KIB = 1024


@dataclass(frozen=True, slots=True)
class PaceLimit:
    """A token bucket in seconds of audio.

    Parameters
    ----------
    burst_s
        Audio that may come at once.
    speed
        Seconds of audio per second of wall time that refill it.
    """

    burst_s: float
    speed: float

    def __post_init__(self) -> None:
        if self.burst_s <= 0.0 or self.speed <= 0.0:
            raise ValueError("burst_s and speed must be positive")


@dataclass(frozen=True, slots=True)
class SmallMessageLimit:
    """What a stream may send beside useful audio: a token bucket of messages.

    Parameters
    ----------
    useful_s
        Audio from which on a message costs nothing here; how much audio there may be is another
        limit. Browsers' smallest blocks (128 samples) are to be collected.
    burst, per_s
        Controls, and messages with less audio: so many at once, then so many per second.
    gap_cost
        What a message counts that lets the sample clock jump on: silence is heard for it.
    """

    useful_s: float = 0.01
    burst: float = 200.0
    per_s: float = 10.0
    gap_cost: float = 10.0

    def __post_init__(self) -> None:
        if min(self.useful_s, self.per_s, self.gap_cost) <= 0.0 or self.burst < self.gap_cost:
            raise ValueError("all must be positive, and a gap must fit into the burst")


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    """How long and how far a client may lag behind in reading.

    Parameters
    ----------
    high_water
        Waiting results at which audio waits for the writer, as long as the client reads.
    write_deadline_s
        A write that takes longer marks the client as slow: from then on only the newest window
        waits, and audio waits no more.
    cut_after_s
        A single write that takes longer, `ready` among them, ends the connection; the stream stays
        resumable.
    max_waiting
        Waiting beats and events (never dropped) at which the connection ends likewise.
    max_unconfirmed_bytes
        Written results that are kept in case the client says that they never arrived.
    """

    high_water: int = 64
    write_deadline_s: float = 0.5
    cut_after_s: float = 20.0
    max_waiting: int = 1024
    max_unconfirmed_bytes: int = 24 * KIB


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """What the server takes on before it says that it is full.

    Parameters
    ----------
    max_streams
        Hard cap on streams and clips at once.
    max_streams_per_user
        Likewise for one user; streams that come back may find as many that are not yet known to be
        broken. Who has no account is on this machine, and has no cap of their own.
    max_busy, busy_lag_s
        Share of its core (0..1) that the event loop's thread may use when a stream comes, unless
        it is on time: files give way after every slice, so a loop that is busy with files has
        room, and one that is busy with live streams runs late.
    max_lag_s
        Lateness of the event loop up to which a stream may come at all.
    resume_reserve
        Share on top of both caps for streams that come back.
    retry_after_s
        Mean wait that a refused client is told; spread by half, so that they don't return as one.
    sample_interval_s
        How often load is measured.
    """

    max_streams: int = 512
    max_streams_per_user: int = 16
    max_busy: float = 0.85
    busy_lag_s: float = 0.02
    max_lag_s: float = 0.1
    resume_reserve: float = 0.1
    retry_after_s: float = 1.0
    sample_interval_s: float = 0.25


@dataclass(frozen=True, slots=True)
class ResumeLimits:
    """How long and how many broken streams wait for their clients."""

    retention_s: float = 600.0
    max_parked: int = 512


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """What a stream keeps for its practice session while the sink takes nothing.

    Parameters
    ----------
    max_waiting
        Windows, and beats; with more the oldest are dropped. 20 minutes at two a second.
    settle_timeout_s
        How long the end of a stream waits for its last points to be durable.
    """

    max_waiting: int = 2400
    settle_timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class ServingConfig:
    """Limits of one serving process; the defaults are the contract's.

    Parameters
    ----------
    max_chunk_bytes
        Largest audio message.
    max_message_bytes
        Largest message of any other kind, and what framing may add to an audio message.
    slice_s
        Audio worked off in one go before the event loop runs again.
    ack_interval_s
        Audio between two acks.
    idle_timeout_s
        Silence on the wire that ends a stream that is not paused.
    max_stream_s
        Longest audio of one stream.
    max_pause_s
        Longest connection without audio while paused.
    max_clip_s
        Longest clip of AnalyzeClip.
    flush_timeout_s
        How long results may take to leave before the server ends a stream itself.
    linger_s, linger_quiet_s
        After a client's mistake, what it goes on sending is dropped for so long, or until it is
        quiet for so long; then it gets its status.
    real_time, as_fast_as_possible
        Pace of a live stream, and of one principal's files (all its fast streams and clips).
    small_messages
        What a stream may send beside useful audio.
    """

    max_chunk_bytes: int = 64 * KIB
    max_message_bytes: int = 64 * KIB + 64
    slice_s: float = 0.1
    ack_interval_s: float = 1.0
    idle_timeout_s: float = 30.0
    max_stream_s: float = 4 * 3600.0
    max_pause_s: float = 4 * 3600.0
    max_clip_s: float = 120.0
    flush_timeout_s: float = 1.0
    linger_s: float = 1.0
    linger_quiet_s: float = 0.03
    real_time: PaceLimit = PaceLimit(burst_s=30.0, speed=1.5)
    as_fast_as_possible: PaceLimit = PaceLimit(burst_s=4 * 3600.0, speed=60.0)
    small_messages: SmallMessageLimit = field(default_factory=SmallMessageLimit)
    outbox: OutboxLimits = field(default_factory=OutboxLimits)
    admission: AdmissionLimits = field(default_factory=AdmissionLimits)
    resume: ResumeLimits = field(default_factory=ResumeLimits)
    recording: RecordingLimits = field(default_factory=RecordingLimits)
