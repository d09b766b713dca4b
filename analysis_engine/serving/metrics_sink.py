"""Where a stream's results are kept when it belongs to a practice session: a port.

The engine knows nothing of databases: a composition root hands the adapter in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from practice.progress.v1 import progress_pb2


class MetricsSink(Protocol):
    """Keeps what it takes, come what may, and never makes the caller wait for it."""

    async def check_session(self, session_id: str, subject: str) -> None:
        """Make sure that a session is the caller's, as far as that can be known now.

        Raises
        ------
        PracticeError
            NOT_FOUND when it is not.
        """
        ...

    def offer(
        self,
        subject: str,
        batch: progress_pb2.WriteMetricsRequest,
        on_durable: Callable[[], None],
    ) -> bool:
        """Take a batch, if there is room; it may be changed afterwards.

        Parameters
        ----------
        subject
            Whose stream it is.
        batch
            Windows and beats of one stream.
        on_durable
            Called in the event loop once nothing can take the batch away any more.

        Returns
        -------
        bool
            Whether it was taken; if not, the caller still has it.
        """
        ...
