"""The angry metronome: its face for every mood, and its pendulum."""

from __future__ import annotations

from typing import Final

from practice.analysis.v1 import analysis_pb2 as pb

WIDTH: Final = 19

_EYES_AND_MOUTHS: Final[dict[int, tuple[str, str, str]]] = {
    pb.EXPRESSION_HAPPY: ("         ", "  ^   ^  ", "  \\___/  "),
    pb.EXPRESSION_NEUTRAL: ("         ", "  o   o  ", "   ---   "),
    pb.EXPRESSION_ANNOYED: ("  _   \\  ", "  o   o  ", "   ~~~   "),
    pb.EXPRESSION_ANGRY: ("  \\   /  ", "  O   O  ", "  /###\\  "),
}
_ASLEEP: Final = ("         ", "  -   -  ", "    .    ")
_PENDULUMS: Final = (
    ("  o                ", "   \\               ", "    \\  .---.       "),
    ("                o  ", "               /   ", "       .---.  /    "),
)
_RESTING: Final = ("         o         ", "         |         ", "       .-+-.       ")


def face_lines(expression: int | None, *, swing: int | None) -> list[str]:
    """Return the metronome as lines of equal width.

    Parameters
    ----------
    expression
        Mood; None while there is none (asleep).
    swing
        Even: the pendulum is left, odd: right; None at rest.
    """
    brows, eyes, mouth = _EYES_AND_MOUTHS.get(expression or 0, _ASLEEP)
    pendulum = _RESTING if swing is None else _PENDULUMS[swing % 2]
    return [
        *pendulum,
        "      /     \\      ",
        f"     /{brows[1:8]}\\     ",
        f"    / {eyes[1:8]} \\    ",
        f"   /  {mouth[1:8]}  \\   ",
        "  /             \\  ",
        " /_______________\\ ",
        " [_______________] ",
    ]
