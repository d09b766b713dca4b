"""What a network is worth on performances that it has not learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analysis_engine.tracking.decoder import DecoderConfig
from analysis_engine.training.decoding import decode, hear, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from analysis_engine.dsp.network import NetworkWeights
    from analysis_engine.training.dataset import TrainingClip

Metrics = dict[str, float]
"""Names such as ``F fixed, target``, and values 0..1."""

ONSET_TOLERANCE_S: Final = 0.05


def measure(clips: Sequence[TrainingClip], weights: NetworkWeights) -> Metrics:
    """Return beat F, share of right tempi, and onset precision and recall of a network."""
    heard = hear(clips, weights)
    config = DecoderConfig()
    metrics: Metrics = {}
    for (group, targeted), (f, tempo) in score(heard, config).items():
        mode = "target" if targeted else "free"
        metrics[f"F {group}, {mode}"] = round(f, 4)
        metrics[f"W1 {group}, {mode}"] = round(tempo, 4)
    found = truths = hits = 0
    for item in heard:
        if item.target_bpm is None or not item.clip.onset_weight:
            continue
        told_s = decode(item.activations, config, item.target_bpm).onsets_s
        found += told_s.size
        truths += item.clip.onsets_s.size
        hits += _hits(item.clip.onsets_s, told_s)
    metrics["onset precision"] = round(hits / max(1, found), 4)
    metrics["onset recall"] = round(hits / max(1, truths), 4)
    return metrics


def _hits(truth_s: np.ndarray, told_s: np.ndarray) -> int:
    """Count told onsets within 50 ms of a played one, each played one once."""
    hits = at = 0
    for time_s in truth_s:
        while at < told_s.size and told_s[at] < time_s - ONSET_TOLERANCE_S:
            at += 1
        if at < told_s.size and told_s[at] <= time_s + ONSET_TOLERANCE_S:
            hits += 1
            at += 1
    return hits
