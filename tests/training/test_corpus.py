import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from analysis_engine.training.behaviour import SCENARIOS
from analysis_engine.training.corpus import (
    ClipPlan,
    make_clip,
    plan_corpus,
    truth_record,
    write_corpus,
)
from analysis_engine.training.performance import Performance
from analysis_engine.training.pulseless import PULSELESS

RATE_HZ = 22_050
SECONDS = 12.0


def clip_of(scenario: str, instrument: str = "guitar", index: int = 3) -> Performance:
    return make_clip(ClipPlan(index, "b", scenario, instrument), 7, SECONDS, RATE_HZ)


def test_the_same_seed_gives_the_same_samples_and_another_does_not() -> None:
    plan = ClipPlan(2, "b", "student", "violin")
    first, again = (make_clip(plan, 7, 4.0, RATE_HZ) for _ in range(2))
    other = make_clip(plan, 8, 4.0, RATE_HZ)
    assert np.array_equal(first.audio, again.audio)
    assert np.array_equal(first.onsets_s, again.onsets_s)
    assert not np.array_equal(first.audio, other.audio)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_truth_is_consistent_with_itself(scenario: str) -> None:
    clip = clip_of(scenario)
    assert len(clip.audio) == SECONDS * RATE_HZ
    assert (np.diff(clip.beats_s) > 0).all()
    assert np.isin(clip.downbeats_s, clip.beats_s).all()
    assert clip.beats_s[0] >= 0
    assert clip.beats_s[-1] < SECONDS
    after_gap = {round(high_s, 6) for _, high_s in clip.gaps_s}
    for (at_s, bpm), next_s in zip(clip.tempo, clip.beats_s[1:], strict=True):
        if round(next_s, 6) not in after_gap:
            assert next_s - at_s == pytest.approx(60 / bpm, rel=1e-6)


def test_beats_without_a_note_are_in_the_truth() -> None:
    for index in range(20):
        clip = clip_of("steady", "piano", index)
        if clip.source == "melody":
            on_grid = np.isin(np.round(clip.beats_s, 3), np.round(clip.onsets_s[:, 1], 3))
            assert not on_grid.all()
            assert np.diff(clip.beats_s) == pytest.approx(clip.beats_s[1] - clip.beats_s[0])
            return
    pytest.fail("no melody was drawn")


def test_the_sound_rises_at_the_onsets() -> None:
    clip = clip_of("steady", "drums")
    spans = [(round((s - 0.01) * RATE_HZ), round(s * RATE_HZ)) for s in clip.onsets_s[2:20, 0]]
    before = [np.abs(clip.audio[low:high]).max() for low, high in spans]
    after = [np.abs(clip.audio[high : high + 441]).max() for _, high in spans]
    assert np.median(np.array(after) / (np.array(before) + 1e-4)) > 2


def test_a_corpus_holds_every_scenario_and_sounds_without_a_pulse() -> None:
    plans = plan_corpus(90)
    assert len(plans) == 90
    assert {plan.scenario for plan in plans if plan.part == "b"} == set(SCENARIOS)
    assert {plan.scenario for plan in plans if plan.part == "n"} == set(PULSELESS)
    instruments_of_steady = {plan.instrument for plan in plans if plan.scenario == "steady"}
    assert len(instruments_of_steady) > 2


def test_written_files_and_truth_belong_together(tmp_path: Path) -> None:
    assert len(list(write_corpus(tmp_path, 11, 3, 2.0))) == 11
    lines = (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    for record in map(json.loads, lines):
        sound, rate_hz = soundfile.read(tmp_path / record["file"])
        assert rate_hz == record["sr"]
        assert len(sound) / rate_hz == pytest.approx(record["dur"], abs=1e-3)


def test_truth_names_what_the_evaluation_corpora_name() -> None:
    record = truth_record(clip_of("pause"), "x", "b")
    assert {
        "clip",
        "part",
        "scenario",
        "instrument",
        "file",
        "dur",
        "sr",
        "beats",
        "downbeats",
        "target_bpm",
        "hint_bpm",
        "tempo",
        "timing_sd_ms",
        "onsets",
        "gaps",
        "changes",
        "source",
        "license",
    } <= set(record)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
