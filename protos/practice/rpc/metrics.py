"""What a server counts about its calls, per method and never per message."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import grpc
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from practice.rpc.calls import CallInterceptor

if TYPE_CHECKING:
    from practice.rpc.calls import Context, Proceed

# Unary calls take milliseconds, practice sessions up to four hours.
DURATION_BUCKETS_S: Final = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 600.0, 3600.0, 14400.0)

_CODE_OF_NUMBER: Final = {code.value[0]: code for code in grpc.StatusCode}


class Metrics(CallInterceptor):
    """Counts calls, their outcome and duration; logs one line per call that ended.

    Parameters
    ----------
    registry
        Where the numbers are collected; each server has its own.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._started = Counter(
            "practice_rpc_started", "Calls that were started.", ["method"], registry=registry
        )
        self._handled = Counter(
            "practice_rpc_handled", "Calls that ended.", ["method", "code"], registry=registry
        )
        self._under_way = Gauge(
            "practice_rpc_under_way", "Calls under way.", ["method"], registry=registry
        )
        self._duration_s = Histogram(
            "practice_rpc_duration_seconds",
            "Time from the first byte to the status.",
            ["method"],
            buckets=DURATION_BUCKETS_S,
            registry=registry,
        )

    async def around(self, proceed: Proceed, request: Any, context: Context, method: str) -> Any:  # noqa: ARG002
        """Run the call and note how it went."""
        self._started.labels(method).inc()
        self._under_way.labels(method).inc()
        started_s = time.perf_counter()
        code = grpc.StatusCode.CANCELLED
        try:
            answer = await proceed()
            code = _code_of(context)
        except grpc.aio.AbortError:
            code = _code_of(context)
            raise
        except asyncio.CancelledError:
            raise
        else:
            return answer
        finally:
            duration_s = time.perf_counter() - started_s
            self._under_way.labels(method).dec()
            self._handled.labels(method, code.name).inc()
            self._duration_s.labels(method).observe(duration_s)
            structlog.get_logger().info(
                "rpc_ended", method=method, code=code.name, duration_s=round(duration_s, 6)
            )


def _code_of(context: Context) -> grpc.StatusCode:
    """Status that the handler left; grpc keeps it as an enum, a number, or not at all."""
    code: Any = context.code()
    if isinstance(code, grpc.StatusCode):
        return code
    return _CODE_OF_NUMBER.get(code or 0, grpc.StatusCode.UNKNOWN)
