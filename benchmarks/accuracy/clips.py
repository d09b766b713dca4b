"""A corpus on disk: truth.jsonl, and audio files beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

AUDIO_SUFFIXES: Final = (".wav", ".flac", ".ogg", ".mp3")
MOVING: Final = ("rush", "drag", "jump", "pause", "student")


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip and what is true of it.

    Parameters
    ----------
    name, part, scenario, instrument
        How results are grouped.
    path
        The audio file.
    duration_s
        Its length.
    beats_s
        True beats, shape (beats,); empty where there is no pulse.
    tempo
        (beat time, bpm of the beat that starts there), shape (n, 2).
    onsets_s
        (played, grid), shape (n, 2); empty where unknown.
    gaps_s, changes_s
        Pauses (next beat due, next beat come), and sudden tempo changes.
    target_bpm
        What the player was asked for.
    hint_bpm
        What a tracker is told when it is told anything.
    timing_sd_ms
        The player's true deviation, where known.
    """

    name: str
    part: str
    scenario: str
    instrument: str
    path: Path
    duration_s: float
    beats_s: NDArray[np.float64]
    tempo: NDArray[np.float64]
    onsets_s: NDArray[np.float64]
    gaps_s: tuple[tuple[float, float], ...] = ()
    changes_s: tuple[float, ...] = ()
    target_bpm: float | None = None
    hint_bpm: float | None = None
    timing_sd_ms: float | None = None

    @property
    def has_pulse(self) -> bool:
        """Whether there are beats to find."""
        return len(self.beats_s) > 0

    @property
    def turns_s(self) -> tuple[float, ...]:
        """When a tracker has to find its way again: sudden changes, and ends of pauses."""
        return (*self.changes_s, *(high_s for _, high_s in self.gaps_s))

    @property
    def usual_bpm(self) -> float:
        """Median of the true tempo; only where there is a pulse."""
        return float(np.median(self.tempo[:, 1]))

    @property
    def motion(self) -> str:
        """The part; for b whether a metronome at the hint would do (fixed), for x the scenario."""
        if self.part == "x":
            return f"x:{self.scenario}"
        if self.part != "b":
            return self.part
        return "b:moving" if self.scenario in MOVING else "b:fixed"

    def group(self, by: str) -> str:
        """Name of this clip's group: by part, motion, scenario, instrument or clip.

        Raises
        ------
        ValueError
            For another grouping.
        """
        groups = {
            "part": self.part,
            "motion": self.motion,
            "scenario": f"{self.part}:{self.scenario}"
            if self.part in "bnx"
            else f"{self.part}:all",
            "instrument": f"{self.part}:{self.instrument}",
            "clip": self.name,
        }
        if by not in groups:
            raise ValueError(f"by={by!r} is none of {', '.join(groups)}")
        return groups[by]


def read_corpus(folder: Path) -> list[Clip]:
    """Read ``truth.jsonl`` of a corpus; order is kept."""
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return [clip_of(json.loads(line), folder) for line in lines if line.strip()]


def clip_of(record: dict[str, Any], folder: Path) -> Clip:
    """Take one line of ``truth.jsonl``."""
    return Clip(
        name=record["clip"],
        part=record["part"],
        scenario=record["scenario"],
        instrument=record["instrument"],
        path=folder / record["file"],
        duration_s=record["dur"],
        beats_s=np.asarray(record["beats"], float),
        tempo=np.asarray(record["tempo"], float).reshape(-1, 2),
        onsets_s=np.asarray(record["onsets"] or [], float).reshape(-1, 2),
        gaps_s=tuple((low_s, high_s) for low_s, high_s in record["gaps"]),
        changes_s=tuple(record["changes"]),
        target_bpm=record["target_bpm"],
        hint_bpm=record["hint_bpm"],
        timing_sd_ms=record["timing_sd_ms"],
    )


def pulseless_folder(folder: Path) -> list[Clip]:
    """Take every audio file of a folder as a clip without a pulse, named as folder/file.

    Raises
    ------
    FileNotFoundError
        When there is none.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in AUDIO_SUFFIXES)
    if not paths:
        raise FileNotFoundError(f"no audio files in {folder}")
    nothing = np.zeros((0, 2))
    return [
        Clip(
            f"{folder.name}/{path.stem}",
            part="n",
            scenario=path.stem,
            instrument="none",
            path=path,
            duration_s=0.0,
            beats_s=np.zeros(0),
            tempo=nothing,
            onsets_s=nothing,
        )
        for path in paths
    ]
