"""The one table that ``make load`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.load.measurement import Measurement

_HEAD: Final = (
    "             streams messages  server CPU, µs per       latency, ms"
    "            windows     sent  failed  KiB per  generator µs  late\n"
    "                        per s  message  audio s     p50    p99    max"
    "   got of expected    away   calls   stream   per message   p99"
)


def load_table(rows: Iterable[Measurement]) -> str:
    """Return the rows under their head, a line each."""
    return "\n".join((_HEAD, *map(load_row, rows)))


def load_row(row: Measurement) -> str:
    """Return one measurement as a line."""
    return (
        f"{row.server:<12} {row.stream_count:7d} {row.messages_per_s:8.0f} "
        f"{row.cpu_us_per_message:8.0f} {row.cpu_us_per_audio_s:8.0f} "
        f"{row.p50_ms:7.1f} {row.p99_ms:6.1f} {row.max_ms:6.1f} "
        f"{row.window_count:7d}/{row.expected_window_count:<8d} {row.refused_count:7d} "
        f"{row.failure_count:7d} {row.resident_kib_per_stream:8.0f} "
        f"{row.generator_cpu_us_per_message:13.0f} {row.send_delay_p99_ms:5.1f}"
    )


def ratio_lines(rows: Sequence[Measurement]) -> list[str]:
    """Say how each server compares with the echo under the same load, a line for each."""
    echoes = {row.stream_count: row for row in rows if row.server == "echo"}
    return [
        f"{row.stream_count} streams: {row.server} / echo = "
        f"{row.cpu_us_per_message / echo.cpu_us_per_message:.2f} x processor time per message, "
        f"{row.resident_kib_per_stream - echo.resident_kib_per_stream:+.0f} KiB per stream"
        for row in rows
        if row.server != "echo" and (echo := echoes.get(row.stream_count))
    ]
