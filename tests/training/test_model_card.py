from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis_engine.dsp import network
from analysis_engine.training.fitting import FitConfig
from analysis_engine.training.model_card import CARD_FILE, Provenance, read_metrics, write_card
from analysis_engine.training.train import PACKAGE_DIR

if TYPE_CHECKING:
    from pathlib import Path


def test_a_card_gives_back_the_metrics_it_states(tmp_path: Path) -> None:
    metrics = {"F fixed, target": 0.871, "onset recall": 0.93}
    parameters = {"project_bias": np.zeros(32, np.float32), "head": np.zeros((4, 7), np.float32)}
    card = tmp_path / CARD_FILE

    write_card(card, Provenance(90, 10, FitConfig(), 0.28), parameters, metrics)

    assert read_metrics(card) == metrics
    text = card.read_text(encoding="utf-8")
    assert "60 parameters" in text
    assert "90 generated performances, 1.0 hours" in text


def test_the_shipped_card_is_that_of_the_shipped_weights() -> None:
    text = (PACKAGE_DIR / CARD_FILE).read_text(encoding="utf-8")
    count = sum(array.size for array in network.shipped_weights())

    assert f"{count:,} parameters" in text
    assert read_metrics(PACKAGE_DIR / CARD_FILE)["F fixed, target"] > 0.7
