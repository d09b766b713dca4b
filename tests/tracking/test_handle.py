from __future__ import annotations

import numpy as np

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.dsp import pcm
from analysis_engine.tracking import handle, pipeline
from analysis_engine.tracking.decoder import DecoderConfig


def test_a_handle_does_what_its_arrays_would() -> None:
    config = StreamConfig(Encoding.LINEAR16, 16_000)
    rng = np.random.default_rng(3)
    sound = (3000.0 * rng.standard_normal(16_000) * (np.arange(16_000) % 8_000 < 800)).astype("<i2")
    states = [pipeline.make_pipeline(config, DecoderConfig()) for _ in range(2)]
    held = handle.hold(states[0])

    for start in range(0, 16_000, 1_600):
        raw = sound[start : start + 1_600].view(np.uint8)
        by_handle = handle.advance(held, raw, pcm.LINEAR16, 1)
        by_arrays = pipeline.advance(states[1], raw, pcm.LINEAR16, 1)
        assert by_handle == by_arrays
        np.testing.assert_array_equal(states[0].events, states[1].events)

    np.testing.assert_array_equal(states[0].pulse.decoder.mass, states[1].pulse.decoder.mass)
    np.testing.assert_array_equal(states[0].bands, states[1].bands)
