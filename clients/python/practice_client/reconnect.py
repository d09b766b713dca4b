"""When and how fast a broken stream is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReconnectPolicy:
    """Exponential backoff with full jitter.

    Jitter spreads the clients of a server that was restarted (Brooker, "Exponential Backoff And
    Jitter", AWS 2015).

    Parameters
    ----------
    first_delay_s, factor, max_delay_s
        The n-th wait is drawn between 0 and ``first_delay_s * factor**n``, at most `max_delay_s`;
        never shorter than what the server asked for by RetryInfo.
    connect_within_s
        How long the first connection may fail to come about.
    give_up_after_s
        How long a started stream, or one that the server asked to come again, is tried; the
        server forgets a broken stream after 10 minutes.
    ready_timeout_s
        How long the server may take to answer the configuration.
    """

    first_delay_s: float = 0.2
    factor: float = 2.0
    max_delay_s: float = 10.0
    connect_within_s: float = 5.0
    give_up_after_s: float = 600.0
    ready_timeout_s: float = 15.0

    def __post_init__(self) -> None:
        if self.factor < 1.0:
            raise ValueError(f"factor={self.factor} is below 1")
        for name in ("first_delay_s", "max_delay_s", "connect_within_s", "give_up_after_s"):
            if getattr(self, name) < 0.0:
                raise ValueError(f"{name}={getattr(self, name)} is negative")

    def max_delay_at_s(self, attempt: int) -> float:
        """Longest wait before attempt number `attempt` (0 for the first repeat)."""
        # The exponent is bounded, so that a day of attempts does not overflow.
        return min(self.max_delay_s, self.first_delay_s * self.factor ** min(attempt, 32))


@dataclass(slots=True)
class Backoff:
    """State of one row of failures; `reset` after a success."""

    policy: ReconnectPolicy
    random: random.Random = field(default_factory=random.Random)
    attempt: int = 0
    failing_since_s: float | None = None

    def reset(self) -> None:
        """Forget the failures: the stream made progress."""
        self.attempt = 0
        self.failing_since_s = None

    def next_delay_s(self, now_s: float, asked_s: float | None, limit_s: float) -> float | None:
        """Return how long to wait before the next attempt; None to give up.

        Parameters
        ----------
        now_s
            Monotonic clock.
        asked_s
            What the server asked for, or None.
        limit_s
            How long a row of failures may last.
        """
        if self.failing_since_s is None:
            self.failing_since_s = now_s
        drawn_s = self.random.uniform(0.0, self.policy.max_delay_at_s(self.attempt))
        # Clients that were told the same wait must not come back at the same moment either.
        delay_s = drawn_s if asked_s is None else asked_s + drawn_s
        self.attempt += 1
        if now_s + delay_s - self.failing_since_s > limit_s:
            return None
        return delay_s
