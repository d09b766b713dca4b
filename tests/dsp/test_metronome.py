from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.dsp import bursts, click_book, click_chain, click_template, metronome
from analysis_engine.dsp.bursts import GROUPS, NOTHING
from analysis_engine.dsp.click_template import ClickTemplate
from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.front_end import PEAK, analyse_frame, fill_hop, hop_is_full, make_front_end
from analysis_engine.dsp.resample import ENGINE_RATE_HZ
from analysis_engine.training.metronome import Metronome, add_metronome
from tests.oracles import clicks as oracles
from tests.tracking.sounds import notes

SECONDS = 12.0


def frames_of(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compressed bands and the peaks they are compressed against."""
    state = make_front_end()
    samples = sound.astype(np.float32)
    rows, peaks = [], []
    at = 0
    while at < samples.size:
        at += fill_hop(state, samples[at:])
        if hop_is_full(state):
            out = np.zeros(BAND_COUNT, np.float32)
            analyse_frame(state, out)
            rows.append(out)
            peaks.append(state.tracking[PEAK])
    return np.array(rows), np.array(peaks, np.float32)


@cache
def clicking(sound: str = "wood", bpm: float = 117.0, accent_every: int = 0) -> np.ndarray:
    """A metronome alone in a room with a little noise."""
    out = np.zeros(round(SECONDS * ENGINE_RATE_HZ), np.float32)
    heard = Metronome(bpm, 0.4, sound, accent_every, level=0.3)
    add_metronome(np.random.default_rng(2), out, heard, ENGINE_RATE_HZ)
    return out + 1e-4 * np.random.default_rng(3).standard_normal(out.size).astype(np.float32)


def run(sound: np.ndarray) -> tuple[metronome.MetronomeState, np.ndarray, np.ndarray, np.ndarray]:
    """The state in the end, bands before and after, and whether a metronome was followed."""
    bands, peaks = frames_of(sound)
    state = metronome.make_metronome()
    cleaned = bands.copy()
    followed = np.zeros(len(bands), bool)
    for row, peak, index in zip(cleaned, peaks, range(len(bands)), strict=True):
        metronome.step(state, row, peak)
        followed[index] = metronome.is_followed(state)
    return state, bands, cleaned, followed


def rises(bands: np.ndarray) -> np.ndarray:
    """How much each frame rose over two frames, summed over the bands."""
    return np.asarray(np.maximum(0.0, bands[2:] - bands[:-2]).sum(axis=1))


@given(seed=st.integers(0, 2**32 - 1))
def test_compression_is_undone(seed: int) -> None:
    bands = np.random.default_rng(seed).random(BAND_COUNT).astype(np.float32) * 5
    out = np.zeros(BAND_COUNT, np.float32)

    bursts.uncompress(bands, np.float32(0.3), out)

    np.testing.assert_allclose(out, 0.3 * np.expm1(bands.astype(float)), rtol=5e-3, atol=1e-5)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_burst_is_described_as_defined(seed: int) -> None:
    rng = np.random.default_rng(seed)
    state = bursts.make_bursts()
    power = 0.01 * rng.random((16, GROUPS)).astype(np.float32)
    peak = 5
    power[peak - 1 : peak + 3] += rng.random((4, GROUPS)).astype(np.float32) + 0.1
    state.power[:] = power

    at = bursts.judge(state, peak)

    energy, centre = oracles.burst_energies(power, peak)
    np.testing.assert_allclose(np.exp(state.levels), energy, rtol=1e-3)
    np.testing.assert_allclose(state.moments, centre, rtol=1e-3, atol=1e-4)
    assert at == pytest.approx(peak + (energy * centre).sum() / energy.sum(), abs=1e-3)
    assert state.energy[0] == pytest.approx(energy.sum(), rel=1e-3)


def test_what_goes_on_sounding_is_no_burst() -> None:
    state = bursts.make_bursts()
    state.power[5:] = 1.0
    assert bursts.judge(state, 5) < 0
    assert (state.levels == NOTHING).all()


def chain_of(
    times: np.ndarray, energies_db: np.ndarray | None = None, *, alone: bool = False
) -> tuple[float, click_book.Book]:
    """Enter bursts with two loud groups at these times; the period found first."""
    book = click_book.make_book()
    found = 0.0
    for number, at in enumerate(times):
        levels = np.full(GROUPS, NOTHING, np.float32)
        levels[8:10] = 2.0, 1.0
        if energies_db is not None:
            levels[8:10] += energies_db[number] * np.log(10) / 10
        peak = int(np.floor(at))
        moments = np.full(GROUPS, at - peak, np.float32)
        energy = float(np.exp(levels[8:10]).sum())
        click_book.add(book, at, peak, number, energy, levels, moments)
        found = found or click_chain.find_period(book, 0.0, alone)
    return found, book


@given(period=st.floats(20.5, 300.0), first=st.floats(0.0, 50.0), seed=st.integers(0, 2**32 - 1))
def test_an_even_chain_is_found_and_its_period_is_that_of_a_line(
    period: float, first: float, seed: int
) -> None:
    # A tenth of a millisecond: what noise in the room does to the time of a click.
    strayed = np.random.default_rng(seed).normal(0.0, 0.01, 6)
    times = first + period * np.arange(6) + strayed
    found, book = chain_of(times)
    assert found == pytest.approx(oracles.even_period(times), abs=1e-4)
    assert list(np.flatnonzero(book.equal)) == [8, 9]


@given(seed=st.integers(0, 2**32 - 1))
def test_a_hand_is_not_even_enough(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = 20.0 + 50.0 * np.arange(20) + rng.normal(0.0, 1.2, 20)
    assert chain_of(times)[0] == 0.0


@given(seed=st.integers(0, 2**32 - 1))
def test_strokes_of_unequal_strength_are_no_clicks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = 20.0 + 50.0 * np.arange(20) + rng.normal(0.0, 0.2, 20)
    energies_db = rng.normal(0.0, 4.0, 20)
    assert chain_of(times, energies_db)[0] == 0.0


def beside(others: np.ndarray, *, alone: bool = False) -> float:
    """The period found where clicks of one strength, 50 frames apart, sound among others."""
    clicks = 20.0 + 50.0 * np.arange(16)
    times = np.concatenate([clicks, others])
    energies_db = np.where(
        np.arange(times.size) < clicks.size, 0.0, np.arange(times.size) * 3 % 7 - 9
    )
    order = np.argsort(times)
    return chain_of(times[order], energies_db[order], alone=alone)[0]


@given(seed=st.integers(0, 2**32 - 1))
def test_clicks_are_found_among_the_notes_of_a_player(seed: int) -> None:
    rng = np.random.default_rng(seed)
    played = 20.0 + 37.0 * np.arange(20) + rng.uniform(-6.0, 6.0, 20)
    apart = np.abs((played - 20.0 + 25.0) % 50.0 - 25.0)
    assert beside(played[apart > 6.0]) == pytest.approx(50.0, abs=1e-3)


@given(late=st.floats(-1.5, 1.5), between=st.sampled_from([12.5, 16.66667, 37.5]))
def test_the_strokes_of_a_drum_machine_are_no_clicks_unless_all_began_as_clicks(
    late: float, between: float
) -> None:
    strokes = 20.0 + between + late + 50.0 * np.arange(15)
    assert beside(strokes) == 0.0
    assert beside(strokes, alone=True) == pytest.approx(50.0, abs=1e-3)


def test_two_equal_bursts_alone_are_a_suspicion() -> None:
    times = np.array([10.0, 70.2])
    _, book = chain_of(times)
    assert click_chain.equal_gap(book) == pytest.approx(60.2, abs=1e-3)
    _, book = chain_of(times, np.array([0.0, 3.0]))
    assert click_chain.equal_gap(book) == 0.0


def test_a_tick_and_the_next_but_one_are_a_suspicion_as_well() -> None:
    _, book = chain_of(np.array([10.0, 70.2, 130.4]), np.array([0.0, 3.0, 0.0]))
    assert click_chain.equal_gap(book) == pytest.approx(60.2, abs=1e-3)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_click_is_taken_off_as_defined(seed: int) -> None:
    rng = np.random.default_rng(seed)
    held, click, magnitudes = (rng.random((3, BAND_COUNT)) ** 3).astype(np.float32)
    blocks = np.tile(click, (click_template.BLOCKS, 1))
    blocks[2, ::2] = 0.0
    template = ClickTemplate(blocks, np.zeros(BAND_COUNT, np.float32), held)
    out, bands = magnitudes.copy(), np.zeros(BAND_COUNT, np.float32)

    click_template.take_off(template, 2, 3, np.float32(1.0), np.float32(0.5), out, bands)

    expected = oracles.without_click(magnitudes, held, click, 1.25)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)
    touched = 1.25 * click >= 0.05 * magnitudes
    np.testing.assert_allclose(bands[touched], np.log1p(expected[touched] / 0.5), atol=1e-4)
    assert (bands[~touched] == 0.0).all()


def test_a_template_falls_to_what_was_seen_and_hardly_climbs() -> None:
    template = click_template.make_template()
    template.blocks[1] = 1.0
    for seen, clicks, known in ((0.5, 0, 0.5), (0.3, 1, 0.42), (9.0, 2, 0.4326)):
        template.seen[:] = seen
        click_template.learn(template, 1, clicks)
        assert template.blocks[1] == pytest.approx(known, rel=1e-5)


@pytest.mark.parametrize("sound", ["beep", "wood", "clockwork", "hat"])
def test_a_metronome_alone_disappears_from_the_bands(sound: str) -> None:
    _, bands, cleaned, followed = run(clicking(sound))
    assert followed.argmax() < 600
    assert followed[650:].all()
    settled = slice(750, None)
    assert rises(cleaned)[settled].max() < 0.3 * rises(bands)[settled].max()


def test_the_period_is_known_to_a_tenth_of_a_percent() -> None:
    state, *_ = run(clicking("wood", 93.0))
    assert 6000.0 / state.first.numbers[metronome.PERIOD] == pytest.approx(93.0, rel=1e-3)


def test_accents_are_followed_as_well() -> None:
    state, *_ = run(clicking("beep", 190.0, accent_every=3))
    periods = sorted(
        6000.0 / each.numbers[metronome.PERIOD] for each in (state.first, state.second)
    )
    assert periods == pytest.approx([190.0 / 3, 190.0], rel=2e-3)


def test_a_note_that_starts_with_a_click_keeps_its_rise() -> None:
    clicks = clicking("wood", 120.0)
    onset_s = 0.4 + 0.5 * 18
    note = notes([onset_s], SECONDS, ENGINE_RATE_HZ, pitches=(45,), decay_s=0.6)
    _, _, cleaned, _ = run(clicks + note.astype(np.float32))
    alone, _ = frames_of(note)
    around = slice(round(100 * onset_s) - 2, round(100 * onset_s) + 8)
    assert rises(cleaned)[around].max() > 0.5 * rises(alone)[around].max()


def test_a_metronome_that_stops_is_forgotten() -> None:
    sound = clicking("wood", 150.0).copy()
    sound[6 * ENGINE_RATE_HZ :] = 0.0
    *_, followed = run(sound)
    assert followed[590]
    assert not followed[-1]
