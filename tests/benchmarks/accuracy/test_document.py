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
