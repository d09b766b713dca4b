"""Bars and the rush/drag needle."""

from __future__ import annotations

from typing import Final

from rich.text import Text

LABEL_WIDTH: Final = 12
#: Characters that stand right of a gauge at most.
VALUE_WIDTH: Final = 13
# The needle's ends: a tempo 10 % off is where a STRICT player's accuracy reaches 0.
FULL_DEVIATION_PERCENT: Final = 10.0


def bar(label: str, value: float | None, width: int, color: str) -> Text:
    """Return a labelled bar for a value of 0 to 100; empty when there is none."""
    filled = 0 if value is None else round(max(0.0, min(100.0, value)) / 100 * width)
    return Text.assemble(
        (f"{label:<{LABEL_WIDTH}}", "dim"),
        ("━" * filled, color),
        ("─" * (width - filled), "dim"),
        "   -" if value is None else f" {value:3.0f}",
        no_wrap=True,
    )


def needle(
    deviation_percent: float | None, width: int, *, has_target: bool, color: str = "default"
) -> Text:
    """Return the needle between drag (left) and rush (right), the middle being the target."""
    label = (f"{'drag':>{LABEL_WIDTH - 1}} ", "dim")
    if deviation_percent is None:
        words = "waiting for a pulse" if has_target else "give a --target to see it"
        return Text.assemble(label, (f"{words:^{width}}", "dim"), (" rush", "dim"), no_wrap=True)
    share = max(-1.0, min(1.0, deviation_percent / FULL_DEVIATION_PERCENT))
    middle = width // 2
    place = round(middle + share * (middle - 1))
    line = ["─"] * width
    line[middle] = "┼"
    return Text.assemble(
        label,
        ("".join(line[:place]), "dim"),
        ("▲", f"bold {color}"),
        ("".join(line[place + 1 :]), "dim"),
        (" rush", "dim"),
        f" {deviation_percent:+z.1f} %",
        no_wrap=True,
    )
