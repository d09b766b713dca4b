import io
import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

from analysis_engine.training import bundled
from analysis_engine.training.bundled import BUNDLED, FOLDER, truth, write
from analysis_engine.training.tunes import chord_of, melody_of, pitch_of

make = lru_cache(bundled.make)


@pytest.mark.parametrize("name", BUNDLED)
def test_the_files_are_what_the_generator_makes(name: str) -> None:
    performance = make(name)
    sound, rate_hz = soundfile.read(FOLDER / f"{name}.ogg", dtype="float32")
    assert (rate_hz, sound.ndim) == (performance.sample_rate_hz, 1)
    assert abs(len(sound) - len(performance.audio)) <= 1
    count = min(len(sound), len(performance.audio))
    error = np.sqrt(np.mean((sound[:count] - performance.audio[:count]) ** 2))
    assert error < 0.15 * performance.audio.std()  # what Vorbis takes away


@pytest.mark.parametrize("name", BUNDLED)
def test_the_truth_is_what_the_generator_says(name: str) -> None:
    stored = json.loads((FOLDER / f"{name}.truth.json").read_text(encoding="utf-8"))
    made = json.loads(json.dumps(truth(name, make(name))))
    assert stored.keys() == made.keys()
    for key, value in made.items():
        if key in {"beats", "downbeats", "tempo", "onsets", "gaps", "extras"}:
            # Rounded to 0.1 ms: another mathematics library may round the last digit otherwise.
            assert np.array(stored[key]) == pytest.approx(np.array(value), abs=2e-4)
        else:
            assert stored[key] == value


def test_together_they_are_a_few_hundred_kilobytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 500_000


def test_each_behaves_as_its_name_says() -> None:
    steady, rushing, student = (make(name) for name in ("steady", "rushing", "student"))
    assert steady.tempo[:, 1] == pytest.approx(96.0)
    assert rushing.tempo[-1, 1] > 1.08 * rushing.tempo[0, 1]
    assert np.ptp(student.tempo[:, 1]) > 8
    assert len(student.gaps_s) == 1
    sds_ms = [clip.timing_sd_ms or 0.0 for clip in (steady, rushing, student)]
    assert sds_ms[0] < sds_ms[1] < 15 < sds_ms[2]


def test_writing_makes_a_readable_file(tmp_path: Path) -> None:
    write(tmp_path, "steady")
    with soundfile.SoundFile(io.BytesIO((tmp_path / "steady.ogg").read_bytes())) as file:
        assert (file.format, file.subtype, file.channels) == ("OGG", "VORBIS", 1)


def test_note_names_and_chords() -> None:
    assert [pitch_of(name) for name in ("C4", "F#4", "Bb3")] == [60, 66, 58]
    assert chord_of("Am") == (45, 48, 52)
    assert [(n.beat, n.length_beats) for n in melody_of("C4:1 -:.5 | D4:2")] == [(0, 1), (1.5, 2)]
    with pytest.raises(ValueError, match="H4"):
        pitch_of("H4")
