"""What PostgreSQL would do for the queries of a piece of work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Plan = dict[str, Any]


def plans_of(engine: Engine, work: Callable[[Session], object]) -> list[tuple[str, Plan]]:
    """Run a unit of work; return each SELECT that it sent, with its plan."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        with Session(engine) as session:
            work(session)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        return [
            (statement, _explained(connection, statement, parameters))
            for statement, parameters in sent
        ]


def nodes_of(plan: Plan) -> Iterator[Plan]:
    """Every step of a plan, from the top."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)


def scanned_tables(plan: Plan) -> set[str]:
    """Tables that a plan reads from one end to the other, by whatever kind of scan."""
    return {
        str(node["Relation Name"])
        for node in nodes_of(plan)
        if "Relation Name" in node and not _is_narrow(node)
    }


def _is_narrow(node: Plan) -> bool:
    """Whether a scan goes by a condition on an index; the rows of a bitmap were found by one."""
    return "Index Cond" in node or node["Node Type"] == "Bitmap Heap Scan"


def _explained(connection: Any, statement: str, parameters: Any) -> Plan:
    row = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    explained = row if isinstance(row, list) else json.loads(row)
    plan: Plan = explained[0]["Plan"]
    return plan
