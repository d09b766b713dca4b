from dataclasses import replace

import numpy as np
import pytest

from analysis_engine.training.metronome import SOUNDS, Metronome, add_metronome, draw_metronome
from analysis_engine.training.performance import draw_plan, perform

RATE_HZ = 22_050


def alone(metronome: Metronome, duration_s: float = 4.0) -> np.ndarray:
    sound = np.zeros(round(duration_s * RATE_HZ), np.float32)
    add_metronome(np.random.default_rng(3), sound, metronome, RATE_HZ)
    return sound


@pytest.mark.parametrize("speaker", [False, True])
@pytest.mark.parametrize("name", SOUNDS)
def test_every_click_of_a_metronome_is_the_same_sound(name: str, speaker: bool) -> None:
    sound = alone(Metronome(120, 0.1, name, speaker=speaker))
    # Clockwork says tick, tock: every second click is the same.
    step = RATE_HZ if name == "clockwork" else RATE_HZ // 2
    assert 0.6 < np.abs(sound).max() <= 1.0
    assert np.array_equal(sound[:step], sound[step : 2 * step])
    silent = np.abs(sound[: int(0.1 * RATE_HZ)])
    assert silent.max() == 0.0


def test_accents_come_once_a_bar() -> None:
    sound = alone(Metronome(120, 0.0, "beep", accent_every=3))
    clicks = sound.reshape(-1, RATE_HZ // 2)[:, : int(0.06 * RATE_HZ)]
    same_as_first = [np.array_equal(click, clicks[0]) for click in clicks]
    assert same_as_first == [True, False, False, True, False, False, True, False]


def test_clicks_fall_on_an_even_grid_and_clockwork_may_limp() -> None:
    even = Metronome(90, 0.2, "wood").clicks_s(9.0)
    assert np.diff(even) == pytest.approx(np.full(len(even) - 1, 60 / 90))
    assert 9.0 - 60 / 90 <= even[-1] < 9.0
    limping = Metronome(90, 0.2, "clockwork", limp_s=0.01).clicks_s(9.0)
    assert limping - even == pytest.approx([0.0, 0.01] * (len(even) // 2), abs=1e-9)


def test_half_of_the_players_follow_the_metronome() -> None:
    rng = np.random.default_rng(1)
    drawn = [draw_metronome(rng, 100.0, 0.5, 4) for _ in range(200)]
    apart_s = [abs((m.first_s - 0.5 + 0.3 / m.bpm) % (60 / m.bpm)) for m in drawn]
    assert 40 < sum(a < 0.03 for a in apart_s) < 160
    assert {m.sound for m in drawn} == set(SOUNDS)
    levels = [m.level for m in drawn]
    assert 0.1 <= min(levels) < 0.2
    assert 1.0 < max(levels) <= 1.5


def test_the_clip_of_a_player_holds_the_clicks_as_well() -> None:
    plan = draw_plan(np.random.default_rng(4), "click", "flute", 6.0, RATE_HZ)
    assert plan.metronome is not None
    with_clicks = perform(np.random.default_rng(5), plan, "click")
    without = perform(np.random.default_rng(5), replace(plan, metronome=None), "click")
    assert np.array_equal(with_clicks.onsets_s, without.onsets_s)
    assert not np.array_equal(with_clicks.audio, without.audio)


@pytest.mark.parametrize(("bpm", "sound"), [(10.0, "wood"), (100.0, "gong")])
def test_an_impossible_metronome_is_refused(bpm: float, sound: str) -> None:
    with pytest.raises(ValueError, match=r"bpm|sound"):
        Metronome(bpm, 0.0, sound)
