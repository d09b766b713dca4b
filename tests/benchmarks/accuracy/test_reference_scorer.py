"""Our scores are those of the scorer that the evaluation clips come with.

``GOLDEN`` is what that scorer says of the cases below. Where a corpus with its ``score.py`` and
``peers/`` is at hand, ``make test CORPUS=DIR TESTS=tests/benchmarks/accuracy`` compares them all.
"""

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.accuracy.answers import answer_of
from benchmarks.accuracy.clips import clip_of
from benchmarks.accuracy.scores import score

CORPUS = os.environ.get("CORPUS", "")
SHARED = (
    "F", "Cem", "CMLt", "AMLt", "A1", "A2", "W1", "err%", "jit", "rec", "sdMAE", "devMAE", "devr",
    "accE", "lat", "cpu%",
)  # fmt: skip


def truth() -> dict[str, Any]:
    """A jump from 90 to 120 bpm, then a pause; every beat and its half is played, unevenly."""
    beats_s = [*np.arange(0.5, 9, 60 / 90), *np.arange(9.2, 22, 0.5), *np.arange(25.2, 36, 0.5)]
    grid_s = np.sort([*beats_s, *np.add(beats_s, 0.25)])
    played_s = grid_s + 0.015 * np.sin(3 * np.arange(len(grid_s)))
    bpm = [90.0 if beat_s < 9 else 120.0 for beat_s in beats_s]
    return {
        "clip": "case", "part": "b", "scenario": "jump", "instrument": "piano", "file": "x.flac",
        "dur": 36.0, "beats": list(beats_s), "tempo": list(zip(beats_s, bpm, strict=True)),
        "onsets": list(zip(played_s, grid_s, strict=True)), "gaps": [[22.2, 25.2]],
        "changes": [9.2], "target_bpm": 120.0, "hint_bpm": 120.0, "timing_sd_ms": 10.6,
    }  # fmt: skip


def answers() -> dict[str, dict[str, Any]]:
    true = truth()
    beats_s = np.array(true["beats"])
    late_s = 0.05 * np.sin(np.arange(len(beats_s)))
    ticking_s = np.arange(0.3, 36, 0.34)
    ends_s = np.arange(1.0, 36, 0.5)
    said_bpm = np.where(ends_s < 11.1, 91.0, 118.0) * (1 + 0.03 * np.sin(ends_s))
    said_bpm[40:44] = 59.0
    devs = [
        {"t": played_s + 0.004, "dev_ms": 1000 * (played_s - grid_s) + 2 * (-1) ** index}
        for index, (played_s, grid_s) in enumerate(true["onsets"])
    ]
    windows = [{"t": t, "bpm": bpm} for t, bpm in zip(ends_s, said_bpm, strict=True)]
    return {
        "everything": {
            "clip": "case", "beats": list(beats_s + late_s), "windows": windows, "devs": devs,
            "reported": list(beats_s + late_s + 0.013), "timing_sd_ms": 13.0, "accuracy": 90.5,
            "cpu_s": 0.05,
        },
        "beats alone": {"clip": "case", "beats": list(ticking_s)},
        "beats told late": {
            "clip": "case", "beats": list(ticking_s), "reported": list(ticking_s + 0.5)
        },
        "nothing": {"clip": "case", "beats": []},
    }  # fmt: skip


GOLDEN: dict[str, dict[str, float]] = {
    "everything": {
        "F": 1.0, "Cem": 0.703962338, "CMLt": 1.0, "AMLt": 1.0, "A1": 1.0, "A2": 1.0, "W1":
        0.735849057, "err%": 2.326745805, "jit": 1.134257877, "rec": 2.05, "sdMAE": 2.4, "devMAE":
        2.0, "devr": 0.982406657, "accE": 3.97689743, "lat": 13.0, "cpu%": 0.138888889,
    },
    "beats alone": {
        "F": 0.350364964, "Cem": 0.238754306, "CMLt": 0.012048193, "AMLt": 0.046728972, "A1": 0.0,
        "A2": 0.0, "W1": 0.0, "err%": 47.058823529, "jit": 0.0, "rec": 16.0, "sdMAE": 10.6,
    },
    "beats told late": {
        "F": 0.350364964, "Cem": 0.238754306, "CMLt": 0.012048193, "AMLt": 0.046728972, "A1": 0.0,
        "A2": 0.0, "W1": 0.0, "err%": 47.058823529, "jit": 0.0, "rec": 16.0, "sdMAE": 10.6, "lat":
        500.0,
    },
    "nothing": {
        "F": 0.0, "Cem": 0.0, "CMLt": 0.0, "AMLt": 0.0, "A1": 0.0, "A2": 0.0, "W1": 0.0, "err%":
        100.0,
    },
}  # fmt: skip


def ours(true: dict[str, Any], record: dict[str, Any]) -> dict[str, float]:
    return score(clip_of(true, Path()), answer_of(record))


@pytest.mark.parametrize("case", list(answers()))
def test_scores_are_those_of_the_reference(case: str) -> None:
    scores = ours(truth(), answers()[case])
    assert {name: scores.get(name) for name in SHARED} == {
        name: pytest.approx(GOLDEN[case].get(name)) for name in SHARED
    }


def reference_scorer(folder: Path) -> Any:
    spec = importlib.util.spec_from_file_location("reference_scorer", folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


@pytest.mark.skipif(
    not (Path(CORPUS) / "score.py").is_file(), reason="CORPUS names no folder with a score.py"
)
def test_scores_of_a_whole_corpus_are_those_of_its_scorer() -> None:
    folder = Path(CORPUS)
    reference = reference_scorer(folder)
    truths = {record["clip"]: record for record in lines(folder / "truth.jsonl")}
    compared = 0
    for path in sorted((folder / "peers").glob("*.jsonl")):
        for record in lines(path):
            theirs = reference.score_clip(truths[record["clip"]], record)
            scores = ours(truths[record["clip"]], record)
            for name, value in theirs.items():
                if np.isfinite(value):
                    assert scores[name] == pytest.approx(value), (path.stem, record["clip"], name)
                    compared += 1
    assert compared
