"""Bars and the rush/drag needle."""

from __future__ import annotations

from typing import Final

from rich.text import Text

_LABEL_WIDTH: Final = 12
# The needle's ends: a tempo 10 % off is where a STRICT player's accuracy reaches 0.
FULL_DEVIATION_PERCENT: Final = 10.0


def bar(label: str, value: float | None, width: int, color: str) -> Text:
    """Return a labelled bar for a value of 0 to 100; empty when there is none."""
    filled = 0 if value is None else round(max(0.0, min(100.0, value)) / 100 * width)
    return Text.assemble(
        (f"{label:<{_LABEL_WIDTH}}", "dim"),
        ("━" * filled, color),
        ("─" * (width - filled), "dim"),
        "   -" if value is None else f" {value:3.0f}",
    )


def needle(deviation_percent: float | None, width: int, *, has_target: bool) -> Text:
    """Return the needle between drag (left) and rush (right), the middle being the target."""
    label = (f"{'drag / rush':<{_LABEL_WIDTH}}", "dim")
    if deviation_percent is None:
        words = "waiting for a pulse" if has_target else "give a --target to see it"
        return Text.assemble(label, (f"{words:^{width}}", "dim"))
    share = max(-1.0, min(1.0, deviation_percent / FULL_DEVIATION_PERCENT))
    middle = width // 2
    place = round(middle + share * (middle - 1))
    line = ["─"] * width
    line[middle] = "┼"
    line[place] = "▲"
    return Text.assemble(
        label,
        ("".join(line[:place]), "dim"),
        (line[place], "bold"),
        ("".join(line[place + 1 :]), "dim"),
        f" {deviation_percent:+z.1f} %",
    )
