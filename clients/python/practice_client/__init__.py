"""Client of Practice Tracker: live streams that survive broken connections, audio sources, views.

The public names are imported when they are first used, so that commands stay light:

>>> from practice_client import LiveStream, FileSource  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practice.rpc.errors import ErrorCode, PracticeError
    from practice_client.accounts import Accounts, signed_in
    from practice_client.beat_clock import BeatClock, BeatSchedule
    from practice_client.endpoint import Endpoint
    from practice_client.file_source import FileSource
    from practice_client.live_stream import ConnectionState, LiveStream, Result
    from practice_client.microphone import MicrophoneSource
    from practice_client.pump import pump
    from practice_client.reconnect import ReconnectPolicy
    from practice_client.replay_buffer import Overflow
    from practice_client.sessions import Sessions
    from practice_client.source import AudioBlock, AudioSource
    from practice_client.sync_stream import SyncLiveStream
    from practice_client.tempo_prior import tempo_prior

_MODULES = {
    "Accounts": "practice_client.accounts",
    "AudioBlock": "practice_client.source",
    "AudioSource": "practice_client.source",
    "BeatClock": "practice_client.beat_clock",
    "BeatSchedule": "practice_client.beat_clock",
    "ConnectionState": "practice_client.live_stream",
    "Endpoint": "practice_client.endpoint",
    "ErrorCode": "practice.rpc.errors",
    "FileSource": "practice_client.file_source",
    "LiveStream": "practice_client.live_stream",
    "MicrophoneSource": "practice_client.microphone",
    "Overflow": "practice_client.replay_buffer",
    "PracticeError": "practice.rpc.errors",
    "ReconnectPolicy": "practice_client.reconnect",
    "Result": "practice_client.live_stream",
    "Sessions": "practice_client.sessions",
    "SyncLiveStream": "practice_client.sync_stream",
    "pump": "practice_client.pump",
    "signed_in": "practice_client.accounts",
    "tempo_prior": "practice_client.tempo_prior",
}

__all__ = [
    "Accounts",
    "AudioBlock",
    "AudioSource",
    "BeatClock",
    "BeatSchedule",
    "ConnectionState",
    "Endpoint",
    "ErrorCode",
    "FileSource",
    "LiveStream",
    "MicrophoneSource",
    "Overflow",
    "PracticeError",
    "ReconnectPolicy",
    "Result",
    "Sessions",
    "SyncLiveStream",
    "pump",
    "signed_in",
    "tempo_prior",
]


def __getattr__(name: str) -> object:
    """Import a public name on its first use (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
