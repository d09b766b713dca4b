from __future__ import annotations

from typing import Any

import pytest

from benchmarks.load.ghz import count_windows, ghz_line, to_run

LOG = [
    '{"message":"Send message","payload":"audio:<data:end_sample>"}',
    '{"message":"Receive message","response":"ready:<stream_id:x>"}',
    '{"message":"Receive message","response":"window:<start_sample:0 end_sample:8000>"}',
    '{"message":"Receive message","response":null,"error":"EOF"}',
    '{"message":"Received response","response":"[{end_sample:8000},{end_sample:16000}]"}',
]


def report(**statuses: int) -> dict[str, Any]:
    return {
        "options": {"concurrency": 100},
        "rps": 20.0,
        "slowest": 5_300_000_000,
        "latencyDistribution": [
            {"percentage": 50, "latency": 5_100_000_000},
            {"percentage": 99, "latency": 5_200_000_000},
        ],
        "statusCodeDistribution": statuses,
    }


def test_windows_are_counted_in_what_was_received_only() -> None:
    assert count_windows(LOG) == 3


def test_a_run_with_every_window_is_sound() -> None:
    run = to_run("streaming_analyze", report(OK=3), window_count=30)
    assert run.is_sound
    assert (run.p50_ms, run.p99_ms, run.max_ms) == (5100.0, 5200.0, 5300.0)
    assert "windows 30/30, 3 OK" in ghz_line(run)


def test_a_run_whose_log_is_cut_is_judged_by_its_calls() -> None:
    run = to_run("streaming_analyze", report(OK=3), window_count=None)
    assert run.is_sound
    assert "windows ?/30" in ghz_line(run)


@pytest.mark.parametrize(
    ("statuses", "window_count"), [({"OK": 3}, 29), ({"OK": 3, "Unavailable": 1}, 30), ({}, 0)]
)
def test_a_lost_window_or_a_failed_call_is_not_sound(
    statuses: dict[str, int], window_count: int
) -> None:
    assert not to_run("streaming_analyze", report(**statuses), window_count).is_sound


def test_a_run_without_a_good_call_has_no_latency() -> None:
    failed = {**report(Unavailable=1), "latencyDistribution": None}
    assert "p50 nan" in ghz_line(to_run("analyze_clip", failed, 0))
