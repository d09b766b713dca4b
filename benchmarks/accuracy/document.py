"""Write what was measured into a page, between its markers."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MEASURED: Final = ("analysis_engine", "benchmarks")
"""Folders on which the figures depend."""


def write_section(page: Path, section: str, text: str) -> None:
    """Replace what stands between ``<!-- section -->`` and ``<!-- /section -->``.

    Raises
    ------
    ValueError
        When the page does not hold both markers, once and in this order.
    """
    before, opening, rest = page.read_text(encoding="utf-8").partition(f"<!-- {section} -->\n")
    _, closing, after = rest.partition(f"<!-- /{section} -->\n")
    if not opening or not closing:
        raise ValueError(f"{page.name} has no <!-- {section} --> … <!-- /{section} -->")
    whole = f"{before}{opening}{text.rstrip()}\n{closing}{after}"
    page.write_text(whole, encoding="utf-8")


def provenance(root: Path, command: str) -> str:
    """Say when, of which commit and how something was measured."""
    day = datetime.now(UTC).date().isoformat()
    return f"Measured on {day}{_commit(root)}, with `{command}`."


def _commit(root: Path) -> str:
    """Return the checkout's commit, and whether what is measured differs from it.

    Nothing outside of a checkout. The page itself may differ: it is being written.
    """
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return ""
    found = [
        subprocess.run(  # noqa: S603 - fixed arguments
            [git, "-C", str(root), *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()
        for arguments in (
            ("rev-parse", "--short", "HEAD"),
            ("status", "--porcelain", "--", *MEASURED),
        )
    ]
    return f", commit {found[0]}{' with changes' if found[1] else ''}"
