"""How exactly the engine times onsets, by the softness of their attack.

``python -m analysis_engine.training.onset_noise CORPUS...`` prints, for generated corpora with
exact truth, the median delay and the robust standard deviation of onset times: the figures behind
`analysis_engine.tracking.performance.onset_noise_s`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.dsp.pcm import ENCODING_CODES
from analysis_engine.tracking import pipeline, pulse
from analysis_engine.tracking.decoder import DecoderConfig
from analysis_engine.tracking.performance import onset_noise_s

_MATCH_S: Final = 0.06
_MAD_TO_SD: Final = 1.4826
_FEWEST: Final = 30


def onsets_of(path: Path) -> np.ndarray:
    """Return (n, 2): time in s and softness of every onset the front end finds in a clip."""
    samples, rate_hz = sf.read(path, dtype="int16", always_2d=True)
    config = StreamConfig(Encoding.LINEAR16, rate_hz, samples.shape[1])
    state = pipeline.make_pipeline(config, DecoderConfig())
    step = pipeline.slice_samples(rate_hz)
    code = ENCODING_CODES[config.encoding]
    found: list[np.ndarray] = []
    for start in range(0, len(samples), step):
        raw = np.frombuffer(samples[start : start + step].tobytes(), np.uint8)
        count = pipeline.advance(state, raw, code, config.channel_count)
        rows = state.events[:count]
        rows = rows[rows[:, 1] == pulse.ONSET]
        found.append(np.column_stack([(rows[:, 2] + 1.0) * HOP_S, rows[:, 4]]))
    return np.concatenate(found)


def errors_of(corpus: Path) -> np.ndarray:
    """Return (n, 2): softness and time error in s of every onset that has a played note near."""
    errors: list[tuple[float, float]] = []
    for line in (corpus / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        clip = json.loads(line)
        if not clip["onsets"]:
            continue
        played_s = np.array(clip["onsets"])[:, 0]
        for at_s, softness in onsets_of(corpus / clip["file"]):
            error_s = at_s - played_s[np.argmin(np.abs(played_s - at_s))]
            if abs(error_s) <= _MATCH_S:
                errors.append((softness, error_s))
    return np.array(errors)


def main() -> None:
    """Print the table for the corpora named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="+")
    errors = np.concatenate([errors_of(corpus) for corpus in parser.parse_args().corpora])
    print("softness  onsets  delay ms  sd ms  published ms")  # noqa: T201
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (errors[:, 0] >= low) & (errors[:, 0] < low + 0.1)
        if inside.sum() < _FEWEST:
            continue
        error_ms = 1000.0 * errors[inside, 1]
        delay_ms = float(np.median(error_ms))
        sd_ms = _MAD_TO_SD * float(np.median(np.abs(error_ms - delay_ms)))
        published_ms = 1000.0 * onset_noise_s(low + 0.05)
        print(  # noqa: T201
            f"{low:.1f}-{low + 0.1:.1f}   {inside.sum():6d}  {delay_ms:8.1f}  {sd_ms:5.1f}"
            f"  {published_ms:12.1f}"
        )


if __name__ == "__main__":
    main()
