"""What goes away: which calls, since when, and until when they still work."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.web.contract import Binding


@dataclass(frozen=True, slots=True)
class Retirement:
    """When a call was deprecated and when it goes, both in UTC, and where to read about it."""

    deprecated_at: datetime
    sunset_at: datetime
    link: str = ""

    def __post_init__(self) -> None:
        if not self.deprecated_at <= self.sunset_at:
            raise ValueError(f"sunset_at={self.sunset_at} is before {self.deprecated_at}")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Every call that goes away, by its full name."""

    retirements: Mapping[str, Retirement] = field(default_factory=dict)

    def headers(self, binding: Binding) -> dict[str, str]:
        """Return ``Deprecation`` (RFC 9745) and ``Sunset`` (RFC 8594), for most calls nothing."""
        retirement = self.retirements.get(binding.full_name)
        if retirement is None:
            return {}
        headers = {
            "deprecation": f"@{int(retirement.deprecated_at.timestamp())}",
            "sunset": format_datetime(retirement.sunset_at, usegmt=True),
        }
        if retirement.link:
            headers["link"] = f'<{retirement.link}>; rel="deprecation"'
        return headers

    def is_leaving(self, binding: Binding) -> bool:
        """Whether the call goes away."""
        return binding.full_name in self.retirements or bool(binding.method.GetOptions().deprecated)
