"""The last tempos as a chart of a few lines, with the target as a line across."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEVELS: Final = " ▁▂▃▄▅▆▇█"
_STEPS: Final = len(_LEVELS) - 1
# Less than this share of the tempo from top to bottom would make noise look like waves.
_SMALLEST_SPAN: Final = 0.1
# A target farther away than this share of the tempo is left out: it would flatten the curve.
_TARGET_WITHIN: Final = 0.5


class TempoChart(NamedTuple):
    """Lines from the top down; tempos at the edges; line of the target, None when not in sight."""

    lines: list[str]
    top_bpm: float
    bottom_bpm: float
    target_line: int | None


def tempo_chart(
    tempos_bpm: Sequence[float | None], width: int, height: int, target_bpm: float | None = None
) -> TempoChart | None:
    """Return the chart.

    Parameters
    ----------
    tempos_bpm
        Oldest first; None leaves a hole. The newest `width` are shown.
    width, height
        Size in characters.
    target_bpm
        Brought into sight when it is near enough.

    Returns
    -------
    TempoChart or None
        None while there is no tempo.
    """
    shown = list(tempos_bpm)[-width:]
    known = [tempo for tempo in shown if tempo is not None]
    if not known:
        return None
    target_bpm = _near(target_bpm, known)
    seen = known if target_bpm is None else [*known, target_bpm]
    middle = (max(seen) + min(seen)) / 2
    span = max((max(seen) - min(seen)) * 1.2, middle * _SMALLEST_SPAN)
    bottom_bpm = middle - span / 2

    def steps_of(tempo: float) -> int:
        return 1 + round((tempo - bottom_bpm) / span * (height * _STEPS - 1))

    heights = [None if tempo is None else steps_of(tempo) for tempo in shown]
    lines = [
        "".join(_cell(steps, (height - 1 - row) * _STEPS) for steps in heights)
        for row in range(height)
    ]
    target_line = None if target_bpm is None else height - 1 - (steps_of(target_bpm) - 1) // _STEPS
    return TempoChart(lines, bottom_bpm + span, bottom_bpm, target_line)


def _near(target_bpm: float | None, known: Sequence[float]) -> float | None:
    if target_bpm is None:
        return None
    is_near = all(abs(tempo / target_bpm - 1) <= _TARGET_WITHIN for tempo in known)
    return target_bpm if is_near else None


def _cell(steps: int | None, below: int) -> str:
    return " " if steps is None else _LEVELS[max(0, min(_STEPS, steps - below))]
