from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.dsp import pcm
from tests.oracles import signal as oracles

if TYPE_CHECKING:
    from collections.abc import Callable


def decoded(raw: bytes, encoding: int, channel_count: int) -> tuple[np.ndarray, int]:
    out = np.zeros(len(raw) + 1, np.float32)
    clipped = pcm.decode(np.frombuffer(raw, np.uint8), encoding, channel_count, out)
    width = {pcm.LINEAR16: 2, pcm.FLOAT32: 4, pcm.MULAW: 1}[encoding]
    return out[: len(raw) // width // channel_count], clipped


@pytest.mark.parametrize("channel_count", [1, 2])
@pytest.mark.parametrize(
    ("encoding", "oracle"), [(pcm.LINEAR16, oracles.linear16), (pcm.FLOAT32, oracles.float32)]
)
@given(raw=st.binary(max_size=400))
def test_any_bytes_decode_as_their_definition_says(
    raw: bytes, encoding: int, oracle: Callable[[bytes, int], np.ndarray], channel_count: int
) -> None:
    whole = raw[: len(raw) // 8 * 8]

    samples, _ = decoded(whole, encoding, channel_count)

    np.testing.assert_allclose(samples, oracle(whole, channel_count), atol=1e-6)


def test_mulaw_expands_every_code_as_the_standard_does() -> None:
    samples, _ = decoded(bytes(range(256)), pcm.MULAW, 1)

    expected = [oracles.mulaw_code(code) for code in range(256)]
    np.testing.assert_allclose(samples, expected, atol=1e-6)


def test_mulaw_is_monotonous_and_symmetric() -> None:
    samples, _ = decoded(bytes(range(256)), pcm.MULAW, 1)

    assert samples[0x80:].max() == -samples[:0x80].min()
    assert (np.diff(samples[:0x80]) > 0).all()


@pytest.mark.parametrize("peak", [32767, -32768])
def test_samples_at_full_scale_are_counted_as_clipped(peak: int) -> None:
    raw = np.array([0, peak, 1000, peak], "<i2").tobytes()

    assert decoded(raw, pcm.LINEAR16, 1)[1] == 2


def test_floats_that_are_no_numbers_become_silence() -> None:
    raw = np.array([np.nan, np.inf, -np.inf, 1e30, 0.5], "<f4").tobytes()

    samples, _ = decoded(raw, pcm.FLOAT32, 1)

    np.testing.assert_array_equal(samples, np.array([0, 0, 0, 4, 0.5], np.float32))
