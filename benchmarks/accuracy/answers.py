"""What a tracker answered on a clip, and the result lines that hold it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """One tracker's answer on one clip.

    Parameters
    ----------
    clip
        The clip's name.
    beats_s
        Beats as they were first told.
    reported_s
        How much audio had been heard when each was told; empty where unknown.
    settled_s
        The same beats as they were told last; empty where a tracker tells them once.
    ahead_s, ahead_settled_s
        Where the next beat was predicted to be, by the first and by the last record of a beat;
        empty where a tracker predicts none.
    windows
        (end of the window, bpm) of each window that claims a tempo.
    confidences
        How sure each of those windows was, 0..1; empty where a tracker does not say.
    window_states
        State of every window, in order; empty where a tracker has none.
    deviations
        (onset time, ms late) of single onsets.
    cpu_s
        Processor time that it took.
    timing_sd_ms, accuracy
        Its own figures for the whole clip.
    """

    clip: str
    beats_s: tuple[float, ...] = ()
    reported_s: tuple[float, ...] = ()
    settled_s: tuple[float, ...] = ()
    ahead_s: tuple[float, ...] = ()
    ahead_settled_s: tuple[float, ...] = ()
    windows: tuple[tuple[float, float], ...] = ()
    confidences: tuple[float, ...] = ()
    window_states: tuple[tuple[float, str], ...] = ()
    deviations: tuple[tuple[float, float], ...] = ()
    cpu_s: float | None = None
    timing_sd_ms: float | None = None
    accuracy: float | None = None

    def to_record(self) -> dict[str, Any]:
        """Return the JSON object of a result line; what is unknown is left out."""
        record: dict[str, Any] = {
            "clip": self.clip,
            "beats": [round(at_s, 4) for at_s in self.beats_s],
            "reported": [round(at_s, 4) for at_s in self.reported_s],
            "settled": [round(at_s, 4) for at_s in self.settled_s],
            "ahead": [round(at_s, 4) for at_s in self.ahead_s],
            "ahead_settled": [round(at_s, 4) for at_s in self.ahead_settled_s],
            "windows": self._window_records(),
            "states": [{"t": round(t, 4), "state": state} for t, state in self.window_states],
            "devs": [{"t": round(t, 4), "dev_ms": round(ms, 3)} for t, ms in self.deviations],
            "cpu_s": self.cpu_s,
            "timing_sd_ms": self.timing_sd_ms,
            "accuracy": self.accuracy,
        }
        optional = {"reported", "settled", "ahead", "ahead_settled", "states", "devs"}
        return {
            key: value
            for key, value in record.items()
            if value is not None and (value or key not in optional)
        }

    def _window_records(self) -> list[dict[str, float]]:
        records = [{"t": round(t, 4), "bpm": round(bpm, 4)} for t, bpm in self.windows]
        if self.confidences:
            for record, confidence in zip(records, self.confidences, strict=True):
                record["confidence"] = round(confidence, 4)
        return records


def answer_of(record: dict[str, Any]) -> Answer:
    """Take one result line."""
    beats_s = tuple(record.get("beats") or ())
    reported_s = tuple(record.get("reported") or ())
    windows = [window for window in record.get("windows") or () if window.get("bpm")]
    sure = all("confidence" in window for window in windows)
    return Answer(
        clip=record["clip"],
        beats_s=beats_s,
        reported_s=reported_s if len(reported_s) == len(beats_s) else (),
        settled_s=tuple(record.get("settled") or ()),
        ahead_s=tuple(record.get("ahead") or ()),
        ahead_settled_s=tuple(record.get("ahead_settled") or ()),
        windows=tuple((window["t"], window["bpm"]) for window in windows),
        confidences=tuple(window["confidence"] for window in windows) if sure else (),
        window_states=tuple((w["t"], w["state"]) for w in record.get("states") or ()),
        deviations=tuple((d["t"], d["dev_ms"]) for d in record.get("devs") or ()),
        cpu_s=record.get("cpu_s"),
        timing_sd_ms=record.get("timing_sd_ms"),
        accuracy=record.get("accuracy"),
    )


def read_answers(path: Path) -> dict[str, Answer]:
    """Read a file of result lines, by clip."""
    lines = path.read_text(encoding="utf-8").splitlines()
    answers = (answer_of(json.loads(line)) for line in lines if line.strip())
    return {answer.clip: answer for answer in answers}


def write_answers(path: Path, answers: Iterable[Answer]) -> None:
    """Write result lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(answer.to_record(), allow_nan=False) + "\n" for answer in answers)
    path.write_text(text, encoding="utf-8")
