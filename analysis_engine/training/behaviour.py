"""How students play: the scenarios of practice, from steady to lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a player does to a score.

    Parameters
    ----------
    bpm
        Tempo at the start.
    jitter_ms
        Standard deviation of each onset from the grid.
    drift_per_30s
        Relative tempo change over 30 s; positive rushes.
    jump_ratio
        New tempo over old at a sudden change; 1 for none.
    pause_count
        How often the player stops and starts again.
    walk_share
        Relative size of a slow random walk of the tempo.
    rubato_share
        Relative slow-down at phrase ends.
    offbeat_late_ms
        Systematic lateness of off-beat notes (uneven subdivisions; negative is early).
    swing_share
        Where an off-beat eighth falls, as a share of the beat; 0.5 is straight.
    wrong_share, extra_share, missed_share
        Chances per onset of a wrong pitch, an added stray note, a note left out.
    """

    bpm: float
    jitter_ms: float = 0.0
    drift_per_30s: float = 0.0
    jump_ratio: float = 1.0
    pause_count: int = 0
    walk_share: float = 0.0
    rubato_share: float = 0.0
    offbeat_late_ms: float = 0.0
    swing_share: float = 0.5
    wrong_share: float = 0.0
    extra_share: float = 0.0
    missed_share: float = 0.0

    def __post_init__(self) -> None:
        if not 20.0 <= self.bpm <= 300.0:
            raise ValueError(f"bpm={self.bpm} is outside 20..300")
        if not 0.5 <= self.swing_share <= 0.75:
            raise ValueError(f"swing_share={self.swing_share} is outside 0.5..0.75")


def draw_bpm(rng: np.random.Generator) -> float:
    """Draw a practice tempo: mostly 56..132, sometimes up to 200."""
    if rng.random() < 0.88:
        return float(round(56 * (132 / 56) ** rng.random()))
    return float(round(132 * (200 / 132) ** rng.random()))


def _steady(rng: np.random.Generator) -> Behaviour:
    return Behaviour(draw_bpm(rng))


def _jitter(jitter_ms: float) -> Callable[[np.random.Generator], Behaviour]:
    def draw(rng: np.random.Generator) -> Behaviour:
        swing = float(rng.choice([0.5, 0.5, 0.5, 0.5, 0.58, 0.66]))
        return Behaviour(draw_bpm(rng), jitter_ms, swing_share=swing)

    return draw


def _rush(rng: np.random.Generator) -> Behaviour:
    return Behaviour(draw_bpm(rng), 10.0, drift_per_30s=float(rng.uniform(0.06, 0.1)))


def _drag(rng: np.random.Generator) -> Behaviour:
    return Behaviour(draw_bpm(rng), 10.0, drift_per_30s=-float(rng.uniform(0.06, 0.1)))


def _jump(rng: np.random.Generator) -> Behaviour:
    ratio = float(rng.uniform(1.12, 1.28))
    return Behaviour(draw_bpm(rng), 10.0, jump_ratio=ratio if rng.random() < 0.5 else 1 / ratio)


def _pause(rng: np.random.Generator) -> Behaviour:
    return Behaviour(draw_bpm(rng), 15.0, pause_count=int(rng.integers(1, 3)))


def _room(rng: np.random.Generator) -> Behaviour:
    return Behaviour(draw_bpm(rng), 20.0)


def _slow(rng: np.random.Generator) -> Behaviour:
    return Behaviour(float(rng.integers(44, 55)), 20.0)


def _student(rng: np.random.Generator) -> Behaviour:
    return Behaviour(
        draw_bpm(rng),
        25.0,
        walk_share=0.025,
        rubato_share=float(rng.choice([0.0, 0.08, 0.2])),
        offbeat_late_ms=float(rng.normal(0.0, 15.0)),
        wrong_share=0.05,
        extra_share=0.03,
        missed_share=0.02,
    )


def _wide(rng: np.random.Generator) -> Behaviour:
    low, high = ((30, 50), (150, 240))[int(rng.integers(2))]
    return Behaviour(float(rng.integers(low, high + 1)), float(rng.choice([5.0, 15.0])))


def _expressive(rng: np.random.Generator) -> Behaviour:
    """Draw a musician who plays with the time: phrases breathe, the tempo wanders."""
    return Behaviour(
        float(rng.integers(45, 150)),
        float(rng.uniform(8.0, 30.0)),
        walk_share=float(rng.uniform(0.02, 0.09)),
        rubato_share=float(rng.uniform(0.05, 0.45)),
        offbeat_late_ms=float(rng.normal(0.0, 12.0)),
    )


def _drummer(rng: np.random.Generator) -> Behaviour:
    swing = float(rng.choice([0.5, 0.5, 0.5, 0.56, 0.62, 0.66]))
    return Behaviour(
        float(rng.integers(56, 200)),
        float(rng.uniform(3.0, 12.0)),
        walk_share=float(rng.choice([0.0, 0.01])),
        offbeat_late_ms=float(rng.normal(0.0, 6.0)),
        swing_share=swing,
    )


def _ensemble(rng: np.random.Generator) -> Behaviour:
    return Behaviour(
        draw_bpm(rng),
        float(rng.uniform(3.0, 15.0)),
        walk_share=float(rng.choice([0.0, 0.01, 0.02])),
        rubato_share=float(rng.choice([0.0, 0.0, 0.1])),
    )


SCENARIOS: Final[dict[str, Callable[[np.random.Generator], Behaviour]]] = {
    "steady": _steady,
    "jit10": _jitter(10.0),
    "jit20": _jitter(20.0),
    "jit40": _jitter(40.0),
    "rush": _rush,
    "drag": _drag,
    "jump": _jump,
    "pause": _pause,
    "room": _room,
    "slow": _slow,
    "student": _student,
}
"""Part b: practice as the evaluation corpora name it."""

EXTRA_SCENARIOS: Final[dict[str, Callable[[np.random.Generator], Behaviour]]] = {
    "off": _room,
    "wide": _wide,
    "click": _room,
}
"""Part x: beside the target, at the ends of the tempo range, with a metronome in the room."""

CONCERT_SCENARIOS: Final[dict[str, Callable[[np.random.Generator], Behaviour]]] = {
    "expressive": _expressive,
    "drummer": _drummer,
    "ensemble": _ensemble,
}
"""Part m: musicians rather than exercises, for training only."""


def draw_behaviour(rng: np.random.Generator, scenario: str) -> Behaviour:
    """Draw the behaviour of a scenario.

    Raises
    ------
    ValueError
        For a name that is in none of the tables of scenarios.
    """
    draw = {**SCENARIOS, **EXTRA_SCENARIOS, **CONCERT_SCENARIOS}.get(scenario)
    if draw is None:
        raise ValueError(f"scenario={scenario!r} is unknown")
    return draw(rng)
