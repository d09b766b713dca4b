"""The last tempos as a chart of a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEVELS: Final = " ▁▂▃▄▅▆▇█"
_STEPS: Final = len(_LEVELS) - 1
# Less than this share of the tempo from top to bottom would make noise look like waves.
_SMALLEST_SPAN: Final = 0.1


def tempo_chart(
    tempos_bpm: Sequence[float | None], width: int, height: int
) -> tuple[list[str], float, float] | None:
    """Return the lines of the chart, and the tempos at its top and bottom edge.

    Parameters
    ----------
    tempos_bpm
        Oldest first; None leaves a hole. The newest `width` are shown.
    width, height
        Size in characters.

    Returns
    -------
    tuple or None
        None while there is no tempo.
    """
    shown = list(tempos_bpm)[-width:]
    known = [tempo for tempo in shown if tempo is not None]
    if not known:
        return None
    middle = (max(known) + min(known)) / 2
    span = max((max(known) - min(known)) * 1.1, middle * _SMALLEST_SPAN)
    bottom_bpm = middle - span / 2
    heights = [
        None if tempo is None else 1 + round((tempo - bottom_bpm) / span * (height * _STEPS - 1))
        for tempo in shown
    ]
    lines = [
        "".join(_cell(steps, (height - 1 - row) * _STEPS) for steps in heights)
        for row in range(height)
    ]
    return lines, bottom_bpm + span, bottom_bpm


def _cell(steps: int | None, below: int) -> str:
    return " " if steps is None else _LEVELS[max(0, min(_STEPS, steps - below))]
