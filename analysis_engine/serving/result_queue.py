"""What one stream still has to tell its client: bounded, ordered, and safe across a break.

Beats, events and the summary are never dropped. Windows are, once the client reads too slowly:
then only the newest one waits and counts those that it replaced.

A result that was handed to the transport may still get lost with the connection. The last few
written ones are therefore kept, and a client that says how many results it has received
(``received_results`` of the resuming config) gets exactly the others; for a client that says
nothing, a written result counts as received.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from analysis_engine.serving.limits import OutboxLimits

RESULT_KINDS: Final = frozenset({"window", "beats", "event", "summary"})


class ResultQueue:
    """Responses of one stream, waiting to be written; plain state that outlives a connection.

    Parameters
    ----------
    limits
        Bounds of what waits and of what is kept after writing.
    """

    def __init__(self, limits: OutboxLimits) -> None:
        self._limits = limits
        self._waiting: deque[pb.StreamingAnalyzeResponse] = deque()
        self._writing: pb.StreamingAnalyzeResponse | None = None
        self._unconfirmed: deque[bytes] = deque()
        self._unconfirmed_bytes = 0
        self._confirmed_count = 0
        self._keeps_newest_window_only = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_above_high_water(self) -> bool:
        """Whether audio should wait for the client, as long as it reads."""
        return len(self._waiting) >= self._limits.high_water and not self._keeps_newest_window_only

    @property
    def is_overfull(self) -> bool:
        """Whether more waits than memory is given for; the client has to be cut off."""
        return len(self._waiting) > self._limits.max_waiting

    def add(self, response: pb.StreamingAnalyzeResponse) -> None:
        """Let a response wait for its turn."""
        self._waiting.append(response)
        if self._keeps_newest_window_only and response.HasField("window"):
            self._drop_old_windows()

    def keep_newest_window_only(self, *, enabled: bool) -> None:
        """Say whether the client reads too slowly for every window."""
        self._keeps_newest_window_only = enabled
        if enabled:
            self._drop_old_windows()

    def _drop_old_windows(self) -> None:
        windows = [item for item in self._waiting if item.HasField("window")]
        if len(windows) < 2:
            return
        newest = windows.pop()
        newest.window.dropped_windows += sum(1 + item.window.dropped_windows for item in windows)
        self._waiting = deque(
            item for item in self._waiting if item is newest or not item.HasField("window")
        )

    def take(self) -> pb.StreamingAnalyzeResponse | None:
        """Return the next response to write, or None; `written` must follow."""
        self._writing = self._waiting.popleft() if self._waiting else None
        return self._writing

    def written(self) -> None:
        """Note that what `take` returned went to the transport."""
        response, self._writing = self._writing, None
        if response is None or response.WhichOneof("payload") not in RESULT_KINDS:
            return
        encoded = response.SerializeToString()
        self._unconfirmed.append(encoded)
        self._unconfirmed_bytes += len(encoded)
        while self._unconfirmed_bytes > self._limits.max_unconfirmed_bytes:
            self._unconfirmed_bytes -= len(self._unconfirmed.popleft())
            self._confirmed_count += 1

    def rewind(self, received_count: int | None) -> None:
        """Get ready for a new connection.

        Parameters
        ----------
        received_count
            Windows, beat batches, events and summaries that the client has received since the
            stream began; None when it did not say.
        """
        if self._writing is not None:
            self._waiting.appendleft(self._writing)
            self._writing = None
        self._keeps_newest_window_only = False
        unsent = [item for item in self._waiting if item.WhichOneof("payload") in RESULT_KINDS]
        kept = [pb.StreamingAnalyzeResponse.FromString(item) for item in self._unconfirmed]
        if received_count is None:
            received_count = self._confirmed_count + len(kept)
        skipped = max(0, received_count - self._confirmed_count)
        self._waiting = deque([*kept, *unsent][skipped:])
        self._unconfirmed.clear()
        self._unconfirmed_bytes = 0
        self._confirmed_count = received_count
