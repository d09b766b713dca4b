"""Identifiers sort by their time."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

from practice.identifiers import uuid7


def test_identifiers_are_version_7_and_all_different() -> None:
    made = [uuid7() for _ in range(50)]
    assert all(one.version == 7 and one.variant == uuid.RFC_4122 for one in made)
    milliseconds = [one.int >> 80 for one in made]
    assert milliseconds == sorted(milliseconds)
    assert len(set(made)) == 50


def test_a_later_one_sorts_later() -> None:
    first = uuid7()
    now_ms = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 <= now_ms:
        pass
    assert str(first) < str(uuid7())


def test_nothing_seems_made_after_its_instant() -> None:
    whole = datetime(2026, 11, 24, 1, 2, 3, 456_000, UTC)
    for micros in (0, 1, 499, 500, 999):
        number = uuid7(whole + timedelta(microseconds=micros)).int
        assert number >> 80 == int(whole.timestamp()) * 1000 + 456
