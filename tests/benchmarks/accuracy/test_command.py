import json
from pathlib import Path

import pytest

from analysis_engine.results import Beat, Output, StreamSummary, WindowResult, WindowState
from analysis_engine.training.corpus import write_corpus
from benchmarks.accuracy import command
from benchmarks.accuracy.answers import Answer, read_answers, write_answers
from benchmarks.accuracy.clips import pulseless_folder, read_corpus
from benchmarks.accuracy.comparison import Comparison
from benchmarks.accuracy.engine_run import answer_of_outputs, read_pcm16, run_engine
from benchmarks.accuracy.figures import save_figures

RATE_HZ = 10_000


def beat(index: int, sample: int, told: int, **more: object) -> Beat:
    return Beat(index, sample, False, 0, 0.9, 0.5, told, **more)  # type: ignore[arg-type]


def window(end_sample: int, state: WindowState, bpm: float | None) -> WindowResult:
    return WindowResult(end_sample - 40_000, end_sample, state, -20.0, 1, bpm, confidence=0.9)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    list(write_corpus(folder, 4, 5, 9.0))
    return folder


def test_a_beat_stands_where_it_was_first_told() -> None:
    outputs: list[Output] = [
        beat(0, 10_000, 9_500),
        window(20_000, WindowState.WARMING, None),
        beat(1, 20_000, 19_000),
        beat(0, 10_200, 11_000, final=True, onset_sample=10_300, offset_ms=12.5),
        window(30_000, WindowState.LOCKED, 60.0),
        window(40_000, WindowState.LOST, 61.0),
        StreamSummary(4.0, 4.0, 1.0, 0.25, 2, accuracy=88.0, timing_sd_ms=7.0),
    ]
    answer = answer_of_outputs("x", outputs, RATE_HZ)
    assert answer.beats_s == (1.0, 2.0)
    assert answer.reported_s == (0.95, 1.9)
    assert answer.settled_s == (1.03, 2.0)
    assert answer.deviations == ((1.03, 12.5),)
    assert answer.windows == ((3.0, 60.0),)
    assert answer.confidences == (0.9,)
    assert [state for _, state in answer.window_states] == ["warming", "locked", "lost"]
    assert (answer.accuracy, answer.timing_sd_ms) == (88.0, 7.0)


def test_result_lines_survive_writing_and_reading(tmp_path: Path) -> None:
    answer = Answer(
        clip="x",
        beats_s=(1.0,),
        reported_s=(1.01,),
        settled_s=(0.99,),
        windows=((2.0, 90.0), (2.5, 91.0)),
        confidences=(0.75, 0.5),
        window_states=((2.0, "locked"),),
        deviations=((1.0, -3.0),),
        cpu_s=0.1,
        timing_sd_ms=5.0,
        accuracy=80.0,
    )
    write_answers(tmp_path / "a.jsonl", [answer, Answer("empty")])
    assert read_answers(tmp_path / "a.jsonl") == {"x": answer, "empty": Answer("empty")}
    first = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["windows"][0] == {"t": 2.0, "bpm": 90.0, "confidence": 0.75}


def test_a_corpus_is_read_with_its_truth(corpus: Path) -> None:
    clips = read_corpus(corpus)
    assert [clip.scenario for clip in clips] == ["steady", "jit10", "jit20", "jit40"]
    data, rate_hz, channel_count = read_pcm16(clips[0].path)
    assert len(data) == 2 * channel_count * round(clips[0].duration_s * rate_hz)
    assert clips[0].has_pulse


def test_files_of_a_folder_have_no_pulse(corpus: Path, tmp_path: Path) -> None:
    assert not any(clip.has_pulse for clip in pulseless_folder(corpus / "audio"))
    with pytest.raises(FileNotFoundError):
        pulseless_folder(tmp_path)


def test_the_engine_answers_causally(corpus: Path) -> None:
    clip = read_corpus(corpus)[0]
    answer = run_engine(clip, with_target=True)
    ends_s = [at_s for at_s, _ in answer.window_states]
    assert ends_s == sorted(ends_s)
    assert len(ends_s) >= 2 * int(clip.duration_s) - 1
    assert answer.beats_s
    assert all(told_s <= clip.duration_s for told_s in answer.reported_s)
    assert list(answer.reported_s) == sorted(answer.reported_s)
    assert answer.cpu_s is not None
    assert answer.cpu_s > 0


def test_the_command_prints_tables_and_writes_json(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "OUT", tmp_path)
    peers = tmp_path / "peers"
    clips = read_corpus(corpus)
    write_answers(peers / "perfect_hint.jsonl", [Answer(c.name, tuple(c.beats_s)) for c in clips])
    command.main(
        [str(corpus), "--jobs", "1", "--no-others", "--peers", str(peers), "--json",
         str(tmp_path / "figures.json"), "--no-pulse", str(corpus / "audio")]
    )  # fmt: skip
    report = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    told = report["modes"]["with target"]
    assert told["perfect_hint"][clips[0].name]["F"] == pytest.approx(1.0)
    assert set(report["modes"]["no target"]) == {"practice"}
    assert {clip.name for clip in clips} <= set(told["practice"])
    titles = [table["title"] for table in report["tables"]["With target"]]
    assert titles[:2] == ["Beats and tempo, by motion", "Ahead of the best causal peer"]
    assert "Without each part" not in titles
    printed = capsys.readouterr()
    assert "### With target" in printed.out
    assert "perfect_hint" in printed.out
    assert "#### LOCKED without a pulse" in printed.out
    assert "whole engine, with target: 8 clips" in printed.err
    kept = read_answers(tmp_path / "practice_hint.jsonl")
    assert len(kept[clips[0].name].confidences) == len(kept[clips[0].name].windows)
    pictures = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert pictures == ["accuracy-beats.svg", "accuracy-recovery.svg", "accuracy-reliability.svg"]


def test_one_command_writes_a_section_of_the_page_ablations_included(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "accuracy.md"
    markers = [f"<!-- {name} -->\nold\n<!-- /{name} -->\n" for name in command.SECTIONS]
    page.write_text("".join(markers), encoding="utf-8")
    monkeypatch.setattr(command, "OUT", tmp_path / "out")
    monkeypatch.setattr(command, "PAGE", page)
    command.main(
        [str(corpus), "--jobs", "1", "--no-others", "--every", "4", "--write-docs", "generated"]
    )
    text = page.read_text(encoding="utf-8")
    assert text.endswith(markers[1])
    shown = "`python -m benchmarks.accuracy corpus0 --every 4 --write-docs generated`"
    assert shown.replace("corpus0", corpus.name) in text
    assert str(tmp_path) not in text
    for heading in ("### Goals", "### No target", "#### Confidence", "#### Without each part"):
        assert heading in text, heading
    assert "![generated-recovery](figures/generated-recovery.svg)" in text
    assert (tmp_path / "figures" / "generated-recovery.svg").is_file()


def test_the_page_has_a_place_for_every_section() -> None:
    page = command.PAGE.read_text(encoding="utf-8")
    for section in command.SECTIONS:
        assert page.count(f"<!-- {section} -->\n") == 1
        assert page.count(f"<!-- /{section} -->\n") == 1


def test_the_same_answers_give_the_same_pictures(corpus: Path, tmp_path: Path) -> None:
    clips = read_corpus(corpus)
    answers = {"practice": {c.name: Answer(c.name, tuple(c.beats_s)) for c in clips}}
    told = Comparison("with target", True, clips, answers)
    first, second = (save_figures([told], tmp_path / name, "x") for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_without_a_pulse_a_target_is_set_all_the_same(corpus: Path) -> None:
    silent = pulseless_folder(corpus / "audio")[0]
    told, free = (run_engine(silent, with_target=with_target) for with_target in (True, False))
    assert told.beats_s != free.beats_s
