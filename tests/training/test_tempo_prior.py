from __future__ import annotations

import numpy as np
import pytest

from analysis_engine.tracking.tempo_prior import PRACTICE_LOG_DENSITY
from analysis_engine.training.corpus import make_clip, plan_corpus
from analysis_engine.training.tempo_prior import log_density_table, practice_tempi


def test_the_tempi_are_those_that_a_corpus_would_perform() -> None:
    tempi = practice_tempi(clip_count=12, seed=3)
    clips = [make_clip(plan, 3, 4.0, 8_000) for plan in plan_corpus(12)[:3]]
    assert [clip.target_bpm for clip in clips] == list(tempi[:3])


def test_a_single_tempo_gives_its_smoothed_peak_over_an_even_floor() -> None:
    table = log_density_table(np.full(5, 120.0))
    density = np.exp(table)
    peak = 0.8 / (0.1 * np.sqrt(2.0 * np.pi)) + 0.2 / 3.0
    assert table[12] == 0.0
    assert density[0] == density[-1] == pytest.approx(0.2 / 3.0 / peak, abs=1e-3)
    assert density[11] == density[13] == pytest.approx(0.266, abs=0.01)


def test_the_shipped_table_is_what_the_command_prints() -> None:
    shipped = np.array(PRACTICE_LOG_DENSITY)
    few = np.array(log_density_table(practice_tempi(clip_count=3_000, seed=9)))
    usual = shipped > -1.5
    np.testing.assert_allclose(few, shipped, atol=1.0)
    np.testing.assert_allclose(few[usual], shipped[usual], atol=0.2)
