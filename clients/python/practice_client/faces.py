"""The angry metronome: its face for every mood, and its pendulum."""

# ruff: noqa: RUF001 - the metronome is drawn with box-drawing diagonals, on purpose.
from __future__ import annotations

from typing import Final

from practice.analysis.v1 import analysis_pb2 as pb

WIDTH: Final = 19
HEIGHT: Final = 11

_MIDDLE: Final = WIDTH // 2
_ROD_LINES: Final = 4
# Brows, eyes, mouth: 7, 9 and 11 characters, as the body widens.
_FEATURES: Final[dict[int, tuple[str, str, str]]] = {
    pb.EXPRESSION_HAPPY: ("       ", "  ^   ^  ", "  ╰─────╯  "),
    pb.EXPRESSION_NEUTRAL: ("       ", "  ●   ●  ", "   ─────   "),
    pb.EXPRESSION_ANNOYED: (" ─   ╲ ", "  ●   ●  ", "   ~~~~~   "),
    pb.EXPRESSION_ANGRY: (" ╲   ╱ ", "  ●   ●  ", "  ╭─────╮  "),
}
_ASLEEP: Final = ("       ", "  ─   ─  ", "     ·     ")


def face_lines(expression: int | None, *, swing: float | None) -> list[str]:
    """Return the metronome as `HEIGHT` lines of `WIDTH`.

    Parameters
    ----------
    expression
        Mood; None while there is none (asleep).
    swing
        Where the pendulum is, -1 (left) to 1 (right); None at rest.
    """
    brows, eyes, mouth = _FEATURES.get(expression or 0, _ASLEEP)
    return [
        *_pendulum(0.0 if swing is None else swing),
        "       ╭───╮       ",
        "      ╱     ╲      ",
        f"     ╱{brows}╲     ",
        f"    ╱{eyes}╲    ",
        f"   ╱{mouth}╲   ",
        "  ╱             ╲  ",
        " ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀ ",
    ]


def _pendulum(swing: float) -> list[str]:
    """Return the rod, one column per line at its widest, with the bob on top."""
    lines = []
    for line in range(_ROD_LINES):
        column = _column(swing, line)
        below = _column(swing, line + 1)
        rod = "│" if column == below else "╲" if column < below else "╱"
        sign = "●" if line == 0 else rod
        lines.append(f"{'':{column}}{sign}".ljust(WIDTH))
    return lines


def _column(swing: float, line: int) -> int:
    share = max(-1.0, min(1.0, swing))
    return _MIDDLE + round(share * (_ROD_LINES - line))
