"""Large digits for the terminal, five lines high.

A character cell is twice as high as it is wide, so every dot of a digit is two cells wide.
"""

from __future__ import annotations

from typing import Final

HEIGHT: Final = 5
_GLYPHS: Final = {
    "0": ("███", "█ █", "█ █", "█ █", "███"),
    "1": (" █ ", "██ ", " █ ", " █ ", "███"),
    "2": ("███", "  █", "███", "█  ", "███"),
    "3": ("███", "  █", "███", "  █", "███"),
    "4": ("█ █", "█ █", "███", "  █", "  █"),
    "5": ("███", "█  ", "███", "  █", "███"),
    "6": ("███", "█  ", "███", "█ █", "███"),
    "7": ("███", "  █", "  █", "  █", "  █"),
    "8": ("███", "█ █", "███", "█ █", "███"),
    "9": ("███", "█ █", "███", "  █", "███"),
    ".": (" ", " ", " ", " ", "█"),
    "-": ("   ", "   ", "███", "   ", "   "),
}


def large_number(number: float | None) -> str:
    """Return the number with one decimal as five lines; dashes when there is none."""
    characters = "---" if number is None else f"{number:.1f}"
    glyphs = [_GLYPHS[character] for character in characters]
    return "\n".join("  ".join(_doubled(glyph[row]) for glyph in glyphs) for row in range(HEIGHT))


def _doubled(dots: str) -> str:
    return "".join(dot * 2 for dot in dots)
