import subprocess
from pathlib import Path

import pytest

from benchmarks.accuracy.document import provenance, write_section

PAGE = "# Page\n\n<!-- a -->\nold\n<!-- /a -->\n\nwords\n\n<!-- b -->\nkept\n<!-- /b -->\n"


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    write_section(page, "a", "new\nlines\n\n")
    assert page.read_text(encoding="utf-8") == PAGE.replace("old\n", "new\nlines\n")
    write_section(page, "a", "old")
    assert page.read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize(
    "text", ["no markers\n", "<!-- a -->\nopen\n", "<!-- /a -->\n<!-- a -->\n"]
)
def test_a_page_without_markers_is_left_alone(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.md has no <!-- a -->"):
        write_section(page, "a", "new")
    assert page.read_text(encoding="utf-8") == text


def test_outside_of_a_checkout_there_is_no_commit_to_name(tmp_path: Path) -> None:
    assert "commit" not in provenance(tmp_path, "measure")
    assert provenance(tmp_path, "measure").endswith("with `measure`.")


def test_a_measurement_names_its_commit_and_whether_the_engine_differs_from_it(
    tmp_path: Path,
) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    engine, page = tmp_path / "analysis_engine" / "code.py", tmp_path / "docs" / "page.md"
    for path in (engine, page):
        path.parent.mkdir()
        path.write_text("old", encoding="utf-8")
    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    clean = f", commit {git('rev-parse', '--short', 'HEAD')}, with `measure`."
    page.write_text("new", encoding="utf-8")
    assert provenance(tmp_path, "measure").endswith(clean)
    engine.write_text("new", encoding="utf-8")
    assert provenance(tmp_path, "measure").endswith(clean.replace(", with", " with changes, with"))
