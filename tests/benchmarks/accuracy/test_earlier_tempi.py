from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis_engine.training.corpus import write_corpus
from benchmarks.accuracy.clips import read_corpus
from benchmarks.accuracy.earlier_tempi import compare, earlier_tempi_table, main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight clips of practice, small."""
    folder = tmp_path_factory.mktemp("corpus")
    list(write_corpus(folder, 8, 11, 20.0, 16_000))
    return folder


def test_an_earlier_session_at_the_tempo_finds_the_level(corpus: Path) -> None:
    comparison = compare(read_corpus(corpus), {"nothing": None, "the tempo": 1.0})
    untold, told = (
        sum(comparison.column(name, "A1", comparison.clips).values())
        for name in ("nothing", "the tempo")
    )
    assert told >= untold + 1
    assert told >= 0.75 * len(comparison.clips)
    assert len(earlier_tempi_table(comparison).rows) == 2


def test_the_command_prints_a_line_for_everything_said(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(corpus), "--every", "4"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in lines[-6:]] == [
        "nothing",
        "the tempo",
        "a tenth slower",
        "15 % faster",
        "40 % faster",
        "half of it",
    ]
