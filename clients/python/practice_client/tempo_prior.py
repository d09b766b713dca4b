"""Tempi of earlier sessions, as the contract wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable


def tempo_prior(tempi: Iterable[float | tuple[float, float]]) -> pb.TempoPrior | None:
    """Return what is asked of the server; None when there are no earlier sessions.

    Parameters
    ----------
    tempi
        Tempi, 20..400 bpm, or pairs of a tempo and how many sessions it stands for (1 by itself).
    """
    expected = []
    for tempo in tempi:
        bpm, weight = tempo if isinstance(tempo, tuple) else (tempo, 1.0)
        expected.append(pb.ExpectedTempo(bpm=bpm, weight=weight))
    return pb.TempoPrior(tempi=expected) if expected else None


def with_tempo_prior(
    config: pb.StreamConfig, tempi: Iterable[float | tuple[float, float]]
) -> pb.StreamConfig:
    """Return the configuration with these tempi; itself when there are none."""
    prior = tempo_prior(tempi)
    if prior is None:
        return config
    changed = pb.StreamConfig()
    changed.CopyFrom(config)
    changed.tempo_prior.CopyFrom(prior)
    return changed
