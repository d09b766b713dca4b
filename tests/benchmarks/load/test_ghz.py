from __future__ import annotations

from typing import Any

import pytest

from benchmarks.load.ghz import SHORT, count_windows, ghz_line, shared_out, to_run

LOG = [
    '{"message":"Send message","payload":"audio:<data:end_sample>"}',
    '{"message":"Receive message","response":"ready:<stream_id:x>"}',
    '{"message":"Receive message","response":"window:<start_sample:0 end_sample:8000>"}',
    '{"message":"Receive message","response":null,"error":"EOF"}',
    '{"message":"Received response","response":"[{end_sample:8000},{end_sample:16000}]"}',
]


def report(**statuses: int) -> dict[str, Any]:
    """Two calls, of 5.1 and 5.3 s, whatever the statuses are."""
    return {
        "options": {"concurrency": 20},
        "rps": 4.0,
        "details": [
            {"latency": 5_100_000_000, "status": "OK"},
            {"latency": 5_300_000_000, "status": "OK"},
            {"latency": 1, "status": "Unavailable"},
        ],
        "statusCodeDistribution": statuses,
    }


def test_windows_are_counted_in_what_was_received_only() -> None:
    assert count_windows(LOG) == 3


def test_the_shares_of_a_run_are_told_as_one() -> None:
    run = to_run("streaming_analyze", [report(OK=2), report(OK=1)], window_count=30)
    assert run.is_sound
    assert (run.concurrency, run.calls_per_s) == (40, 8.0)
    assert (run.p50_ms, run.max_ms) == (5200.0, 5300.0)
    assert "windows 30/30, 3 OK" in ghz_line(run)


@pytest.mark.parametrize(
    ("statuses", "window_count"), [({"OK": 3}, 29), ({"OK": 3, "Unavailable": 1}, 30), ({}, 0)]
)
def test_a_lost_window_or_a_failed_call_is_not_sound(
    statuses: dict[str, int], window_count: int
) -> None:
    assert not to_run("streaming_analyze", [report(**statuses)], window_count).is_sound


def test_a_run_without_a_good_call_has_no_latency() -> None:
    failed = {**report(Unavailable=1), "details": None}
    assert "p50 nan" in ghz_line(to_run("analyze_clip", [failed], 0))


def test_a_run_is_shared_out_whole() -> None:
    config = {"concurrency": 100, "connections": 10, "rps": 20, "duration": "30s"}
    share = {"concurrency": 20, "connections": 2, "rps": 4, "duration": "30s"}
    assert shared_out(config) == share
    assert shared_out(SHORT)["rps"] == 1
    with pytest.raises(ValueError, match="rps=21 is no multiple of 5"):
        shared_out({**config, "rps": 21})
